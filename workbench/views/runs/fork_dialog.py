"""Branching off a run: after which step, and with which settings changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.setting_names import label_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import editable, grouped
from workbench.engine.shelf.record import RunRecord
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.views.widgets.basics import Words
from workbench.views.widgets.theme import ERROR, rhythm

_NOT_HERE = ("title", "note", "version")


class ForkDialog(QDialog):
    """Same weights, same batches, other settings from one step on. Gone when it is closed."""

    def __init__(self, desk: RunDesk, record: RunRecord, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Fork {record.name}")
        self._desk, self._record = desk, record
        try:
            self._spec = record.spec
        except WorkbenchError:
            self._spec = ExperimentSpec()
        self.step = QLineEdit(str(record.best.step if record.best is not None else record.step))
        self.step.setAccessibleName("After step")
        self.settings = {path: value for path, value in _leaves(plain(self._spec), "") if path not in _NOT_HERE}
        self.rows: list[tuple[QComboBox, QLineEdit]] = []
        self.trouble = Words(tone=ERROR)
        self.trouble.setAccessibleName("Why it cannot begin")
        self._lay_out()
        self.add_row("optimizer.lr")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        last = grouped(self._record.step)
        intro = Words(
            f"The new run has the weights of this one after a step, sees the same batches, and has other settings from "
            f"there on. This run made {last} steps; without a step it begins at its last kept state."
        )
        intro.setMinimumWidth(rhythm(self, 110))
        self._grid = QGridLayout()
        label = QLabel("&After step")
        label.setBuddy(self.step)
        self._grid.addWidget(label, 0, 0)
        self._grid.addWidget(self.step, 0, 1)
        more = QPushButton("Change &another setting")
        more.setAutoDefault(False)
        more.clicked.connect(self._on_more)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.begin = self.buttons.addButton("&Fork and train", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(intro)
        column.addLayout(self._grid)
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.trouble)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.trouble.say("")

    def add_row(self, path: str) -> None:
        """One more setting to change, ``path`` to begin with."""
        setting, value = QComboBox(), QLineEdit()
        setting.setAccessibleName(f"Setting {len(self.rows) + 1}")
        value.setAccessibleName(f"New value of setting {len(self.rows) + 1}")
        for each in self.settings:
            setting.addItem(label_of(self._spec, each), each)
        self.rows.append((setting, value))
        setting.currentIndexChanged.connect(self._on_setting)
        self._grid.addWidget(setting, len(self.rows), 0)
        self._grid.addWidget(value, len(self.rows), 1)
        setting.setCurrentIndex(max(0, setting.findData(path)))
        self._show_value(setting, value)

    @Slot()
    def _on_more(self) -> None:
        taken = {setting.currentData() for setting, _ in self.rows}
        self.add_row(next((path for path in self.settings if path not in taken), "optimizer.lr"))

    @Slot(int)
    def _on_setting(self, _at: int) -> None:
        for setting, value in self.rows:
            if setting is self.sender():
                self._show_value(setting, value)

    def _show_value(self, setting: QComboBox, value: QLineEdit) -> None:
        now: Any = self.settings[str(setting.currentData())]
        text = editable(now) if isinstance(now, (int, float)) and not isinstance(now, bool) else str(now)
        value.setText({"True": "true", "False": "false"}.get(text, text))

    @Slot()
    def _on_accepted(self) -> None:
        typed = self.step.text().replace(" ", "").strip()
        if typed and not (typed.isascii() and typed.isdigit() and int(typed) <= self._record.step):
            self.trouble.say(f"The step is a whole number from 0 to {grouped(self._record.step)}.")
            return
        changes = [(str(setting.currentData()), value.text().strip()) for setting, value in self.rows]
        trouble = self._desk.fork(self._record, int(typed) if typed else None, changes)
        self.trouble.say(trouble)
        if not trouble:
            self.accept()


def _leaves(settings: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """The plain settings that can be typed: numbers, switches and words."""
    for name, value in settings.items():
        path = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}.")
        elif isinstance(value, (bool, int, float, str)) and name != "kind":
            yield path, value
