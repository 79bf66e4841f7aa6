"""The base class of editors: what a row needs of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from workbench.bridge.settings_store import SettingsStore
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.settings import Setting
from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import SpecError
from workbench.engine.core.text import editable
from workbench.views.widgets.number_parser import sizes_text


@dataclass(frozen=True, slots=True)
class SettingRef:
    """A reference to a setting: the store and the dotted path in its spec."""

    store: SettingsStore[Any]
    path: str

    @property
    def value(self) -> Any:
        """The spec's present value."""
        return self.store.spec.at(self.path)

    def child(self, name: str | int) -> SettingRef:
        """The reference to a field or item below this one."""
        return SettingRef(self.store, f"{self.path}.{name}" if self.path else str(name))


class Editor(QObject):
    """Controls for one setting.

    A row shows ``title`` instead of its label, ``beside`` next to it, ``below`` under it, and ``nested`` under the
    notes. An editor only changes the store; it shows values only in ``refresh``.
    """

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(row)
        self.ref = ref
        self.setting = setting
        self.title: QWidget | None = None
        self.beside: QWidget | None = None
        self.below: QWidget | None = None
        self.nested: QWidget | None = None
        self.main: QWidget | None = None  # the control that the label's mnemonic focuses

    def refresh(self) -> None:
        """Show the store's value. Must not change text that the user is typing or that was wrong."""

    def forms(self) -> Iterator[Any]:
        """The nested forms that are shown."""
        return iter(())

    @property
    def is_wrong(self) -> bool:
        """Whether the field shows wrong text instead of the spec's value."""
        return bool(self.ref.store.input_error(self.ref.path))

    @property
    def is_live_now(self) -> bool:
        """Whether a change would act on the active run at once."""
        return self.setting.knob.live and self.ref.store.is_steered

    def submit(self, value: Any, merge: bool = False) -> None:
        """Set the value in the store; if it is refused, show the message at the field."""
        try:
            self.ref.store.edit(self.ref.path, value, merge)
        except SpecError as error:
            self.refuse(error.problems[0].message)

    def refuse(self, words: str) -> None:
        """Record that the text in the field is not a value, with the message ``words``."""
        self.ref.store.set_input_error(self.ref.path, words)

    def name(self, widget: QWidget, part: str = "") -> None:
        """Give a control its accessible name and description from the knob."""
        knob = self.setting.knob
        words = [knob.label, part] if part else [knob.label]
        widget.setAccessibleName(", ".join(words) + (f" ({knob.unit})" if knob.unit else ""))
        widget.setAccessibleDescription(knob.hint)


def value_words(value: Any, knob: Knob | None = None) -> str:
    """A value as a short text; an option is called as ``knob`` calls it."""
    if knob is not None and isinstance(value, str) and value in knob.options:
        return knob.title_of(value)
    if value is None or isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (int, float)):
        return editable(value)
    if isinstance(value, Variant):
        return value.title
    if isinstance(value, tuple):
        numbers = all(isinstance(item, int) for item in value)
        words = sizes_text(value) if numbers else ", ".join(value_words(item) for item in value)
        return words or "none"
    return str(value)
