"""The list of scenes by number; those beyond the lecture are marked, and files that are no lesson are named below."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.engine.lessons.lesson import Lesson
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.menu import is_menu_key, key_name
from workbench.views.widgets.row_delegate import RowDelegate, wrapped_height
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

_NUMBER: Final = Qt.ItemDataRole.UserRole
_PLAY: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
#: Keys of the list and their actions.
KEYS: Final = {
    "Alt+Up": "up",
    "Alt+Down": "down",
    "F2": "words",
    "Del": "remove",
    "Ctrl+Z": "undo",
    "Ctrl+Y": "redo",
    "Ctrl+Shift+Z": "redo",
}
_EMPTY: Final = (
    "This plan has no scenes yet.\n\nAdd runs: on the Train page Run ▸ Make this run a scene, on the Runs page the "
    "menu of a run. Add a race: the Race tab. Or open another plan above."
)
_HINT = (
    "Enter or Space plays the scene. Anywhere on this page the keys 1–9 play a scene; digits within a second "
    "make one number (1, then 2: scene 12). Drag a scene, or Alt+Up and Alt+Down, to arrange the plan."
)


class LessonList(Box):
    """Tells what is chosen; ``wanted`` asks to play it."""

    chosen = Signal(int)
    wanted = Signal(int)
    asked = Signal(str)  #: what is to be done with the scene: the name of an entry of the plan's menu
    menu_wanted = Signal(QPoint)  #: the place on the screen

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._desk = desk
        self._rows: list[tuple[int, str, str]] | None = None
        self.list = _List()
        self.list.setAccessibleName("Scenes")
        self.list.setToolTip(plain_tip(_HINT))
        self.list.setWordWrap(True)
        self.list.setItemDelegate(_WrappedRow(self.list))
        self.list.setSpacing(rhythm(self, 0.5))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = Words(_EMPTY, self, MUTED)
        self.problems = Words(parent=self, tone=ERROR)
        self.problems.setAccessibleName("Files that are no lesson")
        self.add(self.list, 1)
        self.add(self.empty, 1)
        self.add(self.problems)
        self.list.currentItemChanged.connect(self._on_current)
        self.list.itemDoubleClicked.connect(self._on_wanted)
        self.list.entered_by_key.connect(self._on_wanted)
        self.list.asked.connect(self.asked)
        self.list.moved.connect(desk.plans.move)
        self.list.menu_wanted.connect(self.menu_wanted)
        desk.began.connect(self._on_began)
        desk.listed.connect(self.fill)
        self.fill()

    @Slot()
    def fill(self) -> None:
        """Show the scenes of the plan as they are now."""
        rows = [(lesson.number, *self._row(lesson)) for lesson in self._desk.lessons]
        if rows == self._rows:
            return
        self._rows = rows
        with QSignalBlocker(self.list):
            self.list.clear()
            for number, text, tip in rows:
                item = QListWidgetItem(text)
                item.setData(_NUMBER, number)
                item.setToolTip(tip)
                self.list.addItem(item)
        self.list.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self._on_began()
        self.problems.say("\n".join(f"Not a lesson: {problem}" for problem in self._desk.problems))

    def _row(self, lesson: Lesson) -> tuple[str, str]:
        return f"{lesson.number}  {lesson.title}{_mark(lesson)}", plain_tip(f"{lesson.question}\n{_HINT}")

    @Slot(object)
    def _on_began(self, _scene: Lesson | None = None) -> None:
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
    if lesson.is_own:
        return " (own)"
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
    asked = Signal(str)
    moved = Signal(int, int)  #: the rows from which, and to which, a scene was dragged
    menu_wanted = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)

    def event(self, event: QEvent) -> bool:
        """The keys that arrange are not the window's while the focus is here."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if key_name(event) in KEYS:
                event.accept()
                return True
        return bool(super().event(event))

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        self.menu_wanted.emit(self.viewport().mapToGlobal(place))

    def dropEvent(self, event: QDropEvent) -> None:
        """The plan is changed, and the list then shows it."""
        item, row = self.itemAt(event.position().toPoint()), self.currentRow()
        to = self.row(item) if item is not None else self.count() - 1
        if item is not None and self.dropIndicatorPosition() is QAbstractItemView.DropIndicatorPosition.BelowItem:
            to += 1
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        self.moved.emit(row, to - (to > row) if item is not None else to)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if key_name(event) in KEYS:
            self.asked.emit(KEYS[key_name(event)])
            return
        if is_menu_key(event):
            self._on_menu(self.visualItemRect(item).bottomLeft() if item is not None else QPoint())
            return
        if event.key() in _PLAY and item is not None:
            self.entered_by_key.emit(item)
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)
