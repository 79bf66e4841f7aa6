"""Grokking: its numbers are read from a run's evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.engine.lessons.quantities.grokking import EpochsToGeneralize, LongestWait, ScoreWhenFitted
from workbench.engine.lessons.quantities.of_runs import OfRun

#: Of each epoch, the start first: training accuracy, validation accuracy, and how long there was no improvement.
GROKS = [(1.0, 0.96, 0), (0.5, 0.03, 0), (0.99, 0.02, 1), (1.0, 0.02, 2), (1.0, 0.5, 0), (1.0, 0.95, 0), (1.0, 0.9, 7)]
BY_HEART = GROKS[:4]


def _runs(evaluations: Sequence[tuple[float, float, int]]) -> Any:
    events = [
        SimpleNamespace(
            train_eval=SimpleNamespace(accuracy=train),
            val=SimpleNamespace(accuracy=val),
            epochs_without_improvement=waited,
        )
        for train, val, waited in evaluations
    ]
    return [SimpleNamespace(evaluations=events)]


@pytest.mark.parametrize(
    ("quantity", "expected"), [(EpochsToGeneralize(), 3.0), (ScoreWhenFitted(), 2.0), (LongestWait(), 2.0)]
)
def test_the_start_is_no_epoch_and_what_is_behind_the_end_of_the_wait_does_not_count(
    quantity: OfRun, expected: float
) -> None:
    assert quantity.number(_runs(GROKS)) == pytest.approx(expected)


def test_a_run_that_only_memorizes_never_generalizes() -> None:
    assert EpochsToGeneralize().number(_runs(BY_HEART)) == float("inf")
    assert ScoreWhenFitted().number(_runs(BY_HEART)) == pytest.approx(2.0)
    assert LongestWait().number(_runs(BY_HEART)) == 2.0
