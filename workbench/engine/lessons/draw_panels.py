"""Panels and tables of runs that were drawn several times: means over the draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from workbench.engine.core.events import EpochEnded
from workbench.engine.core.text import grouped, percent
from workbench.engine.lessons.picture import Line, Panel, Table, line
from workbench.engine.lessons.real_runs import RealRun, best_accuracy

#: Evaluations at the end over which a gap is averaged: it changes much from epoch to epoch.
LAST_EPOCHS: Final = 10
#: The draws of one run.
Draws = Sequence[RealRun]


def mean_line(draws: Draws, value: Callable[[EpochEnded], float], name: str = "") -> Line:
    """The mean of ``value`` over the draws at each evaluation after the start that all of them have had."""
    lists = [run.evaluations[1:] for run in draws]
    common = min(map(len, lists), default=0)
    steps = [event.step for event in lists[0][:common]] if lists else []
    values = [float(np.mean([value(each[place]) for each in lists])) for place in range(common)]
    return line(name or draws[0].name, steps, values)


def score_panel(ways: Sequence[Draws]) -> Panel:
    """The mean validation accuracy of each way."""
    lines = tuple(mean_line(way, lambda e: 100 * e.val.accuracy if e.val else math.nan) for way in ways)
    return Panel(_titled("Validation accuracy", ways), "Step", "Accuracy in per cent", lines)


def gap_panel(ways: Sequence[Draws]) -> Panel:
    """The mean gap of each way."""
    return Panel(
        _titled("Gap: validation loss − training loss", ways),
        "Step",
        "Gap",
        tuple(mean_line(way, gap_of) for way in ways),
    )


def _titled(title: str, ways: Sequence[Draws]) -> str:
    return f"{title}, mean of {grouped(len(ways[0]))} draws" if ways else title


def gap_of(event: EpochEnded) -> float:
    """Validation loss minus training loss of one evaluation; NaN where one was not measured."""
    return event.val.loss - event.train_eval.loss if event.val and event.train_eval else math.nan


def way_table(ways: Sequence[Draws]) -> Table:
    """The mean gap of the last epochs and the mean best validation accuracy of each way that has ended."""
    ended = [way for way in ways if all(run.ended is not None for run in way)]
    rows = tuple((way[0].name, grouped(mean_gap(way), 2), percent(mean_best(way))) for way in ended)
    return Table(("Run", "Gap", "Best validation"), rows)


def mean_gap(draws: Draws) -> float:
    """The mean gap of the last evaluations, over all draws."""
    return float(np.mean([gap_of(event) for run in draws for event in run.evaluations[-LAST_EPOCHS:]]))


def mean_best(draws: Draws) -> float:
    """The mean best validation accuracy, from 0 to 1."""
    return float(np.mean([best_accuracy(run) for run in draws]))
