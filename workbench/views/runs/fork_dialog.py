"""Branching off a run: after which step, and with which settings changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
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

from workbench.bridge.runs.run_desk import RunDesk, with_typed
from workbench.bridge.setting_names import error_words, label_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import duration, editable, grouped
from workbench.engine.run_store.fork_point import ForkPoint, fork_point
from workbench.engine.shelf.differing import knob_at
from workbench.engine.shelf.record import RunRecord
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.views.widgets.basics import Words, fitting_title, plain_tip
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.number_parser import number_from
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

_NOT_HERE = ("title", "note", "version")


class ForkDialog(QDialog):
    """Same weights, same batches, other settings from one step on. Gone when it is closed."""

    def __init__(self, desk: RunDesk, record: RunRecord, parent: QWidget, step: int | None = None) -> None:
        """``step``: after how many steps it proposes to branch off; None: at the best evaluation."""
        super().__init__(parent)
        set_help(self, "runs", "Fork")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Fork “{fitting_title(record.shown_name)}”")
        self._desk, self._record = desk, record
        try:
            self._spec = record.spec
        except WorkbenchError:
            self._spec = ExperimentSpec()
        usual = record.best.step if record.best is not None else record.step
        self._last = max(record.step, step or 0)
        self.step = QLineEdit(str(usual if step is None else step))
        self.step.setAccessibleName("After step")
        self.reach = Words(tone=MUTED)
        self.reach.setAccessibleName("What happens before it begins")
        self.settings = {path: value for path, value in _leaves(plain(self._spec), "") if path not in _NOT_HERE}
        self.rows: list[tuple[QComboBox, QLineEdit]] = []
        self.trouble = Words(tone=ERROR)
        self.trouble.setAccessibleName("Why it cannot begin")
        self._lay_out()
        self.add_row("optimizer.lr")
        self.step.textChanged.connect(self._show_state)
        self._show_state()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        last = grouped(self._last)
        intro = Words(
            f"The new run has the weights of “{self._record.shown_name}” after a step, sees the same batches, and has "
            f"other settings from there on. That run made {last} steps; without a step the new one begins at its last "
            "kept state."
        )
        intro.setMinimumWidth(rhythm(self, 150))
        self._grid = QGridLayout()
        label = QLabel("&After step")
        label.setBuddy(self.step)
        self._grid.addWidget(label, 0, 0)
        self._grid.addWidget(self.step, 0, 1)
        self._grid.addWidget(self.reach, 1, 0, 1, 2)
        self.more = QPushButton("Change &another setting")
        self.more.setAutoDefault(False)
        self.more.clicked.connect(self._on_more)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.begin = self.buttons.addButton(self._button_words, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(intro)
        column.addLayout(self._grid)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
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
        self._grid.addWidget(setting, len(self.rows) + 1, 0)
        self._grid.addWidget(value, len(self.rows) + 1, 1)
        setting.setCurrentIndex(max(0, setting.findData(path)))
        self._show_value(setting, value)
        value.textChanged.connect(self._show_state)
        self._order_keys()

    def propose(self, path: str, value: bool | float | str) -> None:
        """Change the setting at ``path`` to ``value`` in the first row."""
        setting, field = self.rows[0]
        if path not in self.settings:  # of a member of a list
            self.settings[path] = self._spec.at(path)
            setting.addItem(label_of(self._spec, path), path)
        setting.setCurrentIndex(setting.findData(path))
        field.setText(_typed(value))

    def _order_keys(self) -> None:
        """Tab goes from the step down the rows; a new row would be the last."""
        fields = [self.step, *(field for row in self.rows for field in row), self.more]
        for one, following in pairwise(fields):
            QWidget.setTabOrder(one, following)

    @property
    def _button_words(self) -> str:
        return "Stop it, &fork and train" if self._desk.is_training else "&Fork and train"

    @property
    def _typed(self) -> int | str | None:
        """The step that is typed, None for none, or a sentence why it is no step."""
        text = "".join(self.step.text().split())
        if not text:
            return None
        if text.isascii() and text.isdigit() and int(text) <= self._last:
            return int(text)
        return f"The step is a whole number from 0 to {grouped(self._last)}."

    @Slot()
    def _show_state(self) -> None:
        """Say from where the step is reached, and about how long that takes; or what is wrong, where it is."""
        point, wrong = self._point, self._wrong_setting
        no_step = point if isinstance(point, str) else ""
        self.reach.setForegroundRole(ERROR if no_step else MUTED)
        self.reach.say(no_step or self._reach_words(point))
        self.trouble.say(wrong)
        self.begin.setEnabled(not (no_step or wrong))
        self.begin.setToolTip(plain_tip(no_step or wrong))

    @property
    def _point(self) -> ForkPoint | str | None:
        """Where it branches off, or a sentence why it cannot; None: at the last kept state."""
        step = self._typed
        return fork_point(self._record.folder, step) if isinstance(step, int) else step

    @property
    def _wrong_setting(self) -> str:
        """What is wrong with a value that is typed; empty if nothing is."""
        try:
            with_typed(self._spec, self._typed_settings)
        except WorkbenchError as error:
            return error_words(self._spec, error)
        return ""

    def _reach_words(self, point: ForkPoint | str | None) -> str:
        words = [point.words if isinstance(point, ForkPoint) else "It begins at the last kept state."]
        seconds = self._seconds(point)
        if seconds >= 1:
            words.append(f"That takes about {duration(seconds)}.")
        if not self._is_changed:
            words.append("Without another setting it repeats this run.")
        if self._desk.is_training:
            words.append("The run that is training now is stopped first, and kept.")
        return " ".join(words)

    def _seconds(self, point: ForkPoint | str | None) -> float:
        """About how long it takes to train up to there again."""
        again = point.again if isinstance(point, ForkPoint) else 0
        return again * self._record.seconds / self._record.step if self._record.step else 0.0

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
        value.setText(self._text_of(str(setting.currentData())))

    def _text_of(self, path: str) -> str:
        """What the run has at ``path``, as it is typed."""
        return _typed(self.settings[path])

    @property
    def _typed_settings(self) -> list[tuple[str, str]]:
        found = ((str(setting.currentData()), value.text().strip()) for setting, value in self.rows)
        return [(path, self._number_in(path, text)) for path, text in found]

    def _number_in(self, path: str, text: str) -> str:
        """A number as the run's settings write it, however it is typed: 0,01 is 0.01; any other text as it is."""
        now, knob = self.settings[path], knob_at(self._spec, path)
        if knob is None or isinstance(now, (bool, str)):
            return text
        try:
            return editable(number_from(text, knob, isinstance(now, int)))
        except ValueError:
            return text

    @property
    def _is_changed(self) -> bool:
        """Whether a setting is typed otherwise than the run has it."""
        return any(text != self._text_of(path) for path, text in self._typed_settings)

    @Slot()
    def _on_accepted(self) -> None:
        step = self._typed
        if isinstance(step, str):
            return
        trouble = self._desk.fork(self._record, step, self._typed_settings)
        self.trouble.say(trouble)
        if not trouble:
            self.accept()


def _typed(value: Any) -> str:
    text = editable(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    return {"True": "true", "False": "false"}.get(text, text)


def _leaves(settings: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """The plain settings that can be typed: numbers, switches and words."""
    for name, value in settings.items():
        path = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}.")
        elif isinstance(value, (bool, int, float, str)) and name != "kind":
            yield path, value
