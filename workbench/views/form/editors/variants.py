"""An ordered list of a family's members, with buttons to add, move and remove them; each shows its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from workbench.engine.catalog.averages import Average
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.settings import Setting
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import Problem
from workbench.views.form.editors.base import Editor, SettingRef
from workbench.views.widgets.basics import Box, Words, drop, plain_tip
from workbench.views.widgets.collapsible_header import CollapsibleHeader, SmallButton
from workbench.views.widgets.theme import ERROR, MUTED, WARNING

#: Families whose members may be in a list only once.
ONCE: tuple[type[Variant], ...] = (Regularizer, Average)
_OPEN_AT_FIRST = 2  # a longer list starts closed, or it would fill the column


class Item(Box):
    """One member in the list. It emits ``moved`` and ``removed``; the list editor changes the list."""

    moved = Signal(int, int)  #: index, by how much
    removed = Signal(int)

    def __init__(self, ref: SettingRef, cls: type[Variant], index: int, last: bool, parent: QWidget) -> None:
        super().__init__(parent, spacing=0)
        self.cls = cls
        self._place = ref
        self._index = index
        head = Box(self, spacing=0, horizontal=True)
        self.head = CollapsibleHeader(cls.title, head, height=6, bold=False)
        self.head.toggled.connect(self._on_toggled)
        self.up = SmallButton("up", f"Move {cls.title} up", head)
        self.down = SmallButton("down", f"Move {cls.title} down", head)
        self.remove = SmallButton("remove", f"Remove {cls.title}", head)
        self.up.setEnabled(index > 0)
        self.down.setEnabled(not last)
        self.up.clicked.connect(self._on_up)
        self.down.clicked.connect(self._on_down)
        self.remove.clicked.connect(self._on_remove)
        for widget, stretch in ((self.head, 1), (self.up, 0), (self.down, 0), (self.remove, 0)):
            head.add(widget, stretch)
        self._words = Words(parent=self, tone=ERROR)
        self.form: Any = None
        self.add(head)
        self.add(self._words)
        self._words.say("")

    def refresh(self) -> None:
        """Show the member's values and what is wrong with it."""
        value = self._place.value
        self.head.say(value.brief())
        if self.form is not None:
            self.form.refresh()

    def show_problems(self, problems: list[Problem]) -> None:
        """Show the problems of this member as a whole."""
        wrong = any(problem.severity == "error" for problem in problems)
        self._words.setForegroundRole(ERROR if wrong else WARNING)
        self._words.say("\n".join(f"{self.cls.title} {problem.message}." for problem in problems))

    @Slot(bool)
    def _on_toggled(self, opened: bool) -> None:
        if opened and self.form is None:
            from workbench.views.form.fields import Fields  # a form holds editors, and this editor holds forms

            self.form = Fields(self._place, self.cls, self)
            self.add(self.form)
        if self.form is not None:
            self.form.setVisible(opened)

    @Slot()
    def _on_up(self) -> None:
        self.moved.emit(self._index, -1)

    @Slot()
    def _on_down(self) -> None:
        self.moved.emit(self._index, 1)

    @Slot()
    def _on_remove(self) -> None:
        self.removed.emit(self._index)


class VariantsEditor(Editor):
    """The list, and a button that adds to it. Items are rebuilt only when the members or their order change."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self._base = cast("type[Variant]", setting.base)
        self.button = QPushButton("Add…", row)
        self.menu = QMenu(self.button)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.menu.triggered.connect(self._on_add)
        self.button.setMenu(self.menu)
        self.name(self.button, "add")
        self.main = self.beside = self.button
        self._below = Box(row, spacing=1)
        self._empty = Words("None.", self._below, MUTED)
        self._below.add(self._empty)
        self.nested = self._below
        self._items: list[Item] = []

    def items(self) -> list[Item]:
        """The items that are shown, in order."""
        return list(self._items)

    def forms(self) -> Iterator[Any]:
        return (item.form for item in self._items if item.form is not None)

    def refresh(self) -> None:
        members: tuple[Variant, ...] = self.ref.value
        if [type(member) for member in members] != [item.cls for item in self._items]:
            self._rebuild([type(member) for member in members])
        for item in self._items:
            item.refresh()
        self._empty.setVisible(not members)

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Show the problems of each item."""
        for index, item in enumerate(self._items):
            path = self.ref.child(index).path
            item.show_problems([problem for problem in problems if problem.path == path])

    def _rebuild(self, classes: list[type[Variant]]) -> None:
        opened = [(item.cls, item.head.isChecked()) for item in self._items]
        for item in self._items:
            drop(item)
        self._items = []
        for index, cls in enumerate(classes):
            item = Item(self.ref.child(index), cls, index, index == len(classes) - 1, self._below)
            item.moved.connect(self._on_moved)
            item.removed.connect(self._on_removed)
            self._below.add(item)
            self._items.append(item)
            item.head.setChecked(_was_open(cls, opened, len(classes)))

    @Slot()
    def _fill(self) -> None:
        self.menu.clear()
        present = {item.cls for item in self._items}
        for kind, member in members_of(self._base).items():
            # The summary is beside the title, as in the lists of one choice: "Polyak" finds the moving average.
            action = self.menu.addAction(f"{member.title} – {member.summary}".replace("&", "&&"))
            action.setData(kind)
            action.setToolTip(plain_tip(member.summary))
            action.setEnabled(not (issubclass(self._base, ONCE) and member in present))

    @Slot(QAction)
    def _on_add(self, action: QAction) -> None:
        self.ref.store.add(self.ref.path, action.data())
        self._items[-1].head.setChecked(True)
        self._items[-1].head.setFocus()

    @Slot(int, int)
    def _on_moved(self, index: int, by: int) -> None:
        members = list(self.ref.value)
        members.insert(index + by, members.pop(index))
        self.submit(tuple(members))
        item = self._items[index + by]
        wanted, other = (item.up, item.down) if by < 0 else (item.down, item.up)
        (wanted if wanted.isEnabled() else other).setFocus()

    @Slot(int)
    def _on_removed(self, index: int) -> None:
        members = self.ref.value
        self.submit((*members[:index], *members[index + 1 :]))
        self.button.setFocus()


def _was_open(cls: type[Variant], opened: list[tuple[type[Variant], bool]], count: int) -> bool:
    """Whether a member's settings were open before; each old item counts once."""
    for entry in opened:
        if entry[0] is cls:
            opened.remove(entry)
            return entry[1]
    return count <= _OPEN_AT_FIRST and bool(cls.model_fields)
