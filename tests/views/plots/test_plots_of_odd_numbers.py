"""The live plots of NaN, infinity, nothing, a million steps, and values below a logarithmic axis."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.engine.report.curves import fresh, run, with_steps
from tests.views.plots.helpers import labels, pixels, shown
from workbench.engine.core.events import RunEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.history import History
from workbench.views.plots.plot_view import Zoom
from workbench.views.plots.run_curves import RunCurves


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e308, -1e308, 0.0, 5e-324])
def test_any_number_survives_in_every_lane_on_both_axes(plots, bad):
    history = fresh()
    for k in range(40):
        value = bad if k % 3 == 0 else 1.0
        history.steps.append(value, value, value, value, k if math.isfinite(bad) else bad)
    epochs = run([1.0, bad, 0.5], [bad, 1.0, 0.5]).evaluations
    for epoch in epochs:
        history.fold(epoch)
    for mode in range(3):
        plots.options.x_axis.setCurrentIndex(mode)
        for log in (True, False):
            plots.options.log.setChecked(log)
            shown(plots, history)
            assert not plots.grab().isNull()
            for subplot in plots.stack.subplots:
                assert all(math.isfinite(end) for end in subplot.y_range.range), subplot.spec.name


def test_only_nan(plots):
    history = fresh()
    for _ in range(50):
        history.steps.append(*[math.nan] * 5)
    for epoch in run([math.nan] * 3, [math.nan] * 3).evaluations:
        history.fold(epoch)
    shown(plots, history)
    plots.options.smoothing.setValue(4)
    assert not plots.grab().isNull()


def test_missing_numbers_are_marked_at_the_top(plots):
    history = fresh()
    for k in range(300):
        history.steps.append(math.nan if k == 150 else 1.0, 0.5, 0.1, 1.0, k)
    history.fold(RunEnded("completed", 300, 1, 1.0, ""))
    shown(plots, history)
    top = pixels(plots, "loss")[0]
    assert top[len(top) // 2 - 4 : len(top) // 2 + 4].any() and not top[: len(top) // 3].any()


def test_a_million_points(plots):
    history = fresh(per_epoch=100_000, epochs=10)
    rows = np.random.default_rng(0).random((1_000_000, 5))
    rows[:, 4] = np.arange(1_000_000) * 1e-4
    for row in rows.tolist():
        history.steps.append(*row)
    shown(plots, history)
    assert pixels(plots, "loss").any(axis=0).mean() > 0.95
    plots.subplot("loss").view.box.zoomed.emit(Zoom((500_000.0, 500_020.0), None))
    plots.stack.redraw()
    assert pixels(plots, "loss").any(axis=0).all()
    assert plots.read_out(500_010.2)["loss.running"] == rows[500_010, 0]


def test_a_ring_that_has_wrapped_around(plots):
    history = History(StepStore(64))
    shown(plots, history)
    for k in range(500):
        history.steps.append(1.0, 0.5, 0.1, 1.0, k)
    plots.refresh()
    assert plots.stack._curves.count == 500
    assert "loss.running" not in plots.read_out(10) and plots.read_out(490)["loss.running"] == 1.0


@pytest.mark.parametrize("smoothing", [0.0, 0.8])
def test_of_a_fork_nothing_is_drawn_before_its_first_step(plots, smoothing):
    whole, fork = fresh(), fresh()
    fork.steps.begin(201, np.empty((0, 5)))
    for k in range(300):
        row = math.sin(k / 9) + 2, 0.5, 0.1, 1.0, k
        whole.steps.append(*row)
        if k >= 201:
            fork.steps.append(*row)
    edges = np.linspace(0, 300, 101)
    drawn, wanted = RunCurves(fork, smoothing), RunCurves(whole, smoothing)
    drawn.poll(), wanted.poll()
    for got in (drawn.spans(edges), drawn.smooth_spans(edges)):
        assert (got.low[:, :66] > got.high[:, :66]).all() and not got.skipped.any()  # empty, and no mark of a NaN
    assert (drawn.spans(edges).low[:, 68:] == wanted.spans(edges).low[:, 68:]).all()
    shown(plots, fork)
    assert not pixels(plots, "loss")[0].any()


def lowest_rows(plots, subplot):
    """Columns with something drawn in the lowest rows of the per-step picture."""
    return (pixels(plots, subplot)[-2:] != 0).any(axis=0)


@pytest.mark.parametrize("tiny", [0.0, 1e-40, 1e-18])
def test_values_below_a_logarithmic_axis_are_drawn_on_its_edge_and_said(plots, tiny):
    history = with_steps(fresh(), 200)
    for _ in range(100):
        history.steps.append(tiny, 0.5, 0.05, tiny, 3.0)
    shown(plots, history)
    plots.options.log.setChecked(True)
    plots.stack.redraw()
    for name, least in (("loss", 0.3), ("grad_norm", 1.3)):
        subplot = plots.subplot(name)
        assert math.log10(least) - 4.5 < subplot.viewport.bottom < math.log10(least) - 0.5
        edge = np.flatnonzero(lowest_rows(plots, name))
        assert len(edge) and edge.min() >= int(subplot.viewport.x(199)) - 2, "only the tiny values are on the edge"
        words = subplot.view.item.content.below
        assert words.startswith("Values below ") and words.endswith("lower edge")
        assert subplot.view.ends.labels and labels(plots, "loss")["run"]
    plots.options.log.setChecked(False)
    plots.stack.redraw()
    assert plots.subplot("loss").view.item.content.below == ""


def test_a_zero_that_was_measured_is_on_the_edge(plots):
    shown(plots, run([2.0, 1.0, 0.0], [2.1, 1.2, 0.0]))
    plots.options.log.setChecked(True)
    plots.stack.redraw()
    subplot = plots.subplot("loss")
    assert subplot.viewport.bottom > -3 and subplot.view.item.content.below
    assert float(subplot.viewport.y(0.0)) == subplot.viewport.height - 1
    assert labels(plots, "loss")["train"] == "0.000"


def test_a_range_chosen_by_hand_leaves_out_what_is_outside(plots):
    history = with_steps(fresh(), 100)
    shown(plots, history)
    plots.options.log.setChecked(True)
    plots.stack.redraw()
    plots.subplot("loss").view.box.zoomed.emit(Zoom(None, (0.2, 0.4)))
    plots.stack.redraw()
    subplot = plots.subplot("loss")
    assert not lowest_rows(plots, "loss")[-20:].any() and subplot.view.item.content.below == ""
