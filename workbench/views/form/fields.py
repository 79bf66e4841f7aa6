"""The rows of one section or variant. They connect to no signals: the outermost form calls ``refresh``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel
from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.settings import Setting
from workbench.engine.core.errors import Problem
from workbench.views.form.editors import SettingRef
from workbench.views.form.row import Row
from workbench.views.widgets.basics import Box


class Fields(Box):
    """One row for each setting of a class that the store shows, in declared order."""

    def __init__(self, ref: SettingRef, cls: type[BaseModel], parent: QWidget) -> None:
        super().__init__(parent, spacing=2)
        self._rows = [self._row(ref.child(setting.name), setting) for setting in ref.store.shown_settings(cls)]
        self.refresh()

    def _row(self, ref: SettingRef, setting: Setting) -> Row:
        row = Row(ref, setting, True, self)
        self.add(row)
        return row

    def rows(self) -> Iterator[Row]:
        """All rows from top to bottom, nested ones after their owner."""
        yield from rows_below(self._rows)

    def refresh(self) -> None:
        """Show the store's values."""
        for row in self._rows:
            row.refresh()


def rows_below(rows: list[Row]) -> Iterator[Row]:
    """The rows and all rows nested in them."""
    for row in rows:
        yield row
        for form in row.editor.forms():
            yield from form.rows()


def show_notes(rows: Iterator[Row], problems: tuple[Problem, ...], unused: Mapping[str, str] = {}) -> None:
    """Show the notes of each row; ``unused`` are the reasons why settings do nothing, by path."""
    for row in rows:
        row.show_notes(problems, unused.get(row.ref.path, ""))
