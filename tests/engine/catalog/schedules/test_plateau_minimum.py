"""Reduce on plateau never raises the rate, whatever its minimum and whatever it has been told before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.catalog.schedules.plateau import ReduceOnPlateau
from workbench.engine.core.events import Measured


def at(loss: float) -> Measured:
    return Measured(loss, 0.5, 10, 0.0, 0.0)


@pytest.mark.parametrize(
    ("factor", "drop", "minimum", "wanted"),
    [
        (0.1, 0.5, 0.5, 0.1),  # the minimum was raised during the run: it raises no rate
        (0.1, 0.5, 0.1, 0.1),
        (0.1, 0.5, 0.06, 0.06),
        (0.1, 0.5, 0.05, 0.05),
        (0.1, 0.5, 0.0, 0.05),
        (1.0, 0.1, 1.0, 1.0),
    ],
)
def test_one_drop(factor: float, drop: float, minimum: float, wanted: float) -> None:
    schedule = ReduceOnPlateau(patience=0, drop=drop, minimum=minimum)
    after = schedule.after_measurement({"best": 1.0, "stale": 0.0, "factor": factor}, None, at(2.0))
    assert after == {"best": 1.0, "stale": 0.0, "factor": pytest.approx(wanted)}


@given(
    st.lists(
        st.tuples(st.floats(0, 4), st.floats(1e-6, 0.999), st.integers(0, 2), st.floats(0, 1)), min_size=1, max_size=30
    )
)
def test_the_factor_never_rises(steps: list[tuple[float, float, int, float]]) -> None:
    """Each setting may be another one at each evaluation; the factor falls to its minimum at most, if it lies below."""
    memory: dict[str, float] = {}
    for loss, drop, patience, minimum in steps:
        before = memory.get("factor", 1.0)
        schedule = ReduceOnPlateau(patience=patience, drop=drop, minimum=minimum)
        memory = dict(schedule.after_measurement(memory, None, at(loss)))
        assert min(before, minimum) <= memory["factor"] <= before
        assert memory["factor"] in (before, pytest.approx(min(before, max(before * drop, minimum))))
