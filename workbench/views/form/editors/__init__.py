"""Editors: one for each type of setting, chosen by ``editor_for`` only."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.settings import Setting
from workbench.views.form.editors.base import Editor, SettingRef
from workbench.views.form.editors.choice import MOST_RADIOS, ComboEditor, RadioEditor, SwitchEditor
from workbench.views.form.editors.number import NumberEditor
from workbench.views.form.editors.points import PointsEditor
from workbench.views.form.editors.section import SectionEditor
from workbench.views.form.editors.text import NoteEditor, NumbersEditor, SizesEditor, TextEditor
from workbench.views.form.editors.variant import VariantEditor
from workbench.views.form.editors.variants import VariantsEditor

__all__ = ["Editor", "SettingRef", "editor_for"]

_EDITORS: dict[str, type[Editor]] = {
    "number": NumberEditor,
    "integer": NumberEditor,
    "switch": SwitchEditor,
    "choice": ComboEditor,
    "text": TextEditor,
    "sizes": SizesEditor,
    "numbers": NumbersEditor,
    "points": PointsEditor,
    "variant": VariantEditor,
    "variants": VariantsEditor,
    "section": SectionEditor,
}


def editor_for(ref: SettingRef, setting: Setting, row: QWidget) -> Editor:
    """The editor of a setting; its controls are children of ``row``."""
    if setting.type == "choice" and len(setting.values) <= MOST_RADIOS and not setting.optional:
        return RadioEditor(ref, setting, row)
    if setting.type == "text" and setting.knob.role == "note":
        return NoteEditor(ref, setting, row)
    return _EDITORS[setting.type](ref, setting, row)
