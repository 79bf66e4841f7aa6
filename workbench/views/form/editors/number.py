"""Numbers: a field, a slider where it is useful, and "off" where the number is optional."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.settings import Setting
from workbench.views.form.editors.base import Editor, SettingRef
from workbench.views.widgets.basics import Box, Direction
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.knob_slider import KnobSlider
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.slider_scale import has_slider, scale_for
from workbench.views.widgets.theme import rhythm

_FIRST = 10  # the initial value of an optional number that never had one


class _OffAndField(Box):
    """ "Off" and the number side by side, or one below the other in a narrow column."""

    def __init__(self, off: Check, field: NumberField, parent: QWidget) -> None:
        super().__init__(parent, spacing=2, horizontal=True)
        self._parts = (off, field)
        for part in self._parts:
            self.add(part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = sum(part.sizeHint().width() for part in self._parts) + rhythm(self, 2)
        side_by_side = needed <= event.size().width()
        self.box.setDirection(Direction.LeftToRight if side_by_side else Direction.TopToBottom)

    def minimumSizeHint(self) -> QSize:
        widest = max(part.sizeHint().width() for part in self._parts)
        return QSize(widest, super().minimumSizeHint().height())


class NumberEditor(Editor):
    """A float or an int: a field, and a slider with the same value."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        scale = scale_for(setting.knob, setting.default, integer=setting.type == "integer")
        self._last: float | int | None = None
        self.field = NumberField(setting.knob, scale, row)
        self.field.submitted.connect(self._on_submitted)
        self.field.refused.connect(self._on_refused)
        ref.store.settle_requested.connect(self.field.settle)
        self.name(self.field)
        self.main = self.beside = self.field
        self.off: Check | None = None
        if setting.optional:
            self.beside = self._with_off(row)
        self.slider: KnobSlider | None = None
        if has_slider(setting.knob, scale):
            self.slider = self.below = KnobSlider(scale, row)
            self.slider.submitted.connect(self._on_slid)
            self.name(self.slider, "slider")

    def _with_off(self, row: QWidget) -> QWidget:
        self.off = Check(self.setting.knob.off, row)
        self.off.clicked.connect(self._on_off)
        self.name(self.off, "off")
        return _OffAndField(self.off, self.field, row)

    def refresh(self) -> None:
        value = self.ref.value
        self.field.patient = self.is_live_now
        if self.off is not None:
            self.off.setChecked(value is None)
            self.main = self.off if value is None else self.field
        self.field.setEnabled(value is not None)
        if value is None:
            self.field.forget()
        else:
            self._last = value
        if value is None or not self.is_wrong:
            self.field.show_value(value)
        if self.slider is not None:
            self.slider.setEnabled(value is not None)
            self.slider.show_value(self.setting.knob.low or 0 if value is None else value)

    @Slot(object, bool)
    def _on_slid(self, value: Any, merge: bool) -> None:
        self.field.forget()
        self._on_submitted(value, merge)

    @Slot(object, bool)
    def _on_submitted(self, value: Any, merge: bool) -> None:
        self.submit(float(value) if self.setting.type == "number" else int(value), merge)

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        self.refuse(words)

    @Slot(bool)
    def _on_off(self, off: bool) -> None:
        self.ref.store.clear_input_error(self.ref.path)
        self.submit(None if off else self._first_value())
        if not off:
            self.field.setFocus()
            self.field.selectAll()

    def _first_value(self) -> float | int:
        knob = self.setting.knob
        known = self._last if self._last is not None else self.ref.store.preset_at(self.ref.path)
        if known is not None:
            return known
        first = max(_FIRST, knob.low if knob.low is not None else _FIRST)
        first = min(first, knob.high if knob.high is not None else first)
        return int(first) if self.setting.type == "integer" else float(first)
