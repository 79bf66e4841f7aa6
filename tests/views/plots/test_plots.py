"""The live plots on made-up runs: what is drawn, what is said, what survives, what is saved."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.engine.report.curves import fresh, run, with_steps
from workbench.engine.core.events import Edited, Evaluated, Notice, RunEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.history import History
from workbench.views.plots.annotations import edit_tip
from workbench.views.plots.axis_ticks import ticks
from workbench.views.plots.colours import DARK, LIGHT
from workbench.views.plots.export import PICTURES
from workbench.views.plots.paint_budget import PaintBudget
from workbench.views.plots.plot_view import Zoom
from workbench.views.plots.run_curves import Clock, RunCurves, XAxis
from workbench.views.plots.train_plots import TrainPlots


@pytest.fixture
def plots(qtbot: QtBot) -> TrainPlots:
    widget = TrainPlots()
    qtbot.addWidget(widget)
    widget.resize(620, 600)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def shown(plots: TrainPlots, history: History) -> TrainPlots:
    plots.show_history(history)
    plots.stack.redraw()
    return plots


def pixels(plots: TrainPlots, subplot: str) -> np.ndarray:
    """The per-step picture of a subplot as (height, width) numbers; 0 where nothing is drawn."""
    return plots.subplot(subplot).view.item.curves._pixels


def labels(plots: TrainPlots, subplot: str) -> dict[str, str]:
    return {label.name: label.value for label in plots.subplot(subplot).view.ends.labels}


# --- What is drawn


def test_an_empty_plot_says_what_will_appear(plots):
    shown(plots, History())
    content = plots.subplot("loss").view.item.content
    assert "Press Train" in content.message and not any(len(line.x) for line in content.lines)
    assert all(subplot.view.item.content.message for subplot in plots.stack.shown())
    assert plots.subplot("loss").view.left.ticks() == []


def test_steps_appear_with_a_refresh_and_only_new_columns_are_touched(plots):
    history = with_steps(fresh(), 60)
    shown(plots, history)
    before = pixels(plots, "loss").copy()
    assert before.any() and not plots.subplot("loss").view.item.content.message
    with_steps(history, 5)
    plots.refresh()
    after = pixels(plots, "loss")
    changed = np.flatnonzero((before != after).any(axis=0))
    edge = 60 / plots.stack._x_range.range[1] * before.shape[1]
    assert len(changed) and changed.min() >= edge - 4
    assert plots.frames_drawn == 1
    plots.refresh()
    assert plots.frames_drawn == 1  # nothing new, nothing drawn


def test_the_picture_is_the_same_drawn_at_once_or_bit_by_bit(plots):
    history = with_steps(fresh(), 10)
    shown(plots, history)
    for _ in range(20):
        with_steps(history, 7)
        plots.refresh()
    bit_by_bit = {subplot: pixels(plots, subplot).copy() for subplot in ("loss", "accuracy", "lr", "grad_norm")}
    plots.stack._draw_all()
    for subplot, picture in bit_by_bit.items():
        assert np.mean(picture != pixels(plots, subplot)) < 0.001, subplot


def test_measured_curves_fill_the_gap_and_star_the_best(plots):
    shown(plots, run([2.0, 1.0, 0.5], [2.1, 1.2, 0.9], [0.3, 0.8, 0.7]))
    content = plots.subplot("loss").view.item.content
    styles = {line.style for line in content.lines}
    assert styles == {"solid", "dashed"} and content.filled is not None
    stars = [line for line in content.lines if line.star is not None]
    assert len(stars) == 1 and stars[0].star == 1 and stars[0].star_text == "epoch 1"


def test_the_start_is_drawn_hollow_and_an_evaluation_within_an_epoch_at_its_step(plots):
    history = run([2.0, 1.0], [2.0, 1.2], [0.3, 0.8])
    end = run([2.0, 1.0, 0.5], [2.0, 1.2, 0.9], [0.3, 0.8, 0.7]).evaluations[-1]
    within = {name: getattr(end, name) for name in Evaluated.__dataclass_fields__}
    history.fold(Evaluated(**{**within, "epochs_done": 1, "step": 35, "is_best": True}))
    history.fold(end)
    shown(plots, history)
    item = plots.subplot("loss").view.item
    val = next(line for line in item.content.lines if line.star is not None)
    assert list(val.x) == [0, 23, 35, 46] and (val.star, val.star_text) == (2, "step 35")
    x, y = 4, int(item.viewport.y(2.0))  # the ring is moved into the plot
    ring, inside = item._front.pixelColor(x + 3, y), item._front.pixelColor(x, y)
    background = QColor(item.content.colours.background)
    assert inside == background and abs(ring.red() - background.red()) + abs(ring.blue() - background.blue()) > 60


@pytest.mark.parametrize("epochs", [30, 400])
def test_measured_curves_are_painted_however_many(plots, epochs):
    falling = [2.0 / (1 + 0.01 * k) for k in range(epochs)]
    shown(plots, run(falling, [x + 0.5 for x in falling]))
    item = plots.subplot("loss").view.item
    image, frame = item._front, item.viewport
    x, y = (int(v) for v in (frame.x(23 * epochs / 2), frame.y(falling[epochs // 2])))
    near = [image.pixelColor(x, y + k) for k in range(-3, 4)]
    assert any(colour.alpha() > 100 and colour.blue() > colour.red() for colour in near)
    inside = item._back.pixelColor(x, (y + int(frame.y(falling[epochs // 2] + 0.5))) // 2)
    assert inside.name() not in (LIGHT.background, LIGHT.grid)


def test_new_epochs_painted_in_strips_are_the_whole_picture(plots):
    history = with_steps(fresh(), 23)
    shown(plots, history)
    for _ in range(10):
        with_steps(history, 23)
        plots.refresh()
    item = plots.subplot("loss").view.item
    in_strips = item._front.copy()
    plots.stack._paint_static(plots.stack.shown())
    pixels_of = [np.frombuffer(image.constBits(), np.uint8).astype(int) for image in (in_strips, item._front)]
    assert (np.abs(pixels_of[0] - pixels_of[1]) > 40).mean() < 0.002


@pytest.mark.parametrize("subplot", ["loss", "accuracy", "gap", "lr"])
def test_the_short_way_of_painting_shows_what_the_scene_shows(plots, monkeypatch, subplot):
    shown(plots, with_steps(run([2.0 / (k + 1) for k in range(30)], [2.1 / (k + 1) for k in range(30)]), 300))
    view = plots.subplot(subplot).view
    short = view.grab().toImage()
    strip = view.plot_rect().adjusted(7, 0, -9, 0)
    quick = view.viewport().grab(strip).toImage()
    ways: list[bool] = []
    monkeypatch.setattr(type(view.item), "is_plain", property(lambda item: ways.append(True)))
    assert view.viewport().grab(strip).toImage() == quick, "the strip painted by the scene differs"
    assert view.grab().toImage() == short and ways, "the scene was not asked, so nothing was compared"


def test_no_star_without_validation(plots):
    shown(plots, run([2.0, 1.0], None))
    assert all(line.star is None for line in plots.subplot("loss").view.item.content.lines)


def test_the_last_values_stand_at_the_ends(plots):
    shown(plots, with_steps(run([2.0, 1.0, 0.5], [2.1, 1.2, 0.9]), 46))
    assert labels(plots, "loss").keys() == {"run", "train", "val"}
    assert labels(plots, "lr") == {"rate": "0.050"}
    assert labels(plots, "accuracy")["val"].endswith("%")


def test_edits_are_marks_with_a_tooltip(plots):
    history = with_steps(fresh(), 60)
    history.fold(Edited(30, "optimizer.<b>lr", 0.1, 0.05))
    shown(plots, history)
    assert plots.subplot("grad_norm").view.bottom.marks == [30.0]
    assert plots.subplot("loss").view.item.content.edits == [30.0]
    tip = edit_tip(history, plots.stack._x_axis, 31, 5)
    assert tip == "Optimizer, &lt;b&gt;lr: 0.1 → 0.05 before step 31"
    assert edit_tip(history, plots.stack._x_axis, 50, 5) == ""


def test_the_diverged_step_is_marked(plots):
    history = with_steps(fresh(), 60)
    history.fold(Notice(59, "diverged", "…", "error"))
    shown(plots, history)
    content = plots.subplot("loss").view.item.content
    assert content.diverged == 59.5 and content.diverged_words == "diverged"


# --- QT13: NaN, inf, empty, 10^6 points


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


# --- Options, legend, mouse


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


# --- Ghosts


def last_tick(plots: TrainPlots) -> str:
    return plots.stack.shown()[-1].view.bottom.ticks()[-1][1]


def test_the_last_tick_is_where_the_run_is_planned_to_end_and_then_where_it_ended(plots):
    before = with_steps(fresh(epochs=8), 184)
    before.fold(RunEnded("completed", 184, 8, 1.0, ""))
    shown(plots, before)
    assert last_tick(plots) == "184"
    shown(plots, History())
    plots.set_ghost(before, "the run before")
    plots.stack.redraw()
    history = with_steps(fresh(epochs=8), 2)
    shown(plots, history)
    assert last_tick(plots) == "184"  # the axis was as long already, for the ghost
    plots.clear_ghost()
    with_steps(history, 44)
    history.fold(RunEnded("stopped", 46, 2, 1.0, ""))
    plots.stack.redraw()
    assert last_tick(plots) == "46"


def test_names_of_previous_runs_give_way_to_those_of_curves(plots):
    history = with_steps(fresh(), 46)
    shown(plots, history)
    plots.set_ghost(history, "Momentum and friends")
    header = plots.subplot("loss").header
    ghost, others = header.entries["ghost0"], [header.entries[name] for name in ("running", "train", "val")]
    plots.resize(1200, 600)
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    assert ghost.width() >= ghost.sizeHint().width()
    plots.resize(420, 600)
    QApplication.processEvents()
    assert ghost.width() < ghost.sizeHint().width()
    assert all(each.width() >= each.sizeHint().width() for each in others if not each.isHidden())


def test_a_ghost_stays_until_it_is_cleared(plots):
    first = completed = with_steps(fresh(), 115)
    completed.fold(RunEnded("completed", 115, 5, 1.0, ""))
    shown(plots, with_steps(fresh(), 46))
    plots.set_ghost(first, "Momentum <b>& friends</b>")
    plots.stack.redraw()
    ghosts = [line for line in plots.subplot("loss").view.item.content.lines if line.ghost]
    assert [line.style for line in ghosts] == ["solid", "dashed"]
    assert plots.subplot("loss").header.entries["ghost0"].label == "previous: Momentum <b>& friends</…"
    assert "previous" in labels(plots, "loss") and plots.stack._x_range.range[1] >= 115
    plots.subplot("loss").header.entries["ghost0"].click()
    plots.stack.redraw()
    assert not [line for line in plots.subplot("loss").view.item.content.lines if line.ghost]
    plots.clear_ghost()
    plots.stack.redraw()
    assert "ghost0" not in plots.subplot("loss").header.entries and plots.ghost_titles == []


def test_three_ghosts_at_most_and_set_replaces(plots):
    for name in "abcd":
        plots.add_ghost(run([2.0, 1.0], [2.0, 1.0]), name)
    assert plots.ghost_titles == ["b", "c", "d"]
    plots.set_ghost(run([2.0, 1.0], [2.0, 1.0]), "e")
    assert plots.ghost_titles == ["e"]
    plots.set_ghost(History(), "empty")
    plots.stack.redraw()
    assert not plots.grab().isNull()


# --- Files


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_pictures_are_saved(plots, tmp_path, suffix):
    shown(plots, with_steps(run([2.0, 1.0, 0.6], [2.1, 1.2, 0.9]), 60))
    path = tmp_path / f"curves{suffix}"
    plots.export(path)
    content = path.read_bytes()
    if suffix == ".png":
        assert QImage(str(path)).width() == 2 * plots.stack.width()
    elif suffix == ".svg":
        text = content.decode()
        assert "<svg" in text and "Accuracy" in text and "<image" not in text and text.count("<polyline") > 100
    else:
        assert content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF")
    assert not any(subplot.view.item.vector for subplot in plots.stack.subplots)


def test_the_table_has_every_step_and_evaluation(plots, tmp_path):
    history = run([2.0], [2.1])
    with_steps(history, 30)
    history.steps.append(math.nan, 0.5, 0.1, math.inf, 1.0)
    shown(plots, history)
    path = tmp_path / "curves.csv"
    plots.export(path)
    lines = [line.split(",") for line in path.read_text().splitlines()]
    assert lines[0][:4] == ["step", "epoch", "seconds", "running_loss"]
    assert [line[0] for line in lines[1:]] == [str(k) for k in range(32)]
    assert lines[1][lines[0].index("val_loss")] == "2.1"
    assert lines[24][lines[0].index("val_loss")] and not lines[23][lines[0].index("val_loss")]
    assert lines[-1][3] == "nan" and lines[-1][6] == "inf"


def test_copy_puts_a_picture_on_the_clipboard(plots, qapp):
    shown(plots, with_steps(fresh(), 30))
    plots.copy()
    assert not qapp.clipboard().pixmap().isNull()
    qapp.clipboard().clear()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", "copy"])
def test_files_show_the_final_values_without_the_crosshair(plots, tmp_path, monkeypatch, suffix, qapp):
    shown(plots, with_steps(run([2.0, 1.0, 0.6], [2.1, 1.2, 0.9]), 60))
    last = {name: labels(plots, name) for name in ("loss", "accuracy", "lr")}
    subplot = plots.subplot("loss")
    subplot.hovered.emit(float(subplot.viewport.x(10.0)))
    seen = []

    def look(*arguments):
        at_rest = {name: labels(plots, name) for name in last}
        title = plots.stack.shown()[-1].view.bottom.title
        crosses = [each.view.item.cross for each in plots.stack.subplots]
        plain = all(entry.is_for_file for entry in subplot.header.entries.values())
        seen.append((at_rest, title, set(crosses), plain))
        return QImage(1, 1, QImage.Format.Format_RGB32)

    if suffix == "copy":
        monkeypatch.setattr("workbench.views.plots.train_plots.picture", look)
        plots.copy()
        qapp.clipboard().clear()
    else:
        monkeypatch.setitem(PICTURES, suffix, look)
        plots.export(tmp_path / f"curves{suffix}")
    assert seen == [(last, "step", {None}, True)]
    assert subplot.view.item.cross is not None and labels(plots, "loss") != last["loss"]  # the mouse is still there


def test_what_cannot_be_saved_is_said(plots, tmp_path, qtbot):
    with pytest.raises(ValueError, match="png, svg, pdf or csv"):
        plots.export(tmp_path / "curves.bmp")
    with qtbot.waitSignal(plots.told) as said:
        plots._try_export(tmp_path / "missing" / "curves.csv")
    assert "could not be saved" in said.args[0] and said.args[1] == "error"


def test_a_file_has_the_plots_for_which_the_window_has_no_room(plots, tmp_path, monkeypatch):
    shown(plots, with_steps(run([2.0, 1.0], [2.1, 1.2]), 46))
    names = lambda: [each.spec.name for each in plots.stack.shown()]  # noqa: E731
    every, seen = names(), []
    plots.resize(plots.width(), plots.minimumSizeHint().height())
    size, few = plots.stack.size(), names()
    assert len(few) < len(every)
    monkeypatch.setitem(PICTURES, ".png", lambda stack, path: seen.append(names()))
    plots.export(tmp_path / "curves.png")
    assert seen == [every] and (plots.stack.size(), names()) == (size, few)


def test_where_plots_are_saved_is_said(plots, tmp_path, qtbot):
    with qtbot.waitSignal(plots.told) as said:
        plots._try_export(tmp_path / "curves.csv")
    assert said.args == [f"Plots saved in {tmp_path / 'curves.csv'}.", "info"]


# --- Looks and life


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_colours_and_scale(plots, colours):
    shown(plots, with_steps(run([2.0, 1.0], [2.1, 1.2]), 46))
    plots.set_colours(colours)
    plots.set_scale(1.8)
    plots.stack.redraw()
    image = plots.subplot("loss").view.grab().toImage()
    assert image.pixelColor(1, 1).name() == colours.background
    assert plots.subplot("loss").view.item.content.scale == 1.8


def test_live_draws_by_itself_and_stops(plots, qtbot):
    history = with_steps(fresh(), 10)
    shown(plots, history)
    plots.start_live()
    for _ in range(5):
        drawn = plots.frames_drawn
        with_steps(history, 20)
        qtbot.waitUntil(lambda before=drawn: plots.frames_drawn > before)
    plots.stop_live()
    assert not plots._timer.isActive() and plots.paint_budget.cost > 0
    assert plots.stack._drawn == history.steps.count


def test_a_hidden_plot_costs_nothing_and_is_right_when_it_returns(plots, qtbot):
    history = with_steps(fresh(), 10)
    shown(plots, history)
    plots.hide()
    with_steps(history, 100)
    plots.refresh()
    assert plots.frames_drawn == 0
    with qtbot.waitExposed(plots):
        plots.show()
    plots.refresh()
    assert plots.stack._drawn == 110


def test_pace_keeps_the_budget_between_its_bounds():
    pace = PaintBudget(budget=0.05)
    assert pace.next_delay(0.0001) == pytest.approx(0.033)
    assert PaintBudget(budget=0.05).next_delay(0.004) == pytest.approx(0.08)
    assert pace.next_delay(1.0) == pytest.approx(pace.longest) and pace.longest <= 0.2


def test_every_subplot_answers_the_context_menu(plots):
    for subplot in plots.stack.subplots:
        assert subplot.view.contextMenuPolicy() == Qt.ContextMenuPolicy.CustomContextMenu


@pytest.mark.parametrize("choice", ["copy", "reset", "clear_ghost", ""])
def test_menu_choices(plots, monkeypatch, choice, qapp):
    shown(plots, with_steps(fresh(), 46))
    plots.set_ghost(run([1.0, 0.5], [1.0, 0.6]), "a")
    monkeypatch.setattr("workbench.views.plots.train_plots.ask", lambda menu, place: menu.deleteLater() or choice)
    plots.subplot("loss").view.customContextMenuRequested.emit(QPoint(5, 5))
    assert plots.ghost_titles == ([] if choice == "clear_ghost" else ["a"])
    qapp.clipboard().clear()


# --- LayerInsertion


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


# --- Averages of the weights


def averaged(history: History, *kinds: str) -> History:
    """The run's validation a little better with averaged weights, from the second evaluation on."""
    averaged = History(history.steps)
    averaged.fold(history.started)
    for index, epoch in enumerate(history.evaluations):
        assert epoch.val is not None
        better = replace(epoch.val, loss=epoch.val.loss - 0.05, accuracy=epoch.val.accuracy + 0.02)
        averaged.fold(replace(epoch, averages=dict.fromkeys(kinds, better) if index else {}))
    return averaged


