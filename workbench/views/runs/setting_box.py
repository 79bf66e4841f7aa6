"""A setting chosen by its words: a list that can be searched by typing any part of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
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

    @Slot(str)
    def _on_text(self, _text: str) -> None:
        self.chosen.emit()
