"""What a class predicts: the declaration, the drawn curve, and the numbers that compare it with the measured one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import finished
from workbench.engine.core.text import plain
from workbench.engine.lessons.band import Band
from workbench.engine.lessons.drawn_curve import (
    PLACES,
    Points,
    agreement,
    drawn_line,
    height_at,
    rank_correlation,
    with_point,
    with_stroke,
    without_point,
)
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.lesson_file import FOLDER, load_lessons, read_lesson
from workbench.engine.lessons.picture import Picture, line
from workbench.engine.lessons.play import play
from workbench.engine.lessons.predict import Answer, ExpectedCurve, Predict
from workbench.engine.lessons.prediction import Prediction, blank, outcome, with_prediction

SHARES = st.floats(0, 1)
STROKES = st.lists(st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5)), min_size=1, max_size=12)


def axes(log_y: bool = False) -> ExpectedCurve:
    low = 0.01 if log_y else 0.0
    return ExpectedCurve(words="it", x_label="Step", y_label="Loss", x=(0.0, 200.0), y=(low, 100.0), log_y=log_y)


def answers(*bands: Band) -> Predict:
    return Predict(answers=tuple(Answer(words=f"{place}", band=band) for place, band in enumerate(bands)))


# --- The declaration --------------------------------------------------------------------------------------------


def test_every_scene_of_the_program_asks_something() -> None:
    lessons, problems = load_lessons()
    assert not problems
    assert all(lesson.predict is not None and lesson.predict.answers for lesson in lessons)
    assert sum(lesson.predict is not None and lesson.predict.curve is not None for lesson in lessons) >= 20


@pytest.mark.parametrize(("measured", "right"), [(1.0, 0), (3.0, 1), (12.0, None), (math.nan, None)])
def test_the_measured_number_says_which_answer_is_right(measured: float, right: int | None) -> None:
    assert answers(Band(high=2.0), Band(low=2.0, high=9.0)).right(measured) == right


@pytest.mark.parametrize(
    ("predict", "words"),
    [
        (Predict(), "needs answers to vote for, or a curve"),
        (answers(Band(low=0.0)), "must be 2 to 6, not 1 answer"),
        (answers(*(Band(low=n, high=n + 1) for n in range(7))), "must be 2 to 6, not 7 answers"),
        (answers(Band(high=3.0), Band(low=2.0)), "bands that overlap"),
        (answers(Band(high=-3.0), Band(low=9.0)), "are all wrong where the claim holds (0 to 5)"),
    ],
)
def test_what_is_wrong_with_a_vote_is_said(predict: Predict, words: str) -> None:
    assert any(words in str(problem) for problem in predict.problems(Band(low=0.0, high=5.0)))


def test_a_wrong_vote_is_a_problem_of_the_file(tmp_path: Path) -> None:
    text = (FOLDER / "08-saddle.toml").read_text("utf-8")
    (tmp_path / "08.toml").write_text(text.replace("{ high = 20.0 }", "{ high = 40.0 }"), "utf-8")
    (tmp_path / "09.toml").write_text(text.replace("x = [0.0, 400.0]", "x = [400.0, 0.0]"), "utf-8")
    (tmp_path / "10.toml").write_text(text.replace("y = [0.0, 1.5]", "y = [0.0, 1.5]\nlog_y = true"), "utf-8")
    lessons, problems = load_lessons(tmp_path)
    said = [str(problem) for problem in problems]
    assert not lessons
    assert "predict.answers: have bands that overlap" in said[0]
    assert "predict.curve.x: must be two numbers, the smaller one first" in said[1]
    assert "predict.curve: has an y that begins at 0 or below" in said[2].replace("  ", " ")


# --- Drawing ----------------------------------------------------------------------------------------------------


@given(st.lists(STROKES, max_size=4))
def test_a_drawn_curve_is_a_valid_prediction_and_survives_its_text(strokes: list[list[tuple[float, float]]]) -> None:
    points: Points = ()
    for stroke in strokes:
        points = with_stroke(points, stroke)
    prediction = Prediction(votes=(1, 2), curve=points)
    assert Prediction.model_validate_json(prediction.model_dump_json()) == prediction


def test_a_stroke_replaces_what_was_over_its_span_and_nothing_else() -> None:
    before = with_stroke((), [(0.0, 0.2), (1.0, 0.2)])
    after = with_stroke(before, [(0.75, 0.9), (0.25, 0.9)])  # from right to left
    for x, y in ((0.0, 0.2), (0.2, 0.2), (0.25, 0.9), (0.5, 0.9), (0.75, 0.9), (0.8, 0.2), (1.0, 0.2)):
        assert height_at(after, x) == pytest.approx(y)
    assert len(after) <= PLACES


def test_points_by_keyboard() -> None:
    points = with_point(with_point((), 0.0, 0.25), 1.0, 2.0)
    assert points == ((0.0, 0.25), (1.0, 1.0)), "limited to the axes"
    assert height_at(points, 0.5) == pytest.approx(0.625)
    assert with_point(points, 0.0, 0.5)[0] == (0.0, 0.5)
    assert without_point(points, 0.0) == ((1.0, 1.0),) and height_at((), 0.3) == 0.5
    assert drawn_line(((0.5, 0.5),), axes()) is None


def test_votes_are_limited() -> None:
    prediction = Prediction(votes=(0, 4))
    assert prediction.with_votes(1, -3) == (0, 0) and prediction.with_votes(0, 10**6) == (9999, 4)
    with pytest.raises(SpecError, match="from 0 to 9999"):
        prediction.edited("votes", (10_000, 0))
    with pytest.raises(SpecError, match="from left to right"):
        prediction.edited("curve", ((0.5, 0.1), (0.4, 0.1)))


# --- Comparing --------------------------------------------------------------------------------------------------


def transcribed(points: Points, x: np.ndarray, y: np.ndarray, ends: tuple[float, float], log: bool) -> float:
    """The mean distance, place by place with plain numbers."""
    low, high = (math.log10(end) for end in ends) if log else ends
    total, places = 0.0, 0
    for step in range(PLACES):
        at = step / (PLACES - 1)
        value = at * 200.0
        if not (points[0][0] <= at <= points[-1][0] and x[0] <= value <= x[-1]):
            continue
        heights = (np.log10(y) if log else y - 0.0).tolist()
        measured = (float(np.interp(value, x, heights)) - low) / (high - low)
        after = next(i for i, p in enumerate(points) if p[0] >= at)
        (x1, y1), (x0, y0) = points[after], points[max(0, after - 1)]
        drawn = y1 if x1 == x0 else y0 + (y1 - y0) * (at - x0) / (x1 - x0)
        total, places = total + abs(drawn - min(1.0, max(0.0, measured))), places + 1
    return total / places


@pytest.mark.parametrize("log", [False, True])
def test_the_distance_is_that_of_a_transcription(log: bool) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        xs = np.sort(rng.choice(201, 6, replace=False)) / 200
        points = tuple((float(a), float(b)) for a, b in zip(xs, rng.random(6), strict=True))
        x = np.sort(rng.choice(201, 40, replace=False)).astype(float)
        y = np.exp(rng.normal(size=40)) * 10
        found = agreement(points, axes(log), line("", x, y))
        expected = transcribed(points, x, np.clip(y, *axes(log).y), axes(log).y, log)
        assert found is not None and found.distance == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.integers(-5, 5), min_size=3, max_size=20), st.integers(0, 2**31))
def test_the_rank_correlation_is_that_of_scipy(values: list[int], seed: int) -> None:
    others = np.random.default_rng(seed).integers(0, 6, len(values)).astype(float)
    found = rank_correlation(np.array(values, dtype=float), others)
    if len(set(values)) == 1 or len(set(others)) == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(stats.spearmanr(values, others).statistic, abs=1e-12)


def test_curves_without_a_common_span_or_without_numbers_are_not_compared() -> None:
    points = ((0.0, 0.5), (0.4, 0.5))
    assert agreement(points, axes(), line("", [100, 200], [1, 1])) is None
    assert agreement(points, axes(), line("", [0, 200], [math.nan, math.nan])) is None
    assert agreement(points[:1], axes(), line("", [0, 200], [1, 1])) is None
    level = agreement(points, axes(), line("", [0, 200], [50, 50]))
    assert level is not None and level.distance == 0 and math.isnan(level.rank)
    assert plain(level.text) == "The drawn curve is 0 % of the plot's height away from the measured one, on average."
    beyond = agreement(points, axes(), line("", [0, 200], [1e30, 1e30]))
    assert beyond is not None and beyond.distance == 0.5, "beyond the axis counts as its end"


def test_what_has_come_of_a_scene() -> None:
    lesson: Lesson = read_lesson(FOLDER / "08-saddle.toml")
    assert lesson.predict is not None and lesson.predict.curve is not None
    conclusion = finished(play(lesson))
    measured = lesson.predict.curve.measured(conclusion.picture)
    assert measured is not None
    at, heights = lesson.predict.curve.shares(measured.x, measured.y)
    exact = tuple((float(a), float(b)) for a, b in zip(at[::2], np.clip(heights[::2], 0, 1), strict=True))
    prediction = Prediction(votes=(1, 0, 3, 0), curve=exact)
    found = outcome(lesson.predict, prediction, conclusion)
    assert found.right == 2 and found.share_of_right == 0.75 and found.agreement is not None
    assert found.agreement.distance < 1e-9 and found.agreement.rank > 0.999
    assert plain(found.sentences[0]) == "3 votes of 4 for the right answer (75 %)."
    assert "goes the same way" in found.sentences[1]
    over = with_prediction(lesson, conclusion.picture or Picture(), prediction)
    assert [each.name for each in over.panels[0].lines] == ["SGD", "Momentum", "Adam", "Predicted"]
    assert with_prediction(lesson, over, blank(lesson.predict)) is over
    counter = finished(play(lesson, counter=True))
    assert outcome(lesson.predict, prediction, counter).right == 0
