"""Which threads, precision and memory format are the fastest here and now: steps of each, on a throw-away copy.

Rounds in turn, so that what else the machine does falls on all alike; what is far behind is left out of later rounds.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from statistics import mean
from typing import Final

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.text import counted, grouped, short
from workbench.engine.data.split import Indices
from workbench.engine.nn.arithmetic import why_no_bf16
from workbench.engine.spec.experiment import MEASURED, ExperimentSpec, MemoryFormat, Precision
from workbench.engine.training.device import cores, resolve
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.training.train_step import FullBatchStep, TorchStep

ROUNDS: Final = 3
#: Steps of each way in a round, after two that are not counted; fewer where they take longer than these seconds.
STEPS: Final = 7
SECONDS: Final = 0.7
#: A way that takes this many times as long as the fastest is not measured again.
BEHIND: Final = 1.5
#: A way with as many threads must gain this much over a simpler one, one with more threads this much.
WORTH, WORTH_THREADS = 1.05, 1.1


@dataclass(frozen=True, slots=True)
class Way:
    """One way to compute the steps. Simpler ones are named first."""

    threads: int
    precision: Precision = "float32"
    memory_format: MemoryFormat = "contiguous"

    def of(self, spec: ExperimentSpec) -> ExperimentSpec:
        """``spec`` with this way in its settings."""
        for name in MEASURED:
            spec = spec.edited(f"loop.{name}", getattr(self, name))
        return spec

    def __str__(self) -> str:
        precision = "bfloat16" if self.precision == "bf16" else self.precision
        return f"{precision}, {self.memory_format.replace('_', ' ')}, {counted(self.threads, 'thread')}"


@dataclass(slots=True)
class Times:
    """Seconds of a step of each way, the mean of each round that it was in."""

    rounds: dict[Way, list[float]] = field(default_factory=dict)

    def add(self, way: Way, seconds: float) -> None:
        """One more round."""
        self.rounds.setdefault(way, []).append(seconds)

    @property
    def means(self) -> dict[Way, float]:
        """What each way took: the mean of its rounds, with several threads the slowest of them.

        Threads wait for each other: where others want a core now and then, a step takes several times as long.
        """
        return {way: max(each) if way.threads > 1 else mean(each) for way, each in self.rounds.items()}

    def is_behind(self, way: Way) -> bool:
        """Whether ``way`` is so far behind that it is not measured again."""
        means = self.means
        return way in means and means[way] > BEHIND * min(means.values())


def fastest(spec: ExperimentSpec, dataset: Dataset, cores_left: int) -> Generator[Loading, None, tuple[Way, str]]:
    """The fastest way to make the steps of ``spec``, and a sentence that says why. ``cores_left`` are not used.

    Yields progress between two steps. Raises WorkbenchError if ``spec`` cannot be trained. Torch's number of threads is
    another one afterwards.
    """
    one = _one_of(spec)
    base = set_up(Way(1).of(one), dataset=dataset)
    yield from _arrived(base)
    no_bf16 = why_no_bf16(base.where.device)
    ways = list(_ways(spec, base.where.device, not no_bf16, max(1, cores() - cores_left)))
    times, total = Times(), ROUNDS * len(ways)
    for number in range(ROUNDS):
        for place, way in enumerate(ways):
            progress = Loading(number * len(ways) + place, total, "Measuring what is fastest")
            yield progress
            if not times.is_behind(way):
                for _ in _measured(way, one, base, times):
                    yield progress
    best = chosen(times.means)
    return best, words(best, times.means, no_bf16)


def chosen(means: Mapping[Way, float]) -> Way:
    """The simplest way that is about as fast as the fastest: with the fewest threads, then float32, then contiguous.

    A choice between ways that are equal would be one by chance, and threads are slow where others want the cores too.
    """
    best = min(means, key=lambda way: means[way])

    def is_enough(way: Way) -> bool:
        return means[way] <= means[best] * (WORTH_THREADS if way.threads < best.threads else WORTH)

    return min(
        filter(is_enough, means),
        key=lambda way: (way.threads, way.precision == "bf16", way.memory_format == "channels_last"),
    )


def words(best: Way, means: Mapping[Way, float], no_bf16: str = "") -> str:
    """What was chosen of ``means`` (seconds a step) and why."""
    base = min(means, key=lambda way: (way.precision == "bf16", way.memory_format == "channels_last", way.threads))
    took = f"{short(1e3 * means[best], 3)} ms a step"
    if best == base:
        why = "No other was clearly faster."
    else:
        gain = means[base] / means[best]
        why = f"That is {grouped(gain, 1)} times as fast as {base}."
    head = f"Measured as the fastest of {counted(len(means), 'way')}: {best}, {took}."
    return " ".join(each for each in (head, why, no_bf16 and f"bfloat16 was not tried. {no_bf16}") if each)


def _one_of(spec: ExperimentSpec) -> ExperimentSpec:
    """Of several networks the first; measured without what would only cost time."""
    one = spec.ensemble.members_of(spec)[0]
    if one.data.trains_all_folds:
        one = one.edited("data.fold", 1)
    if "cache_features" in type(one.model).model_fields:
        one = one.edited("model.cache_features", False)
    return one.edited("loop.diagnostics", 0)


def _ways(spec: ExperimentSpec, device: str, has_bf16: bool, most: int) -> Iterator[Way]:
    """All ways that can make a difference."""
    convolves, is_single = spec.model.has_convolutions, len(spec.ensemble.members_of(spec)) == 1
    counts = sorted({1, most, *(2**power for power in range(1, most.bit_length()) if 2**power <= most)})
    threads = counts if device == "cpu" else [resolve(spec.edited("loop.threads", None).loop).threads]
    formats: tuple[MemoryFormat, ...] = ("contiguous", "channels_last") if convolves else ("contiguous",)
    # Several MLPs are computed as one in float32 alone.
    precisions: tuple[Precision, ...] = ("float32", "bf16") if has_bf16 and (convolves or is_single) else ("float32",)
    return (Way(*each) for each in product(threads, precisions, formats))


def _arrived(run: RunContext) -> Iterator[Loading]:
    """Wait for the pictures of the first batch."""
    while run.data.examples.lacks(_batch(run)):
        yield run.data.examples.waiting or Loading(0, 0, "Reading pictures")


def _batch(run: RunContext) -> Indices:
    """The examples of the first step, or of the first part of it where it takes all."""
    return run.batches.next()[: run.initial.loop.batch_size]


def _measured(way: Way, one: ExperimentSpec, base: RunContext, times: Times) -> Iterator[None]:
    """A round of ``way`` on a copy of its own: at most one is in memory beside ``base``. Yields between two steps."""
    copy = set_up(way.of(one), like=base)
    copy.state.network.train()
    copy.network.reuse.apply(copy.state)
    for _ in copy.network.reuse.prepare(copy.spec, copy.data.examples, copy.data.split):
        yield
    indices = _batch(copy)
    _seconds(copy, indices)  # allocates
    first = _seconds(copy, indices)
    spans = []
    for _ in range(max(1, min(STEPS, int(SECONDS / first)))):
        spans.append(_seconds(copy, indices))
        yield
    times.add(way, mean(spans))


def _seconds(run: RunContext, indices: Indices) -> float:
    """The time of one step that moves no weight."""
    started = time.perf_counter()
    if isinstance(run.step, FullBatchStep):
        step = TorchStep(run.data.examples, run.network, run.state)
        step.begin()
        loss, shown, _ = step.loss(*step.batch(indices), 0)
        loss.backward()
        shown.item()
    else:
        finished(run.step(indices, 0.0))
    return time.perf_counter() - started
