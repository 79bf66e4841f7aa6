"""The batches of an epoch are its order cut by the batch size, however the run has come to it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.helpers import small_spec
from workbench.engine.core.randomness import permutation
from workbench.engine.training.epoch_batches import SEEDED
from workbench.engine.training.set_up import set_up

EPOCHS = [*range(SEEDED + 2), 3, 4, SEEDED, 100, 100, 0]


@pytest.mark.parametrize("seed", [0, 5])
def test_an_order_is_that_of_its_epoch(seed: int) -> None:
    run = set_up(small_spec(loop__seed=seed))
    train, progress = run.data.split.train, run.state.progress
    for epoch in EPOCHS:  # forwards, back by steps, and again what was there just before
        progress.epoch = epoch
        wanted = train[permutation(len(train), seed, epoch)]
        assert np.array_equal(run.batches.next(), wanted[: run.batches.borders[1]])


def test_an_epoch_visits_every_example_once() -> None:
    run = set_up(small_spec())
    progress, seen = run.state.progress, []
    for batch in run.batches.rest_of_epoch():
        seen.append(batch)
        progress.count(0.0, 0.0, len(batch), 0.1)
    assert len(seen) == run.batches.per_epoch
    assert np.array_equal(np.sort(np.concatenate(seen)), np.sort(run.data.split.train))
