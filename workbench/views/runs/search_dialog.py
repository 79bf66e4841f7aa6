"""Dialog for a new study: the fields with their ranges, the sampler, the budget, pruning."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.runs.card_words import Choice
from workbench.bridge.runs.search_desk import SearchDesk
from workbench.bridge.setting_names import error_words
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.text import counted, rough_duration
from workbench.engine.search.field import fields_of
from workbench.engine.search.plan import PRUNING, PRUNINGS, SAMPLERS, WHEN, Plan, advice
from workbench.views.runs.setting_box import SettingBox
from workbench.views.widgets.basics import Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, WARNING, grow_to_words, rhythm

#: Settings that are proposed first.
_FIRST: Final = ("optimizer.lr", "loop.batch_size", "optimizer.momentum", "optimizer.beta1")
MOST_TRIALS: Final = 100_000
_MOST_MINUTES: Final = 100_000


class SearchDialog(QDialog):
    """All other settings are those of the Train page. Begins the study when it is accepted; gone when it is closed."""

    def __init__(self, desk: SearchDesk, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, "search", "Fields")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New search")
        self._desk, self._base = desk, desk.form
        self._choices = desk.choices()
        self.rows: list[tuple[SettingBox, QLineEdit]] = []
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(QLabel("Field"), 0, 0)
        self._grid.addWidget(QLabel("Range or values"), 0, 1)
        self.more = QPushButton("&Another field")
        self.more.setAutoDefault(False)
        self.sampler, self.pruning = QComboBox(), QComboBox()
        for kind in SAMPLERS:
            self.sampler.addItem(WHEN[kind][0], kind)
        for name in PRUNINGS:
            self.pruning.addItem(PRUNING[name][0], name)
        self.when, self.pruned = Words(tone=MUTED), Words(tone=MUTED)
        self.trials, self.minutes = self._spin(MOST_TRIALS, "No limit", 20), self._spin(_MOST_MINUTES, "No limit", 0)
        self.seed = self._spin(2**31 - 1, "", 0)
        self.preview, self.advice = Words(), Words(tone=WARNING)
        self.preview.setAccessibleName("What will be tried")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.begin = self.buttons.addButton("&Begin", QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self._connect()
        self.add_row()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        grow_to_words(self)

    def _spin(self, most: int, special: str, value: int) -> QSpinBox:
        made = QSpinBox()
        made.setRange(0, most)
        made.setSpecialValueText(special)
        made.setValue(value)
        return made

    def _lay_out(self) -> None:
        intro = Words(
            "Each trial trains the settings of the Train page with other values of these fields. A range is written "
            "LOW:HIGH, values are written with commas.",
            tone=MUTED,
        )
        intro.setMinimumWidth(rhythm(self, 160))
        form = QFormLayout()
        form.addRow("&Sampler", self.sampler)
        form.addRow("", self.when)
        form.addRow("&Trials", self.trials)
        form.addRow("&Minutes", self.minutes)
        form.addRow("&Pruning", self.pruning)
        form.addRow("", self.pruned)
        form.addRow("S&eed", self.seed)
        self.minutes.setToolTip("After this number of minutes no new trial begins.")
        self.seed.setToolTip("Another seed draws other settings.")
        column = QVBoxLayout(self)
        column.addWidget(intro)
        column.addLayout(self._grid)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(form)
        column.addWidget(self.preview)
        column.addWidget(self.advice)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def _connect(self) -> None:
        self.more.clicked.connect(self.add_row)
        for box in (self.sampler, self.pruning):
            box.currentIndexChanged.connect(self.refresh)
        for spin in (self.trials, self.minutes, self.seed):
            spin.valueChanged.connect(self.refresh)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)

    @Slot()
    def add_row(self) -> None:
        """Append a field that no other row has, with the range that it declares."""
        taken = [box.choice.path for box, _ in self.rows if box.choice is not None]
        known = [choice.path for choice in sorted(self._choices, key=lambda choice: ":" not in choice.typed)]
        free = [path for path in (*_FIRST, *known) if path in known and path not in taken]
        if not free:
            return
        number = len(self.rows) + 1
        box, text = SettingBox(self._choices, free[0]), QLineEdit()
        box.setAccessibleName(f"Field {number}")
        text.setAccessibleName(f"Range or values of field {number}")
        remove = QPushButton("Remove")
        remove.setAccessibleName(f"Remove field {number}")
        remove.setObjectName(f"remove {number}")
        remove.setAutoDefault(False)
        self.rows.append((box, text))
        for column, widget in enumerate((box, text, remove)):
            self._grid.addWidget(widget, number, column)
        remove.clicked.connect(lambda: self._remove(box, text, remove))
        box.chosen.connect(lambda: self._on_field(box, text))
        text.textChanged.connect(self.refresh)
        self._on_field(box, text)
        text.setFocus()

    def _remove(self, box: SettingBox, text: QLineEdit, button: QPushButton) -> None:
        self.rows.remove((box, text))
        for widget in (box, text, button):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.refresh()

    def _on_field(self, box: SettingBox, text: QLineEdit) -> None:
        choice: Choice | None = box.choice
        text.setText(choice.typed if choice is not None else "")
        text.setPlaceholderText(choice.limits if choice is not None else "")
        self.refresh()

    @property
    def plan(self) -> Plan:
        """The plan with the values of the dialog. Raises WorkbenchError."""
        if any(box.choice is None for box, _ in self.rows):
            raise WorkbenchError("No setting has this name: choose one of the list.")
        typed = [f"{box.choice.path}={text.text().strip()}" for box, text in self.rows if box.choice is not None]
        plan = Plan(
            self._base,
            fields_of(self._base, typed),
            self.sampler.currentData(),
            self.seed.value(),
            self.pruning.currentData(),
            self.trials.value() or None,
            float(self.minutes.value()) or None,
        )
        plan.refuse_problems()
        return plan

    @Slot()
    def refresh(self) -> None:
        """Say what would be tried, or why nothing can be."""
        self.when.setText(WHEN[self.sampler.currentData()][1])
        self.pruned.setText(PRUNING[self.pruning.currentData()][1])
        seconds = self._desk.seconds
        try:
            plan, trouble = self.plan, ""
        except SpecError as error:
            plan, trouble = None, error_words(self._base, error)
        except WorkbenchError as error:
            plan, trouble = None, error.message
        self.preview.setForegroundRole(ERROR if trouble else self.foregroundRole())
        self.preview.setText(trouble or (_words(plan, seconds) if plan is not None else ""))
        self.advice.say(advice(len(self.rows), seconds))
        self.begin.setEnabled(plan is not None)
        if self.isVisible():
            grow_to_words(self)

    @Slot()
    def _on_accepted(self) -> None:
        try:
            plan = self.plan
        except WorkbenchError:
            return  # said below the fields
        self._desk.make(plan)
        self.accept()


def _words(plan: Plan, seconds: float | None) -> str:
    """How many trials, and how long they take at the speed of the last run."""
    if plan.planned is None:
        return f"As many trials as begin in {counted(round(plan.minutes or 0), 'minute')}, then 12 runs for the noise."
    runs = plan.planned + 12
    time = f"{rough_duration(runs * seconds)} at the speed of the last run" if seconds else "no run has been timed yet"
    return f"{counted(plan.planned, 'trial')} and 12 runs for the noise of seeds: {time}."
