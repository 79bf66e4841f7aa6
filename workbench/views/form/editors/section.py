"""A section inside a form: its settings, and no control of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.settings import Setting
from workbench.views.form.editors.base import Editor, SettingRef


class SectionEditor(Editor):
    """A fixed group of settings."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        from workbench.views.form.fields import Fields  # a form holds editors, and this editor holds a form

        if setting.base is None:
            raise TypeError(f"{ref.path} has no section class")
        self._form = Fields(ref, setting.base, row)
        self.nested = self._form

    def refresh(self) -> None:
        self._form.refresh()

    def forms(self) -> Iterator[Any]:
        yield self._form
