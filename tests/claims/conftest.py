"""Few seeds in the ordinary run, more under ``-m full``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workbench.engine.diagnostics import decision_boundary


@pytest.fixture(autouse=True, scope="session")
def _coarse_boundary() -> Iterator[None]:
    """The picture of a 2-D set's decision boundary after each epoch costs half of a run, and no claim looks at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision_boundary, "SIDE", 8)
        yield


@pytest.fixture(params=[0, *(pytest.param(seed, marks=pytest.mark.full) for seed in (1, 2, 3, 4))])
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of weights, order and split."""
    return int(request.param)


@pytest.fixture(params=[range(4), pytest.param(range(12), marks=pytest.mark.full)], ids=lambda splits: f"{len(splits)}")
def splits(request: pytest.FixtureRequest) -> range:
    """The split seeds over which a mean is taken."""
    assert isinstance(request.param, range)
    return request.param


@pytest.fixture(params=[range(2), pytest.param(range(12), marks=pytest.mark.full)], ids=lambda splits: f"{len(splits)}")
def few_splits(request: pytest.FixtureRequest) -> range:
    """The same where one run takes seconds and the margins are wide."""
    assert isinstance(request.param, range)
    return request.param
