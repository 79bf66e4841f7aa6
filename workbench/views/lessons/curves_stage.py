"""The stage of a lesson without a playground: the picture of what is measured, and the controls beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.engine.lessons.lesson import Lesson
from workbench.views.lessons.controls_box import ControlsBox
from workbench.views.lessons.picture_view import PictureView
from workbench.views.widgets.basics import Box
from workbench.views.widgets.scrolled import scrolled

_EMPTY = "The curves appear here when the scene is played."


class CurvesStage(Box):
    """Follows the desk's player."""

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, horizontal=True)
        self._desk = desk
        self.picture = PictureView(_EMPTY, self)
        inside = Box(margins=(1, 1, 1, 1))
        self.controls = ControlsBox(desk)
        inside.add(self.controls)
        inside.box.addStretch(1)
        self._controls = scrolled(inside, "Controls of the scene", 60)
        self.add(self.picture, 3)
        self.add(self._controls, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Curves of the scene")
        desk.began.connect(self._on_began)
        desk.changed.connect(self._on_changed)

    @Slot(object)
    def _on_began(self, lesson: Lesson) -> None:
        self._controls.setVisible(bool(lesson.controls))

    @Slot()
    def _on_changed(self) -> None:
        scene = self._desk.scene
        self.picture.show_picture(self._desk.player.picture, scene.band if scene is not None else None)
