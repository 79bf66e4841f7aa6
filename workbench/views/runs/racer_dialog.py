"""Dialog to add or change a racer: its name, and settings found by their labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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

from workbench.bridge.runs.card_words import Choice
from workbench.views.runs.setting_box import SettingBox
from workbench.views.widgets.basics import Words, plain_tip
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

#: Takes the name and the changed settings (path, typed); returns why they cannot be taken, or nothing.
Accept = Callable[[str, Sequence[tuple[str, str]]], str]


class RacerDialog(QDialog):
    """Asks for a name, unless that is None, and for values of ``choices``; gone when it is closed."""

    def __init__(
        self, title: str, intro: str, name: str | None, choices: Sequence[Choice], accept: Accept, parent: QWidget
    ) -> None:
        super().__init__(parent)
        set_help(self, "race", "Set up a race")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._choices, self._accept = tuple(choices), accept
        self.name = QLineEdit(name or "")
        self.name.setAccessibleName("Name")
        self.name.setPlaceholderText("Named by its settings")
        self.rows: list[tuple[SettingBox, QLineEdit]] = []
        self.trouble = Words(tone=ERROR)
        self.trouble.setAccessibleName("Why it cannot be done")
        self._lay_out(intro, name is not None)
        self._add_row()

    def _lay_out(self, intro: str, has_name: bool) -> None:
        words = Words(intro, tone=MUTED)
        words.setMinimumWidth(rhythm(self, 110))
        form = QFormLayout()
        if has_name:
            form.addRow("&Name", self.name)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(QLabel("Setting"), 0, 0)
        self._grid.addWidget(QLabel("Value"), 0, 1)
        more = QPushButton("&Another setting")
        more.setAutoDefault(False)
        more.clicked.connect(self._add_row)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(words)
        column.addLayout(form)
        column.addLayout(self._grid)
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.trouble)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.trouble.say("")

    @Slot()
    def _add_row(self) -> None:
        """One more setting."""
        number = len(self.rows) + 1
        taken = [setting.choice for setting, _ in self.rows]
        free = [choice.path for choice in self._choices if choice not in taken]
        usual = next((path for path in ("optimizer.lr", "optimizer", *free) if path in free), "optimizer.lr")
        setting, value = SettingBox(self._choices, usual), QLineEdit()
        setting.setAccessibleName(f"Setting {number}")
        value.setAccessibleName(f"Value of setting {number}")
        self.rows.append((setting, value))
        self._grid.addWidget(setting, number, 0)
        self._grid.addWidget(value, number, 1)
        setting.chosen.connect(self._on_setting)
        self._show_value(setting, value)
        value.setFocus()
        value.selectAll()

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
        value.setPlaceholderText(choice.limits if choice is not None else "")

    @Slot()
    def _on_accepted(self) -> None:
        if any(setting.choice is None for setting, _ in self.rows):
            self.trouble.say("No setting has this name: choose one of the list.")
            return
        typed = [(choice, value.text().strip()) for setting, value in self.rows if (choice := setting.choice)]
        trouble = self._accept(self.name.text().strip(), [(c.path, text) for c, text in typed if text != c.typed])
        self.trouble.say(trouble)
        if not trouble:
            self.accept()
