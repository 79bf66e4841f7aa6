"""A card of the queue is edited: its name, and settings by their words."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.runs.card_words import choices, difference_line, differing_words
from workbench.bridge.runs.queue_desk import QueueDesk
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.shelf.cards import Card
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.runs.setting_box import SettingBox
from workbench.views.widgets.basics import Words, plain_tip
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

_DEFAULT: Final = "It has the default settings."


class CardDialog(QDialog):
    """Changes the card when it is accepted; the form of the Train page stays as it is."""

    def __init__(self, desk: QueueDesk, card: Card, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, "queue", "Add cards")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Edit “{card.title}”")
        self._desk, self._card = desk, card
        try:
            spec = card.spec
        except WorkbenchError:
            spec = ExperimentSpec()
        self._choices = choices(spec)
        self.name = QLineEdit(card.title)
        self.name.setAccessibleName("Name")
        self.rows: list[tuple[SettingBox, QLineEdit]] = []
        self.trouble = Words(tone=ERROR)
        self.trouble.setAccessibleName("Why it cannot be saved")
        self._lay_out()
        self._add_row()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Name", self.name)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(QLabel("Setting"), 0, 0)
        self._grid.addWidget(QLabel("New value"), 0, 1)
        line = difference_line(self._card.settings, 6)
        differs = Words(f"Differs from the default settings: {line}." if line else _DEFAULT, tone=MUTED)
        differs.setToolTip(plain_tip("\n".join(differing_words(self._card.settings))))
        differs.setMinimumWidth(rhythm(self, 110))
        more = QPushButton("Change &another setting")
        more.setAutoDefault(False)
        more.clicked.connect(self._add_row)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.save = self.buttons.button(QDialogButtonBox.StandardButton.Save)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(differs)
        column.addLayout(self._grid)
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.trouble)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.trouble.say("")

    @Slot()
    def _add_row(self) -> None:
        """One more setting to change."""
        number = len(self.rows) + 1
        taken = [setting.choice for setting, _ in self.rows]
        free = [choice.path for choice in self._choices if choice not in taken]
        setting = SettingBox(self._choices, "optimizer.lr" if number == 1 or not free else free[0])
        value = QLineEdit()
        setting.setAccessibleName(f"Setting {number}")
        value.setAccessibleName(f"New value of setting {number}")
        self.rows.append((setting, value))
        self._grid.addWidget(setting, number, 0)
        self._grid.addWidget(value, number, 1)
        setting.chosen.connect(self._on_setting)
        self._show_value(setting, value)
        value.setFocus()

    @Slot()
    def _on_setting(self) -> None:
        for setting, value in self.rows:
            if setting is self.sender():
                self._show_value(setting, value)

    @staticmethod
    def _show_value(setting: SettingBox, value: QLineEdit) -> None:
        choice = setting.choice
        value.setText(choice.typed if choice is not None else "")
        value.setToolTip(plain_tip(choice.limits) if choice is not None else "")

    @Slot()
    def _on_accepted(self) -> None:
        if any(setting.choice is None for setting, _ in self.rows):
            self.trouble.say("No setting has this name: choose one of the list.")
            return
        typed = [(choice, value.text().strip()) for setting, value in self.rows if (choice := setting.choice)]
        changes = [(choice.path, text) for choice, text in typed if text != choice.typed]
        trouble = self._desk.edit_typed(self._card.number, self.name.text().strip() or self._card.title, changes)
        self.trouble.say(trouble)
        if not trouble:
            self.accept()
