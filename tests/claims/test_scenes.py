"""Every scene of the program: its numbers lie in their bands, and its counter-example does not.

One seed in the ordinary run, three under ``-m full``; scenes that take long are played there alone.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from workbench.engine.core.progress import finished
from workbench.engine.lessons.drawn_curve import agreement
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.lesson_file import load_lessons
from workbench.engine.lessons.play import Conclusion, play

LESSONS = {lesson.number: lesson for lesson in load_lessons()[0]}
#: Scenes of many runs, of 5 to 12 s. Their quantities have tests of their own on small runs.
LONG = {23, 24, 25, 27, 28, 34}
NUMBERS = [pytest.param(number, marks=[pytest.mark.full] if number in LONG else []) for number in LESSONS]
SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.full) for seed in (1, 2)))


@cache
def played(number: int, seed: int = 0, counter: bool = False) -> Conclusion:
    """A scene that is played once, whatever many tests look at it."""
    return finished(play(LESSONS[number], seed, counter))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", NUMBERS)
def test_the_claim_holds(number: int, seed: int) -> None:
    found = played(number, seed)
    print(number, *(finding.text for finding in (found.main, *found.also)), sep="\n")
    assert found.holds
    fits_what_can_be_predicted(LESSONS[number], found)


def fits_what_can_be_predicted(lesson: Lesson, found: Conclusion) -> None:
    """One of the answers is right, and the curve that can be drawn is the measured one, over its own axes."""
    assert lesson.predict is not None
    assert lesson.predict.right(found.measured) is not None
    curve = lesson.predict.curve
    if curve is None:
        return
    assert found.picture is not None
    panel, measured = found.picture.panels[curve.panel], curve.measured(found.picture)
    assert (panel.x_label, panel.y_label) == (curve.x_label, curve.y_label)
    assert (panel.log_x, panel.log_y) == (curve.log_x, curve.log_y)
    assert measured is not None and measured.style != "dashed"
    x, y = curve.shares(measured.x, measured.y)
    inside = (x >= -0.01) & (x <= 1.01) & (y >= 0) & (y <= 1)
    assert inside.mean() > 0.9 and np.nanmax(x) - np.nanmin(x) > 0.7
    drawn = tuple((float(each), 0.5) for each in (0.0, 1.0))
    near = agreement(drawn, curve, measured)
    assert near is not None and 0 < near.distance < 0.6


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", NUMBERS)
def test_the_counter_example_does_not(number: int, seed: int) -> None:
    assert not played(number, seed, counter=True).main.holds


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=map(str, LESSONS))
def test_what_a_lesson_says_fits_the_stage(lesson: Lesson) -> None:
    """Short enough to be read from the last row, in whole sentences, and no typo of the notes."""
    assert len(lesson.title) <= 70 and len(lesson.question) <= 160 and len(lesson.drag) <= 140
    assert lesson.question.endswith("?") and lesson.drag.endswith(".")
    assert lesson.counter is not None and lesson.counter.words.endswith(".")
    assert lesson.paragraphs and lesson.conclusion.endswith("(expected: {band}).")
    assert all(also.conclusion.endswith("(expected: {band}).") for also in lesson.also)


@pytest.mark.parametrize("number", [7, 9, 16])
def test_the_same_seed_gives_the_same_number(number: int) -> None:
    again = finished(LESSONS[number].quantity.measure(LESSONS[number].stage(0)))
    assert again == played(number).measured


def test_adams_first_steps_are_those_of_the_errata() -> None:
    found = played(15)
    numbers = [finding.measured for finding in (found.main, *found.also)]
    assert numbers == pytest.approx([3.16, 6.57, 1.26, 1.0], rel=0.01)


def test_the_scenes_are_there() -> None:
    assert set(LESSONS) >= {*range(7, 17), 20, 21, *range(23, 36)}
    assert [lesson.number for lesson in LESSONS.values() if lesson.is_beyond_the_lecture] == [*range(29, 36)]
