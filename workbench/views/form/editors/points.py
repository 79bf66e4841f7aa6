"""A list of pairs of position and factor, typed as ``0: 1, 0.5: 0.1``."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.settings import Setting
from workbench.views.form.editors.base import Editor, SettingRef
from workbench.views.widgets.number_field import Gesture, LineField
from workbench.views.widgets.number_parser import pairs_from, pairs_text


class PointsEditor(Editor):
    """One line of text; a picture beside it may change the same setting."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self._gesture = Gesture()
        self.field = LineField(row)
        self.field.setPlaceholderText("none")
        self.field.settled.connect(self._on_settled)
        ref.store.settle_requested.connect(self.field.settle)
        self.name(self.field)
        self.main = self.below = self.field

    def refresh(self) -> None:
        self.field.patient = self.is_live_now
        if not self.is_wrong and not (self.field.hasFocus() and self._typed() == self.ref.value):
            self.field.show_text(pairs_text(self.ref.value or ()))

    def _typed(self) -> object:
        try:
            return pairs_from(self.field.text())
        except ValueError:
            return None

    @Slot(str)
    def _on_settled(self, text: str) -> None:
        try:
            self.submit(pairs_from(text), self._gesture.continues())
        except ValueError as error:
            self.refuse(str(error))
