"""The live plots on made-up runs: what is drawn, and what of it stays right while a run goes on."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from tests.engine.report.curves import fresh, run, with_steps
from tests.views.plots.helpers import labels, pixels, shown
from workbench.engine.core.events import Edited, Evaluated, Notice
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.engine.run_store.history import History
from workbench.views.plots.annotations import edit_tip


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


def test_each_plot_is_reached_with_the_keyboard_and_has_a_name(plots):
    for subplot in plots.stack.subplots:
        assert subplot.view.focusPolicy() == Qt.FocusPolicy.StrongFocus
        assert subplot.view.viewport().accessibleName() == f"{subplot.spec.title} plot"
