"""What is kept of a path and counted on it, on paths that are made by hand or known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.sgd import SGD, Nesterov
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.catalog.surfaces.classics import Himmelblau
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.progress import finished
from workbench.engine.playground.measures import measures
from workbench.engine.playground.race import Race
from workbench.engine.playground.restarts import random_starts, restarts
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.playground.trail import Trail

DECAY = "g = g + wd*x"


def _along(heights: list[float]) -> Trail:
    """A ball at x = 0 that is at each of ``heights`` in y, which is the steep direction of the bowl."""
    points = np.stack([np.zeros(len(heights)), np.array(heights)], axis=1)[:, None]
    empty = np.zeros((len(heights) - 1, 1, 2))
    rates = np.full(len(heights) - 1, 0.1)
    return Trail(SGD(lr=0.1), Bowl(condition=50), None, points, empty, rates, {}, np.array([-1]))


@pytest.mark.parametrize(
    ("heights", "swings"),
    [
        ([1.0, -1.0, 1.0, -1.0], 2),
        ([1.0, -1.0, -1.0, 1.0], 1),  # it rests between two steps of opposite signs
        ([1.0, 1.0, 0.5, 0.5, 0.2], 0),  # and between two of the same
        ([1.0, 1.0, 1.0], 0),
    ],
)
def test_a_rest_between_two_steps_is_no_swing_and_hides_none(heights: list[float], swings: int) -> None:
    assert measures(_along(heights)).swings == swings


def test_a_ball_is_lost_from_the_update_on_at_which_it_left() -> None:
    race = Race(PlaygroundSpec(racers=(SGD(lr=1.0),), updates=50))
    race.advance(50)
    (trail,) = race.trails()
    left = int(trail.lost[0])
    assert left > 1
    assert [measures(trail, until=until).lost for until in (0, left - 1, left, 50)] == [None, None, left, left]


def test_a_path_that_was_asked_for_early_does_not_hear_of_a_ball_lost_later() -> None:
    race = Race(PlaygroundSpec(racers=(SGD(lr=1.0),), updates=50))
    race.advance(2)
    (early,) = race.trails()
    race.advance(48)
    assert race.trails()[0].lost[0] > 2
    assert early.lost[0] == -1


@pytest.mark.parametrize("cls", [c for c in members_of(Optimizer).values() if c.elementwise and c is not Nesterov])
def test_the_effective_rate_is_that_of_the_decayed_gradient(cls: type[Optimizer]) -> None:
    spec = PlaygroundSpec(racers=(cls(lr=0.02, weight_decay=0.3),), surface=Bowl(condition=20, tilt=25), updates=20)
    race = Race(spec)
    race.advance(20)
    (trail,) = race.trails()
    assert trail.rule is not None and trail.effective_rates is not None
    before = trail.points[:-1]
    decayed = trail.gradients + 0.3 * before if DECAY in trail.rule.lines else trail.gradients
    acts_on = decayed if trail.velocities is None else trail.velocities
    shrunk = 0.0 if DECAY in trail.rule.lines else 0.3 * trail.rates[:, None, None] * before
    assert -trail.effective_rates * acts_on - shrunk == pytest.approx(trail.steps, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("updates", [1, 19, 20, 33])
def test_restarts_roll_to_the_end_of_the_race(updates: int) -> None:
    spec = PlaygroundSpec(surface=Himmelblau(), racers=(SGD(lr=0.003),), updates=updates)
    found = finished(restarts(spec, balls=5))
    race = Race(spec, random_starts(spec, balls=5))
    race.advance(updates)
    (trail,) = race.trails()
    assert trail.updates == updates
    assert np.array_equal(found.ends[0], trail.points[-1])
    assert np.array_equal(found.heights[0], trail.heights[-1])
