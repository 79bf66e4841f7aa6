"""The speaker's notes in a window of their own, on the other screen if there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from PySide6.QtCore import QPoint, QRect, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QStyle, QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.engine.lessons.lesson import Lesson
from workbench.views.lessons.large_words import LargeWords
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.theme import MUTED

#: Share of a screen that the window takes where it has one to itself, and where it has not.
_ALONE, _BESIDE = 0.8, 0.45
_BAR = QStyle.PixelMetric.PM_TitleBarHeight


class HasGeometry(Protocol):
    """A screen, as far as it matters here."""

    def availableGeometry(self) -> QRect:
        """Where windows may be."""


S = TypeVar("S", bound=HasGeometry)


def screen_for_notes(screens: Sequence[S], stage: S) -> S:
    """The first screen that is not the one with the stage; that one if there is no other."""
    return next((screen for screen in screens if screen is not stage), stage)


def place_for_notes(screens: Sequence[S], stage: S, bar: int = 0) -> QRect:
    """Where the window opens: in the middle of the other screen, or in a corner of the only one.

    ``bar`` is the height of a window's title bar, which takes room as well.
    """
    screen = screen_for_notes(screens, stage)
    room = screen.availableGeometry()
    share = _BESIDE if screen is stage else _ALONE
    place = QRect(0, 0, round(share * room.width()), round(share * room.height()))
    if screen is stage:
        place.moveBottomRight(room.bottomRight() - QPoint(0, bar))
    else:
        place.moveCenter(room.center())
    return place


class NotesWindow(Box):
    """Follows the scene on the stage, which keeps the keyboard. Escape closes it; ``keys`` takes all other keys."""

    def __init__(self, desk: LessonDesk, parent: QWidget, keys: Callable[[QKeyEvent], None]) -> None:
        super().__init__(parent, margins=(4, 3, 4, 3), spacing=3)
        self.setWindowFlag(Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._keys = keys
        self.setWindowTitle("Speaker's notes")
        self._desk = desk
        self.title = LargeWords(1.0, self, bold=True)
        self.question = Words(parent=self)
        self.notes = Notes()
        self.following = Words(parent=self, tone=MUTED)
        for part in (self.title, self.question):
            self.add(part)
        self.add(scrolled(self.notes, "Speaker's notes"), 1)
        self.add(self.following)
        desk.began.connect(self.refresh)
        self.refresh()

    def open_beside(self, stage: QWidget) -> None:
        """Show it on the screen that the stage is not on; beside the stage it leaves out what stands there."""
        screens, here = QGuiApplication.screens(), stage.screen()
        self.question.setVisible(screen_for_notes(screens, here) is not here)
        self.setGeometry(place_for_notes(screens, here, self.style().pixelMetric(_BAR)))
        self.show()
        self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            self._keys(event)

    @Slot()
    @Slot(object)
    def refresh(self, _scene: Lesson | None = None) -> None:
        """Show the notes of the scene on the stage."""
        lesson, following = self._desk.lesson, self._desk.neighbour(1)
        self.title.setText(f"Scene {lesson.number}: {lesson.title}" if lesson is not None else "")
        self.question.setText(lesson.question if lesson is not None else "")
        self.notes.show_lesson(lesson)
        ahead = (
            f"Next: scene {following.number}, {following.title}" if following is not None else "This is the last one."
        )
        self.following.setText(ahead)


class Notes(Box):
    """The speaker's notes of a lesson, a paragraph each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(1, 1, 1, 1), spacing=2)
        self.words = Words(parent=self)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.add(self.words)
        self.box.addStretch(1)

    def show_lesson(self, lesson: Lesson | None) -> None:
        """Show the notes of a lesson."""
        self.words.setText("\n\n".join(lesson.paragraphs) if lesson is not None else "")
