"""Rows to change settings: one chosen by its label in each, and the value that is typed for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from workbench.bridge.runs.card_words import Choice
from workbench.views.runs.setting_box import SettingBox
from workbench.views.widgets.basics import plain_tip

#: Settings that are proposed first.
_FIRST = ("optimizer.lr", "optimizer")


class SettingRows(QWidget):
    """Begins with one row; a button adds more. ``value_name`` is the head of the column of values."""

    def __init__(self, choices: Sequence[Choice], value_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices, self._value_name = tuple(choices), value_name
        self.rows: list[tuple[SettingBox, QLineEdit]] = []
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(QLabel("Setting"), 0, 0)
        self._grid.addWidget(QLabel(value_name), 0, 1)
        more = QPushButton("Change &another setting")
        more.setAutoDefault(False)
        more.clicked.connect(self.add_row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        self.add_row()

    @property
    def trouble(self) -> str:
        """Why the rows cannot be used, as a sentence; empty if every one names a setting."""
        is_wrong = any(setting.choice is None for setting, _ in self.rows)
        return "No setting has this name: choose one of the list." if is_wrong else ""

    @property
    def changes(self) -> list[tuple[str, str]]:
        """The path and the typed text of each setting whose text was changed."""
        typed = [(choice, value.text().strip()) for setting, value in self.rows if (choice := setting.choice)]
        return [(choice.path, text) for choice, text in typed if text != choice.typed]

    @Slot()
    def add_row(self) -> None:
        """Append a row for a setting that no other row has, and let keys act on its value."""
        number = len(self.rows) + 1
        taken = [setting.choice for setting, _ in self.rows]
        free = [choice.path for choice in self._choices if choice not in taken]
        proposed = next((path for path in (*_FIRST, *free) if path in free), _FIRST[0])
        setting, value = SettingBox(self._choices, proposed), QLineEdit()
        setting.setAccessibleName(f"Setting {number}")
        value.setAccessibleName(f"{self._value_name} of setting {number}")
        self.rows.append((setting, value))
        self._grid.addWidget(setting, number, 0)
        self._grid.addWidget(value, number, 1)
        setting.chosen.connect(self._on_setting)
        _show_value(setting, value)
        value.setFocus()
        value.selectAll()

    @Slot()
    def _on_setting(self) -> None:
        for setting, value in self.rows:
            if setting is self.sender():
                _show_value(setting, value)


def _show_value(setting: SettingBox, value: QLineEdit) -> None:
    choice = setting.choice
    value.setText(choice.typed if choice is not None else "")
    value.setToolTip(plain_tip(choice.limits) if choice is not None else "")
    value.setPlaceholderText(choice.limits if choice is not None else "")
