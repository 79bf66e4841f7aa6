"""Evenly spread steps of one column, for small pictures of long runs."""

from __future__ import annotations

import pytest

from workbench.engine.core.step_store import StepStore


@pytest.mark.parametrize(("count", "capacity"), [(0, 64), (1, 64), (5, 64), (64, 64), (1000, 64), (1000, 2048)])
def test_a_sample_is_spread_over_what_is_held(count: int, capacity: int) -> None:
    store = StepStore(capacity)
    for step in range(count):
        store.append(1.0, 0.5, 10.0 * step, 0.0, float(step))
    steps, rates = store.sampled("lr", 20)
    held = min(count, capacity)
    assert len(steps) == len(rates) == min(20, held)
    assert rates.tolist() == [10.0 * step for step in steps.tolist()]
    if held:
        assert (steps[0], steps[-1]) == (count - held, count - 1)
