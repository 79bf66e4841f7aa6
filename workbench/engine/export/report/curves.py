"""The curves of a run as charts: loss, accuracy, gap, learning rate, with the live changes marked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.engine.core.step_store import COLUMNS
from workbench.engine.core.text import grouped
from workbench.engine.report.svg.chart import Chart, Curve, Floats, Mark, Style, curve
from workbench.engine.run_store.history import History


def curves(history: History) -> tuple[Chart, ...]:
    """Those that the run has numbers for; changes are marked with their numbers, from 1."""
    marks = tuple(
        Mark(edit.step, grouped(number), f"{edit.path}: {edit.old} → {edit.new}")
        for number, edit in enumerate(history.edits, 1)
    )
    rates = _of_steps(history, "lr", "", "text")
    found = (
        Chart("Loss", "Step", "Loss", tuple(_of_both(history, "loss")), marks, floor=0.0),
        Chart(
            "Accuracy",
            "Step",
            "Accuracy",
            tuple(_of_both(history, "accuracy")),
            marks,
            y_scale="share",
            limits=(0.0, 1.04),
        ),
        Chart("Gap: validation loss − training loss", "Step", "Gap", tuple(_gap(history)), marks, floor=0.0),
        Chart("Learning rate", "Step", "Learning rate", tuple(rates), marks, y_scale="log"),
    )
    return tuple(chart for chart in found if chart.curves)


def _of_both(history: History, what: str) -> Iterator[Curve]:
    yield from _of_steps(history, what, "running", "running", is_faint=True)
    yield from _measured(history, history.curve("train_eval", what), "train", "train")
    yield from _measured(history, history.curve("val", what), "validation", "val", "dashed")


def _gap(history: History) -> Iterator[Curve]:
    yield from _measured(history, history.gap("loss"), "", "gap")


def _measured(history: History, values: Floats, name: str, colour: str, style: Style = "solid") -> Iterator[Curve]:
    if np.isfinite(values).any():
        yield curve(name, history.evaluations.column("step"), values, colour, style)


def _of_steps(history: History, column: str, name: str, colour: str, is_faint: bool = False) -> Iterator[Curve]:
    first, rows = history.steps.read(0)
    if len(rows):
        values = rows[:, COLUMNS.index(column)]
        yield curve(name, np.arange(first, first + len(rows)) + 1, values, colour, is_faint=is_faint)