def test_averages_stand_beside_validation_only_in_runs_that_have_them(plots):
    shown(plots, with_steps(fresh(), 115))
    subplot = plots.subplot("accuracy")
    assert subplot.header.entries["ema"].isHidden() and "EMA" not in labels(plots, "accuracy")
    assert len(subplot.view.item.content.lines) == 2
    shown(plots, averaged(with_steps(fresh(), 115), "ema"))
    assert not subplot.header.entries["ema"].isHidden() and subplot.header.entries["mean"].isHidden()
    assert labels(plots, "accuracy")["EMA"] == "82.5\xa0%" and "mean" not in labels(plots, "accuracy")
    line = subplot.view.item.content.lines[-1]
    assert (line.style, line.colour) == ("dotted", LIGHT.ema) and np.isnan(line.y[0]) and len(line.y) == 5
    shown(plots, averaged(with_steps(fresh(), 115), "ema", "mean", "ensemble"))
    assert {"EMA", "mean", "ens.", "val", "train"} <= labels(plots, "loss").keys()
    styles = [line.style for line in subplot.view.item.content.lines]
    assert len({*styles}) == len(styles) == 5, "each is told apart without colour"
    shown(plots, with_steps(fresh(), 115))
    assert subplot.header.entries["ema"].isHidden() and subplot.header.entries["mean"].isHidden()


