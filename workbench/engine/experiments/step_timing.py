"""How long a plan will take, from a few measured steps."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.spec.experiment import ExperimentSpec
    from workbench.engine.training.run_context import RunContext

#: The first step of a kind also allocates; of the others the fastest counts.
TRIED = 3


@dataclass(frozen=True, slots=True)
class Phase:
    """Epochs ``first`` to ``last`` (0-based) in which the same blocks are frozen; seconds of a step and of all."""

    first: int
    last: int
    frozen: tuple[int, ...]
    cached: bool
    step: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Expected:
    """The phases of a plan, and what they take together in seconds, evaluations included."""

    phases: tuple[Phase, ...]
    seconds: float


def expected(spec: ExperimentSpec, dataset: Dataset | None = None) -> Expected:
    """Measure a few steps of every phase of ``spec``, a transfer experiment, on a throw-away copy.

    Takes some seconds. Raises WorkbenchError if the spec cannot be trained.
    """
    from workbench.engine.training.set_up import set_up

    tried = spec.edited("model.cache_features", False).edited("model.standardize", False).edited("loop.diagnostics", 0)
    copy = set_up(tried, dataset=dataset)
    looks = _fastest(lambda: _look(copy))
    each = max(1, min(len(copy.data.split.train), spec.loop.batch_size))
    measured = (len(copy.data.split.val) + len(copy.data.split.train_eval)) / each * looks
    kept = len(copy.data.split.train) + len(copy.data.split.val)
    phases = [_phase(spec, copy, epochs, looks, measured, looks * kept / each) for epochs in _phases(spec, copy)]
    return Expected(tuple(phases), sum(phase.seconds for phase in phases))


def _phases(spec: ExperimentSpec, copy: RunContext) -> list[list[int]]:
    model, count = spec.model, copy.network.reuse.count
    frozen = getattr(model, "frozen_in", None)
    assert frozen is not None
    return [list(group) for _, group in groupby(range(spec.loop.epochs), key=lambda epoch: frozen(epoch, count))]


def _phase(
    spec: ExperimentSpec, copy: RunContext, epochs: list[int], looks: float, measured: float, features: float
) -> Phase:
    """One phase; with cached features the epochs cost next to nothing once the features are there."""
    from workbench.engine.training.practice import practice_step

    progress, reuse = copy.state.progress, copy.network.reuse
    progress.epoch, progress.offset, progress.batch = epochs[0], 0, 0
    step = _fastest(lambda: practice_step(copy, 0.0))
    progress.epoch = epochs[0]
    reuse.apply(copy.state)
    cached = reuse.wants_features(spec, copy.data.split)
    frozen = tuple(sorted(reuse.frozen))
    if cached:
        return Phase(epochs[0], epochs[-1], frozen, True, max(0.0, step - looks), features)
    seconds = len(epochs) * (copy.batches.per_epoch * step + measured)
    return Phase(epochs[0], epochs[-1], frozen, False, step, seconds)


def _look(copy: RunContext) -> None:
    """One batch through the network without learning."""
    from workbench.engine.training.evaluate import measure

    for _ in measure(copy.state.network, copy.data.examples, copy.data.split.train[: copy.initial.loop.batch_size]):
        pass


def _fastest(work: Callable[[], object]) -> float:
    spans = []
    for _ in range(TRIED):
        started = time.perf_counter()
        work()
        spans.append(time.perf_counter() - started)
    return min(spans)
