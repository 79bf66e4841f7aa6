"""Legend, mouse, axes, zoom and smoothing of the live plots."""

from __future__ import annotations

import math

import pytest

from tests.engine.report.curves import fresh, run, with_steps
from tests.views.plots.helpers import labels, pixels, shown
from workbench.engine.report.svg.colours import LIGHT
from workbench.views.plots.plot_view import Zoom


def test_the_legend_hides_and_shows(plots):
    shown(plots, with_steps(run([2.0, 1.0], [2.1, 1.2]), 30))
    subplot = plots.subplot("loss")
    subplot.header.entries["running"].click()
    plots.stack.redraw()
    assert not pixels(plots, "loss").any() and "run" not in labels(plots, "loss")
    subplot.header.entries["val"].click()
    plots.stack.redraw()
    assert subplot.view.item.content.filled is None and "val" not in labels(plots, "loss")
    subplot.header.entries["running"].click()
    plots.stack.redraw()
    assert pixels(plots, "loss").any()
    assert pixels(plots, "accuracy").any()  # the other subplots kept theirs


def test_hover_reads_all_values_and_leaving_gives_the_last_ones(plots):
    history = with_steps(fresh(), 115)
    shown(plots, history)
    last = labels(plots, "loss")
    subplot = plots.subplot("loss")
    pixel = float(subplot.viewport.x(46.4))
    subplot.hovered.emit(pixel)
    found = plots.read_out(46.4)
    row = history.steps.read(46, 47)[1][0]
    assert found["loss.running"] == row[0] and found["grad_norm.grad_norm"] == row[3]
    assert found["loss.val"] == history.evaluations[1].val.loss
    assert found["gap.gap"] == pytest.approx(0.1)
    assert labels(plots, "loss") != last
    assert plots.subplot("grad_norm").view.bottom.title.startswith("step 46 · epoch 2.0")
    for each in plots.stack.shown():
        assert each.view.item.cross == pytest.approx(pixel) and each.view.item.dots
    subplot.hovered.emit(None)
    assert labels(plots, "loss") == last and subplot.view.item.cross is None


def test_real_mouse_movement_reaches_the_crosshair(plots, qtbot):
    shown(plots, with_steps(fresh(), 115))
    view = plots.subplot("accuracy").view
    qtbot.mouseMove(view.viewport(), view.plot_rect().center())
    qtbot.waitUntil(lambda: view.item.cross is not None)


def test_log_axis(plots):
    shown(plots, with_steps(fresh(), 115))
    plots.options.log.setChecked(True)
    plots.stack.redraw()
    subplot = plots.subplot("loss")
    assert subplot.viewport.log and subplot.view.left.scale_kind == "log"
    losses = plots.history.steps.read(0)[1][:, 0]
    assert subplot.viewport.bottom < math.log10(losses.min()) < math.log10(losses.max()) < subplot.viewport.top
    assert not plots.subplot("accuracy").viewport.log


def test_x_axis_in_steps_epochs_and_seconds(plots):
    shown(plots, with_steps(fresh(), 115))
    ends = []
    for mode in range(3):
        plots.options.x_axis.setCurrentIndex(mode)
        plots.stack.redraw()
        ends.append(plots.stack._x_range.range[1])
    assert ends[0] > 115 and 5 < ends[1] < 20 and 1.15 < ends[2] < 2
    assert plots.read_out(1.0)["loss.running"] == plots.history.steps.read(100, 101)[1][0, 0]


def test_smoothing_says_so_and_keeps_the_raw_curve(plots):
    shown(plots, with_steps(fresh(), 300))
    raw = pixels(plots, "loss") != 0
    plots.options.smoothing.setValue(3)
    plots.stack.redraw()
    assert "smoothed over 10 steps" in plots.subplot("loss").header.note
    assert plots.subplot("lr").header.note == ""  # the rate is exact: nothing to smooth
    assert ((pixels(plots, "loss") != 0) & raw).sum() == raw.sum()
    assert len(plots.subplot("loss").steps.strokes(set(), LIGHT)) == 2
    plots.options.smoothing.setValue(0)
    plots.stack.redraw()
    assert plots.subplot("loss").header.note == "" and ((pixels(plots, "loss") != 0) == raw).all()


def test_zoom_stays_while_the_run_goes_on_and_resets(plots):
    history = with_steps(fresh(), 60)
    shown(plots, history)
    plots.subplot("loss").view.box.zoomed.emit(Zoom((10.0, 30.0), (0.5, 1.5)))
    plots.stack.redraw()
    assert plots.options.reset.isEnabled()
    with_steps(history, 100)
    plots.refresh()
    assert plots.subplot("accuracy").viewport.x0 == 10.0 and plots.subplot("loss").viewport.top == 1.5
    plots.subplot("gap").view.box.reset.emit()
    plots.stack.redraw()
    assert plots.subplot("loss").viewport.x0 == 0.0 and not plots.options.reset.isEnabled()


@pytest.mark.parametrize("zoom", [(5.0, 5.0), (math.nan, 1.0), (-math.inf, math.inf), (3.0, 1.0)])
def test_impossible_zooms_are_ignored(plots, zoom):
    shown(plots, with_steps(fresh(), 60))
    before = plots.stack._x_range.range
    plots.subplot("loss").view.box.zoomed.emit(Zoom(zoom, zoom))
    assert plots.stack._x_range.range == before and not plots.stack.is_zoomed


def test_one_lane_always_stays(plots):
    for subplot in plots.stack.subplots:
        plots.stack.set_wanted(subplot.spec.name, False)
    assert len(plots.stack.shown()) == 1
    shown(plots, with_steps(fresh(), 60))
    for subplot in plots.stack.subplots:
        plots.stack.set_wanted(subplot.spec.name, True)
    assert len(plots.stack.shown()) == 5


def test_a_low_window_leaves_out_the_least_important(plots, qtbot):
    plots.resize(500, 260)
    qtbot.waitUntil(lambda: len(plots.stack.shown()) < 5)
    assert plots.stack.shown()[0].spec.name == "loss"
    plots.resize(500, 900)
    qtbot.waitUntil(lambda: len(plots.stack.shown()) == 5)