def test_an_average_appears_while_it_trains(plots):
    history = with_steps(fresh(), 46)
    shown(plots, history)
    with_steps(history, 22)
    history.fold(averaged(with_steps(fresh(), 69), "mean").evaluations[-1])
    plots.refresh()
    assert not plots.subplot("loss").header.entries["mean"].isHidden()
    assert "mean" in labels(plots, "loss")


def test_an_average_can_be_hidden_and_goes_into_the_table(plots, tmp_path):
    history = averaged(with_steps(fresh(), 115), "ema")
    shown(plots, history)
    plots.subplot("loss").header.entries["ema"].click()
    plots.stack.redraw()
    assert "EMA" not in labels(plots, "loss") and "loss.ema" not in plots.read_out()
    assert plots.read_out()["accuracy.ema"] == pytest.approx(0.825)
    plots.export(tmp_path / "run.csv")
    head, *rows = (tmp_path / "run.csv").read_text().splitlines()
    assert head.split(",")[-2:] == ["ema_loss", "ema_accuracy"]
    assert rows[-1].split(",")[-1] == "0.825" and {row.count(",") for row in rows} == {head.count(",")}


# --- Keyboard and files


def test_each_plot_is_reached_with_the_keyboard_and_has_a_name(plots):
    for subplot in plots.stack.subplots:
        assert subplot.view.focusPolicy() == Qt.FocusPolicy.StrongFocus
        assert subplot.view.viewport().accessibleName() == f"{subplot.spec.title} plot"


def test_a_figure_is_named_after_its_run_and_goes_where_the_last_one_went(plots, monkeypatch, tmp_path):
    history = fresh()
    history.started = replace(history.started, folder=str(tmp_path / "runs" / "2026-11-28 digits"))
    shown(plots, history)
    asked = []
    monkeypatch.setattr("workbench.views.plots.train_plots.ask", lambda menu, place: menu.deleteLater() or ".csv")
    monkeypatch.setattr(
        "workbench.views.plots.train_plots.ask_path",
        lambda parent, suffix, proposed: asked.append(proposed) or tmp_path / "my.csv",
    )
    for _ in range(2):
        plots.subplot("loss").view.customContextMenuRequested.emit(QPoint(5, 5))
    assert asked == [Path("2026-11-28 digits"), tmp_path / "2026-11-28 digits"]
    plots.show_history(History())
    assert plots.proposed_path == tmp_path / "curves"
