"""Races of lessons: where they start, and how many updates they need."""

from __future__ import annotations

import math

import numpy as np
import pytest

from workbench.engine.catalog.optimizers.adam import Adam
from workbench.engine.catalog.optimizers.sgd import SGD
from workbench.engine.lessons.racing import bowl, names, updates_to_come_near
from workbench.engine.lessons.starts import around_the_minimum, moved
from workbench.engine.playground.spec import PlaygroundSpec


def _spec(updates: int, rate: float = 0.1) -> PlaygroundSpec:
    """Each update multiplies the distance to the minimum by 1 − ``rate``."""
    return PlaygroundSpec(racers=(SGD(lr=rate),), surface=bowl(1.0, 0.0), updates=updates)


def test_the_updates_are_those_of_the_closed_form_from_any_distance() -> None:
    starts = np.array([[1.0, 0.0], [0.2, -0.3]])
    expected = math.ceil(math.log(0.01) / math.log(0.9))
    assert updates_to_come_near(_spec(100), starts, 0.01) == expected == 44


@pytest.mark.parametrize("length", [0, 43])
def test_a_race_that_is_too_short_has_no_number(length: int) -> None:
    assert updates_to_come_near(_spec(max(1, length)), np.array([[1.0, 0.0]]), 0.01) == math.inf


def test_one_ball_that_does_not_come_near_is_enough() -> None:
    spec = PlaygroundSpec(racers=(SGD(lr=0.1),), surface=bowl(30.0, 0.0), updates=60)
    flat, steep = np.array([1.0, 0.0]), np.array([0.0, 1.0])  # across the valley it diverges
    assert updates_to_come_near(spec, np.stack([flat, flat]), 0.01) == 44
    assert updates_to_come_near(spec, np.stack([flat, steep]), 0.01) == math.inf


def test_another_seed_moves_a_start_nearer_or_farther_by_a_quarter_at_most() -> None:
    shares = np.array([moved((2.0, -4.0), seed) for seed in range(1, 400)]) / (2.0, -4.0)
    assert 0.8 <= shares.min() < 0.81 and 1.24 < shares.max() <= 1.25
    assert 0.4 < (shares < 1).mean() < 0.6, "as often nearer as farther"
    assert abs(np.corrcoef(shares.T)[0, 1]) < 0.2, "each coordinate by itself"
    assert moved((2.0, -4.0), 0) == (2.0, -4.0)
    assert moved((2.0, 0.0), 7)[1] == 0.0


def test_starts_around_the_minimum_turn_with_the_valley() -> None:
    straight, turned = around_the_minimum(200, 3), around_the_minimum(200, 3, tilt=30.0)
    away = np.abs(straight)
    assert 0.3 <= away.min() < 0.32 and 1.48 < away.max() <= 1.5
    assert {tuple(side) for side in np.sign(straight)} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}
    along = turned @ [math.cos(math.radians(30)), math.sin(math.radians(30))]
    assert along == pytest.approx(straight[:, 0])
    assert np.linalg.norm(turned, axis=1) == pytest.approx(np.linalg.norm(straight, axis=1))


def test_racers_are_told_apart_by_their_settings_only_where_they_must() -> None:
    spec = PlaygroundSpec(racers=(SGD(lr=0.1), Adam(lr=0.1), SGD(lr=0.2)))
    assert names(spec) == ("SGD (0.1)", "Adam", "SGD (0.2)")
    same = PlaygroundSpec(racers=(SGD(lr=0.1), Adam(lr=0.1), SGD(lr=0.1)))
    assert names(same) == ("SGD 1", "Adam", "SGD 2")
