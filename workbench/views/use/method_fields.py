"""The settings of a method of Explain as fields, made from its declarations."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.settings import settings_of
from workbench.engine.explain.methods.base import Method
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.slider_scale import scale_for


class MethodFields(Box):
    """A label and a field for each number; each method keeps its numbers while another one is shown."""

    changed = Signal()  #: other settings
    refused = Signal(str)  #: what is wrong with the text in a field

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2, horizontal=True)
        self._kept: dict[str, Method] = {}
        self._method: Method | None = None
        self.fields: dict[str, NumberField] = {}

    @property
    def method(self) -> Method:
        """The method with its settings."""
        assert self._method is not None
        return self._method

    def show_method(self, cls: type[Method]) -> None:
        """Show the settings of this method."""
        self._method = self._kept.setdefault(cls.kind, cls())
        while (item := self.box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.fields = {}
        for setting in settings_of(cls):
            value, knob = getattr(self._method, setting.name), setting.knob
            label = Words(knob.label, wrap=False)
            field = NumberField(knob, scale_for(knob, value, setting.type == "integer"))
            label.setToolTip(plain_tip(knob.help))
            field.setToolTip(plain_tip(f"{knob.help} {knob.range_text.capitalize()}."))
            field.setAccessibleName(knob.label)
            field.setProperty("setting", setting.name)
            field.show_value(value)
            field.submitted.connect(self._on_submitted)
            field.refused.connect(self.refused)
            self.add(label)
            self.add(field)
            self.fields[setting.name] = field

    @Slot(object, bool)
    def _on_submitted(self, value: Any, _continues: bool) -> None:
        name = self.sender().property("setting")
        if getattr(self.method, name) != value:
            self._method = self._kept[self.method.kind] = self.method.model_copy(update={name: value})
            self.changed.emit()
