"""A menu with one field, at the side of a button that uses its number."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from workbench.engine.catalog.knob import Knob
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.slider_scale import scale_for
from workbench.views.widgets.theme import ERROR, MUTED


class NumberMenu(QMenu):
    """A field for ``knob``. Wrong text stays, and the line below it says what is allowed.

    ``value`` gives the number as the menu opens, ``take`` gets the one that is typed.
    """

    def __init__(
        self, knob: Knob, value: Callable[[], float], take: Callable[[float], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._knob, self._value, self._take = knob, value, take
        box = Box(self, margins=(3, 2, 3, 2))
        line = Box(box, spacing=2, horizontal=True)
        title = Words(knob.label, line, wrap=False)
        self.field = NumberField(knob, scale_for(knob, value(), isinstance(value(), int)), line)
        self.field.setAccessibleName(knob.label)
        line.add(title, 1)
        line.add(self.field)
        self._words = Words(knob.hint, box, tone=MUTED, wrap=False)
        box.add(line)
        box.add(self._words)
        holder = QWidgetAction(self)
        holder.setDefaultWidget(box)
        self.addAction(holder)
        self.field.submitted.connect(self._on_submitted)
        self.field.refused.connect(self._on_refused)
        self.field.returnPressed.connect(self._on_return)
        self.aboutToShow.connect(self._on_opening)

    @Slot()
    def _on_opening(self) -> None:
        self.field.show_value(self._value())
        self._say(self._knob.hint)
        self.field.setFocus()
        self.field.selectAll()

    @Slot(object, bool)
    def _on_submitted(self, value: float, continues: bool) -> None:
        self._say(self._knob.hint)
        self._take(value)

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        self._say(f"{self._knob.label} {words}.", wrong=True)

    @Slot()
    def _on_return(self) -> None:
        if self.field.value() is not None:
            self.close()

    def _say(self, words: str, wrong: bool = False) -> None:
        self._words.setForegroundRole(ERROR if wrong else MUTED)
        self._words.say(words)
