"""A setting chosen by its words: a list that can be searched by typing any part of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from workbench.bridge.runs.card_words import Choice


class SettingBox(QComboBox):
    """Emits ``chosen`` whenever another setting is named, or none."""

    chosen = Signal()

    def __init__(self, choices: Sequence[Choice], path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = {choice.path: choice for choice in choices}
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(30)
        self.setMaxVisibleItems(16)
        for choice in choices:
            self.addItem(choice.label, choice.path)
        completer = QCompleter([choice.label for choice in choices], self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        self.setToolTip("Type any part of the setting's name.")
        self.setCurrentIndex(max(0, self.findData(path)))
        self.currentTextChanged.connect(self._on_text)

    @property
    def choice(self) -> Choice | None:
        """The setting that is named; None if the text names none."""
        at = self.findText(self.currentText().strip(), Qt.MatchFlag.MatchFixedString)
        return self._choices[str(self.itemData(at))] if at >= 0 else None

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # the list of what was found is open
            self._complete()

    def _complete(self) -> None:
        """A part of a name that means one setting alone is taken for it when the field is left."""
        typed = self.currentText().strip().casefold()
        if self.choice is not None or not typed:
            return
        labels = [choice.label for choice in self._choices.values()]
        own = [label for label in labels if label.casefold().rpartition(", ")[2] == typed]
        found = own or [label for label in labels if typed in label.casefold()]
        if len(found) == 1:
            self.setCurrentIndex(self.findText(found[0]))

    @Slot(str)
    def _on_text(self, _text: str) -> None:
        self.chosen.emit()
