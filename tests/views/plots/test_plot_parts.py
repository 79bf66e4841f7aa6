"""The parts of the plots by themselves: vertical ranges, smoothing, what is missing, and when to paint."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtGui import QFont, QFontMetricsF

from tests.engine.report.curves import fresh
from workbench.engine.core.events import Edited
from workbench.engine.report.svg.axis_ticks import ticks, with_end
from workbench.engine.report.svg.colours import LIGHT
from workbench.engine.run_store.history import History
from workbench.views.plots import paint_budget
from workbench.views.plots.axes import EndLabel, EndLabels, SubplotAxis, label_text
from workbench.views.plots.min_max_pyramid import Pyramid, Spans
from workbench.views.plots.paint_budget import PaintBudget, Throttle
from workbench.views.plots.series import NORM, StepSeries, SubplotSpec
from workbench.views.plots.smoothing import Smoother
from workbench.views.plots.step_columns import StepColumns
from workbench.views.plots.viewport import ZERO
from workbench.views.plots.x_range import planned_steps
from workbench.views.plots.y_range import YRange

PLAIN = SubplotSpec("plain", "Plain", (StepSeries("loss", "loss", "loss", "running"),), "Nothing yet.")


def followed(*pieces: np.ndarray, spec: SubplotSpec = PLAIN) -> YRange:
    vertical = YRange(spec)
    for values in pieces:
        vertical.follow(values, values, [])
    return vertical


# --- YRange ranges


@pytest.mark.parametrize("sign", [1, -1])
def test_a_single_outlier_leaves_the_picture_where_it_would_squeeze_the_rest(sign: int) -> None:
    values = sign * np.linspace(1.0, 2.0, 100)
    far, near = values.copy(), values.copy()
    far[50], near[50] = sign * 1000.0, sign * 2.4
    bottom, top = followed(far).range
    assert bottom < min(values) and max(values) < top and top - bottom < 2
    bottom, top = followed(near).range
    assert bottom < sign * 2.4 < top, "it is not much larger than the rest"
    many = values.copy()
    many[:5] = sign * 1000.0
    bottom, top = followed(many).range
    assert bottom < sign * 1000.0 < top, "five of a hundred are no outliers"


@pytest.mark.parametrize("shift", [5.0, -5.0])
def test_a_curve_that_leaves_the_range_is_followed(shift: float) -> None:
    values = np.linspace(0.0, 1.0, 50)
    bottom, top = followed(values, values + shift).range
    assert bottom < min(values + shift) and max(values + shift) < top and top - bottom < 2


def test_a_curve_within_its_range_does_not_move_it_until_it_is_half_empty() -> None:
    values = np.linspace(0.0, 1.0, 50)
    wide = followed(values).range
    assert followed(values, 0.8 * values).range == wide
    assert followed(values, 0.2 * values).range[1] < 0.5


@pytest.mark.parametrize("value", [0.0, 0.5, 1000.0, -1000.0, 1e9])
def test_a_flat_curve_has_room_of_its_own_size(value: float) -> None:
    bottom, top = followed(np.full(20, value)).range
    assert bottom < value < top
    assert top - bottom == pytest.approx(1.24 * max(1.0, abs(value)), rel=1e-6)


def test_a_flat_curve_on_a_logarithmic_axis_has_a_decade() -> None:
    bottom, top = followed(np.full(20, 2.0), spec=NORM).range
    assert bottom <= 1.5 and top >= 2.5 and top - bottom <= 1.5


def log_range(values: np.ndarray) -> tuple[float, float]:
    """The range of a logarithmic axis for values as they come from the pyramid."""
    exponents = np.where(values > 0, np.log10(np.maximum(values, 1e-99)), ZERO)
    return followed(exponents, spec=NORM).range


@pytest.mark.parametrize("tiny", [0.0, 1e-40, 1e-18, 1e-8])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_a_logarithmic_axis_ends_a_few_decades_below_the_useful_range(tiny: float, share: float) -> None:
    values = np.geomspace(1.0, 0.1, 200)
    values[: int(share * len(values))] = tiny
    bottom, top = log_range(values)
    assert top < 0.6
    if tiny == 1e-8 and share > 0.1:
        assert -9 < bottom < -8, "half of a curve is no outlier"
    else:
        assert -4.5 < bottom < -1.5


def test_a_curve_that_falls_for_the_whole_run_is_shown_completely() -> None:
    bottom, top = log_range(np.geomspace(1.0, 1e-11, 300))
    assert -12 < bottom < -11 and 0 < top < 0.6
    assert log_range(np.full(50, 1e-15))[0] == pytest.approx(-15.75, abs=0.5), "there is nothing else to show"
    assert log_range(np.zeros(50)) == (-3.0, 1.0)


def test_divergence_does_not_hide_the_curve_before_it() -> None:
    values = np.geomspace(1.0, 0.1, 300)
    values[-20:] = 1e20
    bottom, top = log_range(values)
    assert bottom < -1 and top > 20


# --- Labels at the curves' ends


def test_a_label_keeps_its_value_and_as_much_of_its_name_as_fits(qapp: object) -> None:
    metrics = QFontMetricsF(QFont())
    label = EndLabel(0.0, "previous", "85.0 %", "#000000")
    value = metrics.horizontalAdvance(" 85.0 %")
    assert label_text(label, metrics, 1000.0) == "previous 85.0 %"
    short = label_text(label, metrics, value + metrics.horizontalAdvance("prev…") + 1)
    assert short.startswith("pr") and short.endswith("… 85.0 %")
    assert label_text(label, metrics, value + 1) == "85.0 %"


def test_where_names_do_not_fit_every_compared_run_still_has_its_value(qapp: object) -> None:
    ends = EndLabels()
    ends.apply_style(QFont(), 240.0)
    labels = [EndLabel(n / 10, f"lr {n}", f"0.{n}", "#000000", in_legend=True) for n in range(5)]
    metrics = QFontMetricsF(QFont())
    ends.show_labels(labels)
    assert [[each.value for each in row] for row in ends.rows(metrics, 2)] == [["0.4", "0.3", "0.2"], ["0.1", "0.0"]]
    assert [[each.name for each in row] for row in ends.rows(metrics, 5)] == [[f"lr {n}"] for n in (4, 3, 2, 1, 0)]
    ends.show_labels([replace(each, in_legend=False) for each in labels])  # a value without its name says nothing
    assert [len(row) for row in ends.rows(metrics, 2)] == [1, 1]


# --- Smoothing


@pytest.mark.parametrize("cut", [1, 63, 64, 65, 130])
def test_smoothing_is_its_formula_piece_by_piece_with_a_gap_where_there_is_no_number(cut: int) -> None:
    values = np.random.default_rng(0).normal(size=(2, 200))
    values[0, 20], values[0, 70:75], values[1, 0], values[1, 199] = math.nan, math.inf, -math.inf, math.nan
    smoother = Smoother(0.9, curves=2)
    got = np.concatenate([smoother.extend(values[:, :cut]), smoother.extend(values[:, cut:])], axis=1)
    for row in range(2):
        total = weights = 0.0
        for step, value in enumerate(values[row]):
            finite = math.isfinite(value)
            total, weights = 0.9 * total + (value if finite else 0.0), 0.9 * weights + finite
            if finite:
                assert got[row, step] == pytest.approx(total / weights, rel=1e-9)
            else:
                assert math.isnan(got[row, step])


# --- What is missing


@pytest.mark.parametrize("skipped", [0, 1, 7])
def test_a_column_with_one_missing_number_is_marked(skipped: int) -> None:
    columns = StepColumns(PLAIN)
    columns.clear(3)
    ones = np.ones((4, 3), np.float32)
    counts = np.zeros((4, 3), np.int32)
    counts[:, 1] = skipped
    columns.keep(0, 3, Spans(ones, ones, counts), None, False)
    (spans,) = columns.column_spans(0, 3, LIGHT, set(), 1.0)
    assert spans.missing.tolist() == [False, skipped > 0, False]


def test_appended_points_are_seen_at_every_zoom_however_seldom_one_looks() -> None:
    """Levels above the lowest are brought up to date by the next query that needs them, from the first new block on."""
    dice = np.random.default_rng(1)
    pyramid, parts = Pyramid(base=8), []
    for size in (500, 9, 700, 3, 1, 900, 2, 4000):
        parts.append(dice.normal(size=size))
        if size == 900:
            parts[-1][[450, 451]] = -9.0, 9.0
        pyramid.append(parts[-1])
        if size == 700:
            pyramid.between(0, pyramid.count, 2)
    values = np.concatenate(parts)
    for columns in (1, 2, 3):
        spans = pyramid.between(0, len(values), columns)
        assert spans.low.min() == np.float32(values.min()) and spans.high.max() == np.float32(values.max())
    late = pyramid.between(500, 1209, 1)
    assert late.high[0, 0] >= np.float32(values[512:1200].max())


# --- When to paint


def test_what_is_painted_seldom_waits_only_while_the_run_is_live(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(paint_budget, "time", SimpleNamespace(monotonic=lambda: now[0]))
    throttle = Throttle()
    assert throttle.is_due
    throttle.done(live=True)
    now[0] += 0.49
    assert not throttle.is_due
    now[0] += 0.02
    assert throttle.is_due
    throttle.done(live=True, cost=0.01)  # half a per cent of the time: two seconds
    now[0] += 1.9
    assert not throttle.is_due
    throttle.done(live=False)
    assert throttle.is_due, "at the end all is shown at once"


def test_a_frame_that_costs_much_comes_seldom() -> None:
    pace = PaintBudget(budget=0.02, shortest=0.03, longest=0.2)
    assert [pace.next_delay(cost) for cost in (0.0, 0.0001, 0.001, 0.002, 1.0)] == [0.03, 0.03, 0.05, 0.1, 0.2]


def test_the_plan_follows_an_edit_of_the_epochs() -> None:
    history = fresh(per_epoch=23, epochs=15)
    assert planned_steps(history) == 15 * 23
    history.fold(Edited(3, "optimizer.lr", 0.1, 7))
    assert planned_steps(history) == 15 * 23
    history.fold(Edited(3, "loop.epochs", 15, 4))
    assert planned_steps(history) == 4 * 23
    assert planned_steps(History()) is None


@pytest.mark.parametrize(
    ("high", "wide", "texts"),
    [
        (184.0, 20.0, ["0", "50", "100", "150", "184"]),
        (160.0, 20.0, ["0", "50", "100", "160"]),  # 150 is too near
        (200.0, 20.0, ["0", "100", "200"]),
        (3.0, 0.3, ["0", "1", "2", "3"]),
    ],
)
def test_the_end_of_a_run_has_a_tick_of_its_own(high: float, wide: float, texts: list[str]) -> None:
    found = with_end(ticks(0.0, 1.01 * high, 4, "linear"), high, lambda text: wide)
    assert [text for _, text in found] == texts and found[-1][0] == high


def test_an_axis_that_is_not_laid_out_yet_has_ticks_all_the_same(qtbot) -> None:
    axis = SubplotAxis("bottom")
    axis.setRange(0.0, 1000.0)
    axis.set_end(920.0)
    axis.resize(0.0, 30.0)
    assert axis.ticks()[0][0] == 0.0
