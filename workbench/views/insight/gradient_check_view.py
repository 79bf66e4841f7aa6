"""The gradient check below the formula: a button, and what the centred differences say of the watched number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.bridge.gradient_check import CheckGradient
from workbench.engine.core.observed import Watched
from workbench.engine.core.text import counted, grouped, short
from workbench.engine.report.differences import GradientCheck, H, kink_words, worst
from workbench.views.insight.formula_sheet import FormulaRow, FormulaSheet
from workbench.views.widgets.basics import Box, plain_tip
from workbench.views.widgets.help_place import set_help

HELP: Final = (
    "Compares the gradient of the watched number, and of 20 others of its parameter, with centred differences of the "
    "loss: both on a copy of the network in double precision, with batch and masks of the run's next step. The run "
    "does not change."
)


class GradientCheckView(Box):
    """``follow`` says which number is watched; the result stays until the next check or the next run."""

    def __init__(self, job: CheckGradient, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        self._job = job
        set_help(self, "insight", "Gradient check")
        self._place: tuple[str, int] | None = None
        self.button = QPushButton("Check the gradient", self)
        self.button.clicked.connect(self._on_clicked)
        self.sheet = FormulaSheet(self)
        row = Box(self, margins=(2, 1, 2, 1))
        row.add(self.button)
        self.add(row)
        self.add(self.sheet)
        job.changed.connect(self.refresh)
        self.refresh()

    @Slot(object)
    def follow(self, watched: Watched | None) -> None:
        """The formula shows ``watched``."""
        place = None if watched is None else (watched.parameter, watched.index)
        if place != self._place:
            self._place = place
            self.refresh()

    @Slot()
    @Slot(object)
    def clear(self, _history: object = None) -> None:
        """Another run has begun."""
        self._job.forget()

    @Slot()
    def refresh(self) -> None:
        """Show what is known by now."""
        job = self._job
        why_not = job.why_not or ("" if self._place else "The first step has not been shown yet.")
        self.button.setText("Stop the check" if job.is_running else "Check the gradient")
        self.button.setEnabled(job.is_running or not why_not)
        self.button.setToolTip(plain_tip(HELP if not why_not else f"{why_not} {HELP}"))
        rows = tuple(self._rows())
        self.sheet.show_rows(rows)
        self.sheet.setVisible(bool(rows))
        self.sheet.setAccessibleDescription("\n".join(row.text for row in rows))

    def text(self) -> str:
        """All that is shown, line by line."""
        return "\n".join(row.text for row in self._rows())

    def _rows(self) -> Iterator[FormulaRow]:
        job = self._job
        if job.is_running:
            yield FormulaRow(f"{job.progress[1] or 'Checking the gradient'}…", "muted")
        elif job.trouble:
            yield FormulaRow(job.trouble, "error")
        elif isinstance(job.value, GradientCheck):
            yield from rows_of(job.value)

    @Slot()
    def _on_clicked(self) -> None:
        if self._job.is_running:
            self._job.cancel()
        elif self._place is not None:
            self._job.check(*self._place)


def rows_of(check: GradientCheck) -> Iterator[FormulaRow]:
    """The watched number's figures, then what was found of all."""
    watched = check.watched
    step, examples = grouped(check.step + 1), counted(check.examples, "example")
    yield FormulaRow(f"Gradient check, step {step}", bold=True)
    yield FormulaRow(f"{check.parameter}[{watched.index}], {examples}", "muted")
    sign = "✓" if check.holds else "✗"
    yield FormulaRow(f"{sign} {check.verdict}", "text" if check.holds else "error", boxed=True, bold=True, gap=0.5)
    for name, value in (
        ("Difference", watched.numeric),
        ("Autograd", watched.autograd),
        ("Training", check.in_training),
    ):
        yield FormulaRow(f"{name:10} {short(value, 9, separator='')}", fixed=True, gap=0.25 * (name == "Difference"))
    yield FormulaRow(f"{'Rel. error':10} {short(watched.error, 2)}", fixed=True)
    largest = worst(check.others)
    if largest is not None:
        others = counted(sum(not each.has_kink for each in check.others), "other")
        yield FormulaRow(f"Largest relative error of {others}: {short(largest, 2)}", gap=0.25)
    for words in (kink_words(check), *check.notes):
        if words:
            yield FormulaRow(words, gap=0.25)
    yield FormulaRow(
        f"Difference: (L(x + h) − L(x − h)) / 2h, h = {short(H)}. Training is autograd in single precision.",
        "muted",
        gap=0.25,
    )
