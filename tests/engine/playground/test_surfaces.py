"""Every surface of the catalog: gradients against differences, minima, limits, files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.catalog.surfaces import Surface
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.catalog.surfaces.saddles import Saddle
from workbench.engine.catalog.surfaces.sculpted import Sculpted
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import SpecError
from workbench.engine.playground.spec import PlaygroundSpec, playground_from_plain
from workbench.engine.spec.editable import plain

SURFACES = tuple(members_of(Surface).values())


def _points(surface: Surface, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    view, numbers = surface.view, np.random.default_rng(3)
    return numbers.uniform(view.left, view.right, count), numbers.uniform(view.bottom, view.top, count)


@pytest.mark.parametrize("cls", SURFACES)
def test_the_gradient_is_that_of_the_height(cls: type[Surface]) -> None:
    surface, step = cls(), 1e-6
    x, y = _points(surface)
    expected = np.stack(
        [
            (surface.value(x + step, y) - surface.value(x - step, y)) / (2 * step),
            (surface.value(x, y + step) - surface.value(x, y - step)) / (2 * step),
        ]
    )
    found = np.stack(surface.gradient(x, y))
    assert np.abs(found - expected).max() < 1e-8 * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("cls", SURFACES)
def test_a_minimum_is_one(cls: type[Surface]) -> None:
    surface = cls()
    for x, y in surface.minima():
        assert np.abs(np.stack(surface.gradient(np.array(x), np.array(y)))).max() < 1e-9
        assert np.linalg.eigvalsh(surface.hessian(x, y)).min() > 0


@pytest.mark.parametrize("cls", SURFACES)
def test_nothing_within_the_view_is_lower_than_the_lowest(cls: type[Surface]) -> None:
    surface = cls()
    heights = surface.value(*_points(surface, 5000))
    assert heights.min() >= surface.lowest() - 1e-3 * np.ptp(heights)


@pytest.mark.parametrize("cls", SURFACES)
def test_the_start_is_within_the_view_and_on_a_slope(cls: type[Surface]) -> None:
    surface = cls()
    x, y = surface.begin_at()
    assert surface.view.left < x < surface.view.right
    assert surface.view.bottom < y < surface.view.top
    assert np.hypot(*surface.gradient(np.array(x), np.array(y))) > 1e-3


@pytest.mark.parametrize("cls", SURFACES)
def test_a_surface_comes_back_from_plain_values(cls: type[Surface]) -> None:
    spec = PlaygroundSpec(surface=cls())
    assert playground_from_plain(plain(spec)) == spec


@given(st.floats(1, 1000), st.floats(-90, 90), st.floats(-2, 2), st.floats(-2, 2))
def test_a_bowl_is_the_turned_quadratic_form(condition: float, tilt: float, x: float, y: float) -> None:
    angle = np.radians(tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    hessian = turn @ np.diag([1.0, condition]) @ turn.T
    point, bowl = np.array([x, y]), Bowl(condition=condition, tilt=tilt)
    assert float(bowl.value(np.array(x), np.array(y))) == pytest.approx(0.5 * point @ hessian @ point, abs=1e-9)
    assert np.stack(bowl.gradient(np.array(x), np.array(y))) == pytest.approx(hessian @ point, abs=1e-9)
    assert bowl.hessian(x, y) == pytest.approx(hessian, abs=1e-9)


def test_the_steep_direction_of_a_bowl_is_across_its_valley() -> None:
    direction = Bowl(condition=100, tilt=30).steep_direction(1.0, 1.0)
    assert abs(direction @ [-np.sin(np.radians(30)), np.cos(np.radians(30))]) == pytest.approx(1)


def test_the_steep_direction_of_a_saddle_may_be_the_one_that_bends_down() -> None:
    assert np.abs(Saddle(bend=2.0).steep_direction(0.0, 0.0)) == pytest.approx([0, 1])
    assert np.abs(Saddle(bend=0.5).steep_direction(0.0, 0.0)) == pytest.approx([1, 0])


@pytest.mark.parametrize(
    "bumps", [((200.0, 0.0, 1.0, 1.0),), ((0.0, 0.0, 1.0, 0.0),), ((0.0, 0.0, float("nan"), 1.0),)]
)
def test_hills_outside_the_limits_are_refused(bumps: tuple[tuple[float, ...], ...]) -> None:
    with pytest.raises(SpecError):
        PlaygroundSpec(surface=Sculpted()).edited("surface.bumps", bumps)
