"""One member of a family: a combo box, the description of the chosen member, and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.settings import Setting
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import SpecError
from workbench.views.form.editors.base import Editor, SettingRef
from workbench.views.form.editors.choice import Options
from workbench.views.widgets.basics import Box, Words, drop
from workbench.views.widgets.theme import MUTED


class VariantEditor(Editor):
    """The nested form is rebuilt only when another member is chosen; the store keeps what was typed in the old one."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self.combo = Options(row)
        self.combo.opening.connect(self._fill)
        self.combo.activated.connect(self._on_activated)
        self.name(self.combo)
        self.main = self.beside = self.combo
        self.below = self._words = Words(parent=row, tone=MUTED)
        self._nested = Box(row, margins=(0, 1, 0, 0))
        self.nested = self._nested
        self._shown: type[Variant] | None = None
        self._form: Any = None
        self._fill()

    def refresh(self) -> None:
        value = self.ref.value
        cls = type(value) if value is not None else None
        if cls is not self._shown:
            self._rebuild(cls)
        elif self._form is not None:
            self._form.refresh()

    def forms(self) -> Iterator[Any]:
        if self._form is not None:
            yield self._form

    def _rebuild(self, cls: type[Variant] | None) -> None:
        if self._form is not None:
            drop(self._form)
        self._shown, self._form = cls, None
        if cls is not None and self.combo.findData(cls.kind) < 0:
            self._fill()  # a class that was defined after this combo box
        self.combo.show_choice(cls.kind if cls is not None else "")
        self._words.say(self._description(cls))
        if cls is not None and cls.model_fields:
            from workbench.views.form.fields import Fields  # a form holds editors, and this editor holds a form

            self._form = Fields(self.ref, cls, self._nested)
            self._nested.add(self._form)
        self._nested.setVisible(self._form is not None)

    def _description(self, cls: type[Variant] | None) -> str:
        """What the combo box says of the member; of a schedule also its closed form."""
        formula = cls.formula if cls is not None and issubclass(cls, Schedule) else ""
        return self.combo.words() + (f"\nRate after k of T: {formula}" if formula else "")

    @Slot()
    def _fill(self) -> None:
        members = members_of(cast("type[Variant]", self.setting.base))
        off = [("Off", "", "")] if self.setting.optional else []
        self.combo.offer(off + [(member.title, member.summary, kind) for kind, member in members.items()])
        for kind, member in members.items():
            if issubclass(member, Schedule):  # schedules are shown with a sketch
                self.combo.set_sketch(kind, member.sketch())
        self.combo.show_choice(self._shown.kind if self._shown is not None else "")

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        kind = self.combo.itemData(index)
        if not kind:
            self.submit(None)
            return
        if self._shown is not None and kind == self._shown.kind:
            return
        try:
            self.ref.store.choose(self.ref.path, kind)
        except SpecError as error:
            self.refuse(error.problems[0].message)
            self.combo.show_choice(self._shown.kind if self._shown is not None else "")
