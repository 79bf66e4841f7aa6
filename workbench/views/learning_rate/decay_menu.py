"""The menu beside “Decay here”: a field for the factor."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from workbench.bridge.decay_now import FACTOR, DecayNow
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.slider_scale import scale_for
from workbench.views.widgets.theme import ERROR, MUTED


class DecayMenu(QMenu):
    """Contains one field. Wrong text stays, and the line below it says what is allowed."""

    def __init__(self, decay_now: DecayNow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decay_now = decay_now
        box = Box(self, margins=(3, 2, 3, 2))
        line = Box(box, spacing=2, horizontal=True)
        title = Words(FACTOR.label, line, wrap=False)
        self.field = NumberField(FACTOR, scale_for(FACTOR, decay_now.factor, False), line)
        self.field.setAccessibleName(FACTOR.label)
        line.add(title, 1)
        line.add(self.field)
        self._words = Words(FACTOR.hint, box, tone=MUTED, wrap=False)
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
        self.field.show_value(self._decay_now.factor)
        self._say(FACTOR.hint)
        self.field.setFocus()
        self.field.selectAll()

    @Slot(object, bool)
    def _on_submitted(self, value: float, continues: bool) -> None:
        self._say(FACTOR.hint)
        self._decay_now.set_factor(value)

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        self._say(f"The factor {words}.", wrong=True)

    @Slot()
    def _on_return(self) -> None:
        if self.field.value() is not None:
            self.close()

    def _say(self, words: str, wrong: bool = False) -> None:
        self._words.setForegroundRole(ERROR if wrong else MUTED)
        self._words.say(words)
