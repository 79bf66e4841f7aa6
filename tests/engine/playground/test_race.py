"""Races: the catalog's own optimizers, against plain transcriptions, and what is kept of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.adagrad import AdaGrad
from workbench.engine.catalog.optimizers.adam import Adam
from workbench.engine.catalog.optimizers.lbfgs import LBFGS
from workbench.engine.catalog.optimizers.muon import Muon
from workbench.engine.catalog.optimizers.sgd import SGD, Momentum, Nesterov
from workbench.engine.catalog.schedules.decays import StepDecay
from workbench.engine.catalog.schedules.plateau import ReduceOnPlateau
from workbench.engine.catalog.surfaces import Surface
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.catalog.surfaces.classics import Himmelblau
from workbench.engine.catalog.surfaces.plane import Plane
from workbench.engine.catalog.surfaces.saddles import MonkeySaddle
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import finished
from workbench.engine.playground.measures import measures
from workbench.engine.playground.race import Race
from workbench.engine.playground.random_matrices import KNOWN, share_of_minima
from workbench.engine.playground.rates import rate_band
from workbench.engine.playground.relief import BANDS, relief
from workbench.engine.playground.restarts import restarts
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.playground.strips import STRIPS
from workbench.engine.playground.trail import Trail

RACERS = tuple(cls for cls in members_of(Optimizer).values() if not cls.takes_matrices_only)


def _raced(*racers: Optimizer, updates: int = 40, **more: Any) -> tuple[Trail, ...]:
    race = Race(PlaygroundSpec(racers=racers, updates=updates, **more))
    race.advance(updates)
    return race.trails()


@pytest.mark.parametrize("cls", RACERS)
def test_the_rule_with_the_kept_numbers_gives_the_next_point(cls: type[Optimizer]) -> None:
    (trail,) = _raced(cls(lr=0.02), surface=Bowl(condition=20, tilt=25))
    for update in (0, 1, 7, 39):
        for axis in (0, 1):
            lines = trail.lines_at(update, axis)
            assert lines[-1].result == pytest.approx(trail.points[update + 1, 0, axis], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("cls", [c for c in RACERS if c.elementwise and c is not Nesterov])  # its step has two parts
def test_the_effective_rate_times_what_it_acts_on_is_the_step(cls: type[Optimizer]) -> None:
    (trail,) = _raced(cls(lr=0.02, weight_decay=0.0), surface=Bowl(condition=20, tilt=25))
    acts_on = trail.gradients if trail.velocities is None else trail.velocities
    assert trail.effective_rates is not None
    assert -trail.effective_rates * acts_on == pytest.approx(trail.steps, rel=1e-5, abs=1e-9)


def test_adam_is_the_transcribed_rule() -> None:
    surface = Bowl(condition=30, tilt=40)
    (trail,) = _raced(Adam(lr=0.1), surface=surface, updates=60)
    x, m, s = trail.points[0, 0].copy(), np.zeros(2), np.zeros(2)
    for t in range(1, 61):
        g = np.stack(surface.gradient(x[0], x[1]))
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        x -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        assert trail.points[t, 0] == pytest.approx(x, rel=1e-12)


def test_another_build_gives_another_path(monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = _raced(Momentum(lr=0.02))

    def without_velocity(self: Momentum, model: torch.nn.Module, blocks: Any = ()) -> torch.optim.Optimizer:
        optimizer = torch.optim.SGD(model.parameters(), lr=self.lr)
        optimizer.param_groups[0]["decays"] = True
        return optimizer

    monkeypatch.setattr(Momentum, "build", without_velocity)
    (after,), (plain,) = _raced(Momentum(lr=0.02)), _raced(SGD(lr=0.02))
    assert not np.array_equal(before.points, after.points)
    assert np.array_equal(after.points, plain.points)


@pytest.mark.parametrize("cls", RACERS)
def test_many_balls_go_as_each_alone(cls: type[Optimizer]) -> None:
    starts = np.array([[1.0, 0.5], [-1.5, 0.3], [0.2, -1.0]])
    spec = PlaygroundSpec(racers=(cls(lr=0.02),), surface=Bowl(condition=10, tilt=20), updates=15)
    together = Race(spec, starts)
    together.advance(15)
    for ball, (x, y) in enumerate(starts):
        alone = Race(spec.edited("start_x", float(x)).edited("start_y", float(y)))
        alone.advance(15)
        expected = alone.trails()[0].points[:, 0]
        assert together.trails()[0].points[:, ball] == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_advancing_in_parts_is_the_same_as_at_once() -> None:
    spec = PlaygroundSpec(noise=0.3, updates=700)
    parts, whole = Race(spec), Race(spec)
    for size in (1, 300, 7, 392):
        parts.advance(size)
    whole.advance(700)
    for one, other in zip(parts.trails(), whole.trails(), strict=True):
        assert np.array_equal(one.points, other.points)
        assert np.array_equal(one.gradients, other.gradients)


def test_trails_stay_when_the_race_goes_on() -> None:
    race = Race(PlaygroundSpec(updates=2000))
    race.advance(500)
    early = race.trails()
    kept = [trail.points.copy() for trail in early]
    race.advance(1500)
    assert all(np.array_equal(trail.points, points) for trail, points in zip(early, kept, strict=True))
    assert np.array_equal(race.trails()[0].points[:501], kept[0])


def test_noise_is_the_same_for_all_and_follows_the_seed() -> None:
    noisy = _raced(SGD(lr=0.01), SGD(lr=0.01), noise=0.5)
    assert np.array_equal(noisy[0].points, noisy[1].points)
    again, other = _raced(SGD(lr=0.01), noise=0.5), _raced(SGD(lr=0.01), noise=0.5, seed=1)
    assert np.array_equal(noisy[0].points, again[0].points)
    assert not np.array_equal(noisy[0].points, other[0].points)
    x, y = noisy[0].points[:-1, 0].T
    noise = noisy[0].gradients[:, 0].T - np.stack(Bowl().gradient(x, y))
    assert 0.3 < noise.std() < 0.7


def test_a_schedule_multiplies_every_rate() -> None:
    trails = _raced(SGD(lr=0.01), Adam(lr=0.1), schedule=StepDecay(gamma=0.1, every=10), updates=30)
    for trail, rate in zip(trails, (0.01, 0.1), strict=True):
        assert trail.rates[[0, 9, 10, 20]] == pytest.approx([rate, rate, rate * 0.1, rate * 0.01])


def test_a_lost_ball_stays_where_it_was_last_and_the_rest_goes_on() -> None:
    lost, other = _raced(SGD(lr=1.0), Adam(lr=0.1), updates=200)
    assert 0 < lost.lost[0] < 20
    assert np.isfinite(lost.points).all()
    assert np.array_equal(lost.points[lost.lost[0]], lost.points[-1])
    assert other.lost[0] == -1
    assert measures(other).arrived is not None
    assert measures(lost).lost == lost.lost[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"racers": (Muon(),)}, "matrices"),
        ({"racers": (LBFGS(),), "noise": 0.1}, "exact gradients"),
        ({"racers": ()}, "at least one"),
        ({"racers": (SGD(),) * 13}, "At most 12"),
        ({"schedule": ReduceOnPlateau()}, "validation"),
    ],
)
def test_what_cannot_race_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        Race(PlaygroundSpec(**change))


def test_measures_of_a_zigzag() -> None:
    spec = PlaygroundSpec(racers=(SGD(lr=0.038),), surface=Bowl(condition=50), start_x=1.0, start_y=1.0, updates=300)
    race = Race(spec)
    race.advance(300)
    (trail,) = race.trails()
    found = measures(trail)
    # Along each axis the point is multiplied by 1 − lr·λ: −0.9 across, 0.962 along.
    across, along = 0.5 * 50 * (-0.9) ** (2 * np.arange(301)), 0.5 * 0.962 ** (2 * np.arange(301))
    heights = across + along
    assert found.arrived == int(np.argmax(heights < 1e-4 * heights[0]))
    assert measures(trail, until=20).swings == 19
    assert found.first_step == pytest.approx(50.0)
    steps = np.diff(np.stack([0.962 ** np.arange(301), (-0.9) ** np.arange(301)]), axis=1)
    assert found.path == pytest.approx(np.linalg.norm(steps, axis=0).sum())


def test_overshoot_is_how_far_beyond_the_minimum() -> None:
    spec = PlaygroundSpec(racers=(Momentum(lr=0.1, momentum=0.9),), surface=Bowl(condition=1), start_y=0.0, start_x=1.0)
    race = Race(spec)
    race.advance(400)
    (trail,) = race.trails()
    assert measures(trail).overshoot == pytest.approx(-trail.points[:, 0, 0].min())


@pytest.mark.parametrize("strip", STRIPS, ids=lambda strip: strip.name)
def test_every_strip_has_a_row_for_each_update(strip: Any) -> None:
    for trail in _raced(*(cls(lr=0.02) for cls in RACERS[:12]), updates=30):
        values = strip.values(trail, 0)
        if values is not None:
            assert len(values) == 30 + strip.begins_before
            assert values.shape[1:] in ((), (2,))


def test_updates_over_a_band_of_rates_are_those_of_the_closed_form() -> None:
    spec, rates = PlaygroundSpec(surface=Bowl(condition=10), start_x=1.0, start_y=1.0), np.linspace(0.05, 0.25, 41)
    band = finished(rate_band(spec, SGD(), rates))
    powers = 2 * np.arange(401)[:, None]
    heights = 0.5 * (1 - rates) ** powers + 5 * (1 - 10 * rates) ** powers
    there = heights < 1e-4 * heights[0]
    expected = np.where(there.any(axis=0), there.argmax(axis=0), 3000)
    assert np.array_equal(band.updates, expected)
    assert band.best == rates[expected.argmin()]
    assert band.updates[-1] == 3000  # beyond 2 / 10 it diverges


def test_restarts_end_in_the_known_minima() -> None:
    found = finished(restarts(PlaygroundSpec(surface=Himmelblau(), racers=(Adam(lr=0.1), SGD(lr=1.0)), updates=600)))
    assert found.ends.shape == (2, 50, 2)
    assert set(found.minimum[0]) == {0, 1, 2, 3}
    assert (found.minimum[1] == -2).any()


@pytest.mark.parametrize("surface", [Himmelblau(), MonkeySaddle(), Plane()])
def test_a_relief_has_its_levels_where_the_heights_cross_them(surface: Surface) -> None:
    view = surface.view
    found = relief(surface, view, 200, 150)
    assert found.bands.shape == (150, 200)
    assert len(found.levels) == BANDS - 1
    x, y = np.linspace(view.left, view.right, 200)[20], np.linspace(view.top, view.bottom, 150)[30]
    height = float(surface.value(np.array(x), np.array(y)))
    assert found.bands[30, 20] == int((found.levels < height).sum())
    assert found.lines.any()
    same_above, same_left = found.bands[1:, 1:] == found.bands[:-1, 1:], found.bands[1:, 1:] == found.bands[1:, :-1]
    assert np.array_equal(found.lines[1:, 1:], ~(same_above & same_left))


@pytest.mark.parametrize(("dimensions", "share"), list(enumerate(KNOWN, 1)))
def test_minima_are_rare_among_random_matrices(dimensions: int, share: float) -> None:
    draws = 100_000
    assert share_of_minima(dimensions, draws) == pytest.approx(share, abs=4 * (share / draws) ** 0.5 + 5e-4)


def test_adagrads_rate_never_rises() -> None:
    (trail,) = _raced(AdaGrad(lr=0.5), noise=1.0, updates=300)
    rates = trail.effective_rates
    assert rates is not None
    assert (np.diff(rates, axis=0) <= 0).all()
