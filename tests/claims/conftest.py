"""Few seeds in the ordinary run, more under ``-m full``."""

from __future__ import annotations

import pytest


@pytest.fixture(params=[0, *(pytest.param(seed, marks=pytest.mark.full) for seed in (1, 2, 3, 4))])
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of weights, order and split."""
    return int(request.param)


@pytest.fixture(params=[range(4), pytest.param(range(12), marks=pytest.mark.full)], ids=lambda splits: f"{len(splits)}")
def splits(request: pytest.FixtureRequest) -> range:
    """The split seeds over which a mean is taken."""
    assert isinstance(request.param, range)
    return request.param
