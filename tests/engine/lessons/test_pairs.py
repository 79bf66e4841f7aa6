"""Pairs of networks: the line between them, and units that are renumbered."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from workbench.engine.lessons.pairs import Way, along, matched, together, trained
from workbench.engine.lessons.still_run import StillRun
from workbench.engine.spec.experiment import ExperimentSpec

PLACES = np.linspace(0, 1, 5)


@pytest.fixture(scope="module")
def spec() -> ExperimentSpec:
    found = ExperimentSpec().edited("model", {"kind": "mlp", "hidden": [12, 9]})
    return found.edited("optimizer", {"kind": "momentum", "lr": 0.05}).edited("loop.batch_size", 32)


@pytest.fixture(scope="module")
def run(spec: ExperimentSpec) -> StillRun:
    return StillRun(spec)


def weights(spec: ExperimentSpec, order: int = 0, fork_at: int = 40) -> torch.Tensor:
    return trained(Way(spec, 60, fork_at, order))


def test_forks_are_one_run_up_to_the_fork(spec: ExperimentSpec) -> None:
    assert torch.equal(weights(spec, 5, fork_at=60), weights(spec, 6, fork_at=60))
    assert not torch.equal(weights(spec, 5), weights(spec, 6))
    assert not torch.equal(weights(spec, 5, fork_at=59), weights(spec, 6, fork_at=59)), "the last step is behind it"


def test_permuted_units_are_matched(spec: ExperimentSpec, run: StillRun) -> None:
    """The hidden units in any order are the same network, of which the average with the first is neither."""
    one = weights(spec)
    sizes, parts = [(12, 64), (12,), (9, 12), (9,), (10, 9), (10,)], []
    for size in sizes:
        start = sum(part.numel() for part in parts)
        parts.append(one[start : start + int(np.prod(size))].reshape(size))
    draw = torch.Generator().manual_seed(3)
    first, second = torch.randperm(12, generator=draw), torch.randperm(9, generator=draw)
    shuffled = [parts[0][first], parts[1][first], parts[2][second][:, first], parts[3][second], parts[4][:, second]]
    other = torch.cat([part.reshape(-1) for part in (*shuffled, parts[5])])
    before = other.clone()
    walked = along(run, one, other, PLACES)
    assert walked[0] == walked[-1] > walked[2] + 0.1
    assert torch.equal(matched(run, one, other), one)
    assert torch.equal(other, before), "what is walked from is left as it is"


def test_matched_units_compute_the_same(spec: ExperimentSpec, run: StillRun) -> None:
    one, other = weights(spec), weights(spec.edited("loop.seed", 9))
    fitted = matched(run, one, other)
    assert not torch.equal(fitted, other)
    ends = along(run, other, fitted, np.array([0.0, 1.0]))
    assert ends[0] == pytest.approx(ends[1], abs=0.003), "only sums are rounded in another order"
    assert along(run, one, fitted, PLACES)[2] > along(run, one, other, PLACES)[2] + 0.05


def test_predictions_of_a_network_with_itself_are_its_own(spec: ExperimentSpec, run: StillRun) -> None:
    one = weights(spec)
    assert together(run, one, one) == along(run, one, one, np.array([0.5]))[0]
