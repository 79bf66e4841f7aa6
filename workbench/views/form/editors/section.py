"""A section inside a form: its settings, and no control of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.settings import Setting
from workbench.views.form.editors.base import Editor, Place


class SectionEditor(Editor):
    """A fixed group of settings."""

    def __init__(self, place: Place, setting: Setting, row: QWidget) -> None:
        super().__init__(place, setting, row)
        from workbench.views.form.fields import Fields  # a form holds editors, and this editor holds a form

        if setting.base is None:
            raise TypeError(f"{place.path} has no section class")
        self._form = Fields(place, setting.base, row)
        self.nested = self._form

    def refresh(self) -> None:
        self._form.refresh()

    def forms(self) -> Iterator[Any]:
        yield self._form
