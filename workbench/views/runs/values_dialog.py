"""A list of values of one setting becomes cards: which setting, which values, and what comes of them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.bridge.runs.card_words import choices
from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.setting_names import error_words
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, paths_text
from workbench.engine.shelf.cards import NewCard, cards_of_values
from workbench.views.runs.setting_box import SettingBox
from workbench.views.widgets.basics import Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

_MOST_NAMED: Final = 12


class ValuesDialog(QDialog):
    """All other settings are those of the form. Gone when it is closed."""

    def __init__(self, desk: RunDesk, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, "queue", "Add cards")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Add several values")
        self._desk, self._spec = desk, desk.form
        self.setting = SettingBox(choices(self._spec), "optimizer.lr")
        self.setting.setAccessibleName("Setting")
        self.limits = Words(tone=MUTED)
        self.values = QLineEdit()
        self.values.setAccessibleName("Values")
        self.values.setPlaceholderText("0.1, 0.03, 0.01")
        self.values.setToolTip("Values with commas in between; each becomes a card.")
        self.preview = Words()
        self.preview.setAccessibleName("What is added")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add_button = self.buttons.addButton("&Add", QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self.setting.chosen.connect(self._on_setting)
        self.values.textChanged.connect(self._on_values)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self._on_setting()
        self.values.setFocus()

    def _lay_out(self) -> None:
        intro = Words("Each value becomes a card. All other settings are those of the Train page as they are now.")
        intro.setMinimumWidth(rhythm(self, 110))
        form = QFormLayout()
        form.addRow("&Setting", self.setting)
        form.addRow("&Values", self.values)
        form.addRow("", self.limits)
        column = QVBoxLayout(self)
        column.addWidget(intro)
        column.addLayout(form)
        column.addWidget(self.preview)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def _cards(self) -> tuple[NewCard, ...]:
        """The cards of what is typed; none if nothing is. Raises WorkbenchError."""
        choice = self.setting.choice
        if choice is None:
            raise WorkbenchError("No setting has this name: choose one of the list.")
        return cards_of_values(self._spec, choice.path, self.values.text()) if self.values.text().strip() else ()

    @Slot()
    def _on_setting(self) -> None:
        choice = self.setting.choice
        now = f"Now {choice.typed}." if choice is not None and choice.typed else ""
        limits = f"{choice.limits[:1].upper()}{choice.limits[1:]}." if choice is not None and choice.limits else ""
        self.limits.setText(" ".join(filter(None, (limits, now))))
        self._show()

    @Slot(str)
    def _on_values(self, _text: str) -> None:
        self._show()

    def _show(self) -> None:
        """What would be added, or why nothing can be."""
        try:
            cards, trouble = self._cards(), ""
        except WorkbenchError as error:
            cards, trouble = (), error_words(self._spec, error)
        names = paths_text([card.title for card in cards], _MOST_NAMED)
        self.preview.setForegroundRole(ERROR if trouble else self.foregroundRole())
        self.preview.setText(trouble or (f"{counted(len(cards), 'card')}: {names}" if cards else ""))
        self.add_button.setText(f"&Add {counted(len(cards), 'card')}" if cards else "&Add")
        self.add_button.setEnabled(bool(cards))

    @Slot()
    def _on_accepted(self) -> None:
        try:
            cards = self._cards()
        except WorkbenchError:
            return  # said below the fields
        if cards and self._desk.queue.add_cards(cards):
            self.accept()
