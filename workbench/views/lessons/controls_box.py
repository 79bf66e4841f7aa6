"""The settings that a lesson names, and no others: what the audience may change."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.bridge.settings_store import SettingsStore
from workbench.bridge.spec_shape import has_field, shape_of
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.lessons.racing import names
from workbench.views.form.editors import SettingRef
from workbench.views.form.fields import Fields, rows_below, show_notes
from workbench.views.form.row import Row
from workbench.views.playground.racer_style import LineSample
from workbench.views.widgets.basics import Box, Words, drop
from workbench.views.widgets.theme import rhythm

_PLAYGROUND: Final = "playground."
#: The least width of a column of settings, in quarters of a line.
_COLUMN: Final = 42


class ControlsBox(Box):
    """Rows for the chosen lesson's ``controls``, below the name of the optimizer that they belong to."""

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self._desk = desk
        self._groups: list[Box] = []
        self._grid = QGridLayout()
        self.box.addLayout(self._grid)
        self.rows: list[Row] = []
        self._shape: Any = None
        desk.changed.connect(self.refresh)
        desk.playground.store.errors_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the values on the stage."""
        if self._desk.is_beginning:
            return
        paths = self._desk.lesson.controls if self._desk.lesson is not None else ()
        shape = [(ref.path, _shape_of_owner(ref)) for ref in self._refs(paths)]
        if shape != self._shape:
            self._shape = shape
            self._rebuild(paths)
        for row in self.rows:
            row.refresh()
        show_notes(rows_below(self.rows), self._desk.playground.store.problems())

    def _refs(self, paths: tuple[str, ...]) -> Iterator[SettingRef]:
        """The settings that the scene on the stage has; a counter-example may lack some."""
        for path in paths:
            of_race = path.startswith(_PLAYGROUND)
            store: SettingsStore[Any] | None = self._desk.playground.store if of_race else self._desk.settings
            place = path.removeprefix(_PLAYGROUND)
            if store is not None and has_field(store.spec, place):
                yield SettingRef(store, place)

    def _rebuild(self, paths: tuple[str, ...]) -> None:
        for group in self._groups:
            drop(group)
        self._groups, self.rows = [], []
        for racer, refs in groupby(sorted(self._refs(paths), key=_racer), key=_racer):
            group = Box(self, spacing=2)
            if racer >= 0:
                group.add(self._head(racer, group))
            for ref in refs:
                self._add(ref, group)
            group.box.addStretch(1)
            self._groups.append(group)
        self._place()

    def _head(self, racer: int, parent: QWidget) -> QWidget:
        line = Box(parent, horizontal=True)
        called = names(self._desk.playground.spec)
        line.add(LineSample(racer, line))
        line.add(Words(called[racer], line), 1)
        return line

    def _add(self, ref: SettingRef, group: Box) -> None:
        value = ref.value
        if isinstance(value, Optimizer) and ref.path.rpartition(".")[2].isdecimal():
            fields = Fields(ref, type(value), group)
            group.add(fields)
            self.rows += fields.rows()
            return
        row = Row(ref, ref.store.setting_at(ref.path), True, group)
        group.add(row)
        self.rows.append(row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """The groups in as many columns as there is room for."""
        columns = max(1, min(self.width() // rhythm(self, _COLUMN), len(self._groups)))
        for place, group in enumerate(self._groups):
            self._grid.addWidget(group, place // columns, place % columns)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._grid.setHorizontalSpacing(rhythm(self, 3))
        self._grid.setVerticalSpacing(rhythm(self, 2))


def _shape_of_owner(ref: SettingRef) -> Any:
    """What the row of a setting depends on: the kind of its owner, and its own if that is shown whole."""
    owner = ref.path.rpartition(".")[0]
    return shape_of(ref.store.spec.at(owner)) if owner else None, shape_of(ref.value)


def _racer(ref: SettingRef) -> int:
    """The number of the racer that a setting belongs to; −1 for others."""
    parts = ref.path.split(".")
    return int(parts[1]) if parts[0] == "racers" and len(parts) > 1 else -1
