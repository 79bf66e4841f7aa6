"""Panels and tables of runs that stand beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from workbench.engine.core.text import grouped, percent, short
from workbench.engine.lessons.picture import Line, Panel, Table, line
from workbench.engine.lessons.real_runs import RealRun, best_accuracy, gap, smoothed

#: Steps over which a loss is averaged in a picture.
OVER: Final = 20
#: A column of the table: its header, and the text of a run's cell.
Cell = tuple[str, Callable[[RealRun], str]]


def loss_panel(
    runs: Sequence[RealRun],
    target: float | None = None,
    called: str = "",
    over: int = OVER,
    log_y: bool = False,
    most: float = math.inf,
) -> Panel:
    """The training loss of each run's steps, as a mean of ``over`` steps.

    Values above ``most``, and NaN, are drawn at ``most``. A run that ended before ``over`` steps is drawn without
    averaging. ``target`` is drawn as a dashed line with the name ``called``.
    """
    lines = []
    for run in runs:
        lasts = run.ended is None or run.steps.count >= over
        steps, losses = smoothed(run, over if lasts else 1)
        lines.append(line(run.name, steps, np.fmin(losses, most)))
    if target is not None:
        lines.append(across(called or f"Loss {short(target, 3)}", runs, target))
    title = f"Loss, mean of {grouped(over)} steps"
    return Panel(title, "Step", "Loss", tuple(lines), log_y=log_y)


def guessing_loss(run: RealRun) -> float:
    """The loss of a network that gives each class the same probability, ln(classes) nats."""
    return math.log(len(run.context.data.classes))


def across(name: str, runs: Sequence[RealRun], value: float) -> Line:
    """A dashed line at ``value`` as long as the longest run."""
    return line(name, [0, max((run.total for run in runs), default=1)], [value, value], "dashed")


def accuracy_panel(runs: Sequence[RealRun]) -> Panel:
    """The validation accuracy of each evaluation but that before the first step, in per cent."""
    lines = []
    for run in runs:
        found = [(event.step, 100 * event.val.accuracy) for event in run.evaluations[1:] if event.val is not None]
        lines.append(line(run.name, [step for step, _ in found], [value for _, value in found]))
    return Panel("Validation accuracy", "Step", "Accuracy in per cent", tuple(lines))


def loss_pair_panel(runs: Sequence[RealRun]) -> Panel:
    """The validation loss of each run at its evaluations, with its training loss, measured alike, dashed."""
    lines = []
    for run in runs:
        both = [
            (e.step, e.train_eval, e.val) for e in run.evaluations if e.val is not None and e.train_eval is not None
        ]
        steps = [step for step, _, _ in both]
        lines.append(line(run.name, steps, [val.loss for _, _, val in both]))
        lines.append(line(f"{run.name}, training", steps, [own.loss for _, own, _ in both], "dashed"))
    return Panel("Validation loss, and training loss (dashed)", "Step", "Loss", tuple(lines))


def gap_panel(runs: Sequence[RealRun]) -> Panel:
    """Validation loss minus training loss at each evaluation."""
    lines = []
    for run in runs:
        both = [(e.step, e.val.loss - e.train_eval.loss) for e in run.evaluations if e.val and e.train_eval]
        lines.append(line(run.name, [step for step, _ in both], [value for _, value in both]))
    return Panel("Gap: validation loss − training loss", "Step", "Gap", tuple(lines))


def run_table(runs: Sequence[RealRun], cells: Sequence[Cell]) -> Table:
    """A row for each run that has ended: its name, and the text of each of ``cells``."""
    rows = tuple((run.name, *(text(run) for _, text in cells)) for run in runs if run.ended is not None)
    return Table(("Run", *(head for head, _ in cells)), rows)


#: The best validation accuracy, and the gap at the end.
BEST: Final[Cell] = "Best validation", lambda run: percent(best_accuracy(run))
GAP: Final[Cell] = "Gap", lambda run: grouped(gap(run), 2)
