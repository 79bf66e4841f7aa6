"""Ticks, clock, units and smoothing, without a widget."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.engine.report.curves import fresh, with_steps
from workbench.engine.report.svg.axis_ticks import ticks
from workbench.views.plots.paint_budget import PaintBudget
from workbench.views.plots.run_curves import Clock, RunCurves, XAxis


def test_pace_keeps_the_budget_between_its_bounds():
    pace = PaintBudget(budget=0.05)
    assert pace.next_delay(0.0001) == pytest.approx(0.033)
    assert PaintBudget(budget=0.05).next_delay(0.004) == pytest.approx(0.08)
    assert pace.next_delay(1.0) == pytest.approx(pace.longest) and pace.longest <= 0.2


@pytest.mark.parametrize(
    ("low", "high", "room", "scale", "words"),
    [
        (0, 2.6, 6, "linear", ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]),
        (0, 0.48, 2, "linear", ["0.0", "0.2", "0.4"]),
        (0, 1.02, 3, "share", ["0 %", "50 %", "100 %"]),
        (-2.3, -0.9, 2, "log", ["0.01", "0.1"]),
        (-0.38, 0.38, 2, "log", ["0.5", "2"]),
        (-1.2, 0.2, 8, "log", ["0.1", "0.2", "0.5", "1"]),
        (-9, 9, 4, "log", ["1e-5", "1", "1e5"]),
        (0, 100_000, 6, "linear", [f"{k}\u202f000" if k else "0" for k in (0, 20, 40, 60, 80, 100)]),
        (0, 0, 5, "linear", []),
        (math.nan, 1, 5, "linear", []),
    ],
)
def test_ticks(low, high, room, scale, words):
    assert [text for _, text in ticks(low, high, room, scale)] == words


def test_the_clock_is_bounded_and_goes_both_ways():
    clock = Clock()
    for first in range(0, 200_000, 1000):
        clock.extend(first, (np.arange(first, first + 1000) + 1) * 0.01)
    assert len(clock._steps) <= Clock._LIMIT + 1
    assert clock.seconds([100_000, 200_000]) == pytest.approx([1000, 2000], rel=1e-4)
    assert clock.steps([1000, 4000]) == pytest.approx([100_000, 400_000], rel=1e-3)


def test_the_ruler_speaks_in_all_units():
    curves = RunCurves(with_steps(fresh(), 46))
    curves.poll()
    assert XAxis("epoch", curves).words(1.0) == "step 23 · epoch 1.00 · 0.2 s"


def test_smoothing_anew_equals_smoothing_from_the_start():
    history = with_steps(fresh(), 700)
    early, late = RunCurves(history, 0.9), RunCurves(history)
    early.poll()
    late.poll()
    late.smooth(0.9)
    edges = np.linspace(0, 700, 201)
    np.testing.assert_array_equal(early.smooth_spans(edges).low, late.smooth_spans(edges).low)


def test_the_folder_holds_no_torch():
    source = Path(__file__).parents[3] / "workbench" / "views" / "plots"
    assert all("import torch" not in path.read_text(encoding="utf-8") for path in source.glob("*.py"))
