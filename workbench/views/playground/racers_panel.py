"""The list of racers: each with its line, its settings to unfold, and buttons to copy and remove it."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import Problem
from workbench.engine.core.text import short
from workbench.engine.playground.spec import MOST_RACERS, racer_names, why_not
from workbench.views.form.editors import SettingRef
from workbench.views.form.fields import Fields, show_notes
from workbench.views.playground.racer_style import LineSample
from workbench.views.widgets.basics import Box, Words, drop, plain_tip
from workbench.views.widgets.collapsible_header import CollapsibleHeader, SmallButton
from workbench.views.widgets.theme import ERROR

_OPTIMIZERS: Final[dict[str, type[Optimizer]]] = dict(members_of(Optimizer))  # type: ignore[type-abstract]


class RacerItem(Box):
    """One racer. It only tells what is clicked."""

    removed = Signal(int)
    copied = Signal(int)
    chosen = Signal(int)

    def __init__(self, ref: SettingRef, cls: type[Optimizer], index: int, name: str, parent: QWidget) -> None:
        super().__init__(parent, spacing=0)
        self.cls, self.name = cls, name
        self._ref, self._index = ref, index
        line = Box(self, spacing=0.5, horizontal=True)
        self.head = CollapsibleHeader(name, line, height=6, bold=False)
        self.head.toggled.connect(self._on_toggled)
        self.copy = SmallButton("copy", f"Add another {cls.title} with these settings", line)
        self.remove = SmallButton("remove", f"Remove {name}", line)
        self.copy.clicked.connect(lambda: self.copied.emit(self._index))
        self.remove.clicked.connect(lambda: self.removed.emit(self._index))
        for widget in (LineSample(index, line), self.head, self.copy, self.remove):
            line.add(widget, 1 if widget is self.head else 0)
        self._words = Words(parent=self, tone=ERROR)
        self._words.say("")
        self.fields: Fields | None = None
        self.add(line)
        self.add(self._words)

    def refresh(self, problems: tuple[Problem, ...]) -> None:
        """Show the racer's values and what is wrong with it."""
        value = self._ref.value
        self.head.say(short(value.lr, 3))
        own = [p.message for p in problems if p.path == self._ref.path]
        self._words.say("\n".join(own))
        if self.fields is not None:
            self.fields.refresh()
            show_notes(self.fields.rows(), problems)

    @Slot(bool)
    def _on_toggled(self, opened: bool) -> None:
        if opened and self.fields is None:
            self.fields = Fields(self._ref, self.cls, self)
            self.add(self.fields)
        if self.fields is not None:
            self.fields.setVisible(opened)
        if opened:
            self.chosen.emit(self._index)


class RacersPanel(Box):
    """All racers, and a button that adds one of the catalog. Items are rebuilt only when the racers are others."""

    chosen = Signal(int)  #: a racer was unfolded or added

    def __init__(self, desk: PlaygroundDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0.5)
        self._desk = desk
        self.items: list[RacerItem] = []
        self._list = Box(self, spacing=0)
        self.button = QPushButton("&Add an optimizer…", self)
        self.menu = QMenu(self.button)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.menu.triggered.connect(self._on_add)
        self.button.setMenu(self.menu)
        self.problem = Words(parent=self, tone=ERROR)
        for widget in (self._list, self.problem, self.button):
            self.add(widget)
        desk.store.changed.connect(self.refresh)
        desk.store.errors_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    @Slot(object)
    def refresh(self, _spec: Any = None) -> None:
        """Show the store's racers."""
        racers, problems = self._desk.spec.racers, self._desk.store.problems()
        if [type(racer) for racer in racers] != [item.cls for item in self.items]:
            self._rebuild([type(racer) for racer in racers])
        for item in self.items:
            item.refresh(problems)
        self.problem.say("\n".join(p.message for p in problems if p.path == "racers"))
        full = len(racers) >= MOST_RACERS
        self.button.setEnabled(not full)
        self.button.setToolTip(plain_tip(f"At most {MOST_RACERS} optimizers can race." if full else ""))

    def _rebuild(self, classes: list[type[Optimizer]]) -> None:
        opened = [item.cls for item in self.items if item.head.isChecked()]
        for item in self.items:
            drop(item)
        names = racer_names([cls.title for cls in classes])
        self.items = [
            self._item(cls, index, name) for index, (cls, name) in enumerate(zip(classes, names, strict=True))
        ]
        for item in self.items:
            if item.cls in opened:
                opened.remove(item.cls)
                item.head.setChecked(True)

    def _item(self, cls: type[Optimizer], index: int, name: str) -> RacerItem:
        item = RacerItem(SettingRef(self._desk.store, f"racers.{index}"), cls, index, name, self._list)
        item.removed.connect(self._on_removed)
        item.copied.connect(self._on_copied)
        item.chosen.connect(self.chosen)
        self._list.add(item)
        return item

    @Slot()
    def _fill(self) -> None:
        self.menu.clear()
        noisy = self._desk.spec.noise > 0
        for kind, cls in _OPTIMIZERS.items():
            reason = why_not(cls, noisy=noisy)
            action = self.menu.addAction(f"{cls.title} – {reason or cls.summary}".replace("&", "&&"))
            action.setData(kind)
            action.setToolTip(plain_tip(reason or cls.summary))
            action.setEnabled(not reason)

    @Slot(QAction)
    def _on_add(self, action: QAction) -> None:
        self._desk.store.add("racers", action.data())
        self._to_new(len(self.items) - 1)

    @Slot(int)
    def _on_copied(self, index: int) -> None:
        racers = self._desk.spec.racers
        self._desk.store.edit("racers", (*racers[: index + 1], racers[index], *racers[index + 1 :]))
        self._to_new(index + 1)

    def _to_new(self, index: int) -> None:
        self.items[index].head.setFocus()
        self.chosen.emit(index)

    @Slot(int)
    def _on_removed(self, index: int) -> None:
        racers = self._desk.spec.racers
        self._desk.store.edit("racers", (*racers[:index], *racers[index + 1 :]))
        self.button.setFocus()
