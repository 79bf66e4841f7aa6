"""The list of scenes by number; those beyond the lecture are marked, and files that are no lesson are named below."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QStyleOptionViewItem, QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.engine.lessons.lesson import Lesson
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.row_delegate import RowDelegate, wrapped_height
from workbench.views.widgets.theme import ERROR, rhythm

_NUMBER: Final = Qt.ItemDataRole.UserRole
_PLAY: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_HINT = (
    "Enter or Space plays the scene. Anywhere on this page the keys 1–9 play a scene; digits within a second "
    "make one number (1, then 2: scene 12)."
)


class LessonList(Box):
    """Tells what is chosen; ``wanted`` asks to play it."""

    chosen = Signal(int)
    wanted = Signal(int)

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._desk = desk
        self.list = _List()
        self.list.setAccessibleName("Scenes")
        self.list.setToolTip(plain_tip(_HINT))
        self.list.setWordWrap(True)
        self.list.setItemDelegate(_WrappedRow(self.list))
        self.list.setSpacing(rhythm(self, 0.5))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.problems = Words(parent=self, tone=ERROR)
        self.problems.setAccessibleName("Files that are no lesson")
        self.add(self.list, 1)
        self.add(self.problems)
        self.list.currentItemChanged.connect(self._on_current)
        self.list.itemDoubleClicked.connect(self._on_wanted)
        self.list.entered_by_key.connect(self._on_wanted)
        desk.began.connect(self._on_began)
        self._fill()

    def _fill(self) -> None:
        for lesson in self._desk.lessons:
            item = QListWidgetItem(f"{lesson.number}  {lesson.title}{_mark(lesson)}")
            item.setData(_NUMBER, lesson.number)
            item.setToolTip(plain_tip(f"{lesson.question}\n{_HINT}"))
            self.list.addItem(item)
        self.problems.say("\n".join(f"Not a lesson: {problem}" for problem in self._desk.problems))

    @Slot(object)
    def _on_began(self, _scene: Lesson) -> None:
        lesson = self._desk.lesson
        for row in range(self.list.count()):
            item = self.list.item(row)
            if lesson is not None and item is not None and item.data(_NUMBER) == lesson.number:
                with QSignalBlocker(self.list):
                    self.list.setCurrentItem(item)
                self.list.scrollToItem(item)

    @Slot()
    def _on_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.chosen.emit(int(item.data(_NUMBER)))

    @Slot(QListWidgetItem)
    def _on_wanted(self, item: QListWidgetItem) -> None:
        self.wanted.emit(int(item.data(_NUMBER)))


def _mark(lesson: Lesson) -> str:
    return " (beyond the lecture)" if lesson.is_beyond_the_lecture else ""


class _WrappedRow(RowDelegate):
    """As high as its title needs. Qt (6.11) asks for the height in one width and paints in another: titles that fit
    only the wider one were cut.
    """

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        view = self.parent()
        assert isinstance(view, QListView)
        width = view.viewport().width() - 2 * view.spacing()
        return QSize(width, wrapped_height(view, str(index.data() or ""), width))


class _List(QListWidget):
    """Plays with Enter and Space. Digits are left to the page: no item begins with a letter that could be typed."""

    entered_by_key = Signal(QListWidgetItem)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in _PLAY and item is not None:
            self.entered_by_key.emit(item)
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)
