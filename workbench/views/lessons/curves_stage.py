"""The stage of a lesson without a playground: the picture of what is measured, and controls and table beside it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.views.lessons.controls_box import ControlsBox
from workbench.views.lessons.picture_view import PictureView
from workbench.views.lessons.sketch_plot import SketchPlot
from workbench.views.widgets.basics import Box
from workbench.views.widgets.scrolled import scrolled

_EMPTY = "The curves appear here when the scene is played."


class CurvesStage(Box):
    """Follows the desk's player."""

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, horizontal=True)
        self._desk = desk
        self.picture = PictureView(_EMPTY, self)
        self.sketch = SketchPlot(desk.predictions, self.picture)
        self.sketch.hide()
        inside = Box(margins=(1, 1, 1, 1), spacing=4)
        self.controls = ControlsBox(desk)
        inside.add(self.controls)
        inside.add(self.picture.table)
        inside.box.addStretch(1)
        self._side = scrolled(inside, "Controls and table of the scene", 60)
        self.add(self.picture, 3)
        self.add(self._side, 1)
        self.setFocusProxy(self.picture)
        desk.changed.connect(self._on_changed)
        desk.predictions.changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        scene, predictions = self._desk.scene, self._desk.predictions
        picture = predictions.over(self._desk.player.picture)
        self.picture.set_before(self.sketch if predictions.has_sketch else None)
        self.picture.show_picture(picture, scene.band if scene is not None else None)
        has_table = picture is not None and picture.table is not None
        self._side.setVisible(has_table or (scene is not None and bool(scene.controls)))
