"""What the whole run will take: memory counted, time from measured steps and evaluations."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.memory import free_memory
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import counted, grouped, rough_duration, short, size_text
from workbench.engine.data.examples import KEEP_FLOATS_BELOW
from workbench.engine.experiments.sanity.questions import MEMORY, TIME
from workbench.engine.experiments.sanity.result import Checking, Result
from workbench.engine.experiments.sanity.subject import Subject
from workbench.engine.experiments.step_timing import expected
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.accumulation import more_parts
from workbench.engine.training.evaluate import how_to_test, measure
from workbench.engine.training.practice import practice_step
from workbench.engine.training.run_context import RunContext

#: The first step also allocates; of the others the fastest counts.
TRIED = 4
#: A full-batch step is measured on this many examples, and an evaluation on at most this many.
MEASURED = 512
#: Copies of the weights: the network, its gradient, the best so far, and a checkpoint being written.
COPIES = 4


@dataclass(frozen=True, slots=True)
class Bytes:
    """Memory of a run in bytes: examples, weights with gradients and copies, optimizer, and what a step remembers."""

    examples: int
    weights: int
    optimizer: int
    step: int

    def total(self, runs: int) -> int:
        """Of ``runs`` networks that are trained on the same examples; one makes a step at a time."""
        return self.examples + runs * (self.weights + self.optimizer) + self.step


class Memory:
    """Counts the tensors that training needs, against what is free now."""

    name: ClassVar[str] = MEMORY.name
    title: ClassVar[str] = MEMORY.title

    def run(self, subject: Subject) -> Checking:
        yield Loading(0, 0, self.title)
        trial = _as_set(subject)
        needed = bytes_of(trial, len(subject.spec.averaging)).total(runs_of(subject.spec))
        return self._judged(needed, free_on(trial.where.device), subject.spec)

    def _judged(self, needed: int, free: int, spec: ExperimentSpec) -> Result:
        words = f"Training needs about {size_text(needed)}; {size_text(free)} are free now."
        if needed <= free:
            return Result(self.name, self.title, "pass", words, float(needed))
        parts = more_parts(spec.loop.batch_size, spec.loop.accumulate)
        advice = "Use a smaller model, smaller pictures or fewer examples."
        if parts is not None:
            advice = f"Set Parts of a batch to {parts}, or use a smaller model or smaller pictures."
        return Result(self.name, self.title, "fail", words, float(needed), advice)


class Time:
    """Times a few steps and an evaluation of a throw-away copy."""

    name: ClassVar[str] = TIME.name
    title: ClassVar[str] = TIME.title

    def run(self, subject: Subject) -> Checking:
        yield Loading(0, 0, self.title)
        spec, runs = subject.member, runs_of(subject.spec)
        if isinstance(spec.model, Transfer):
            seconds = runs * expected(spec, subject.dataset).seconds
            words = f"{_epochs(subject.spec)} take {rough_duration(seconds)}, features and evaluations included."
            return Result(self.name, self.title, "pass", words, seconds)
        trial = _as_set(subject)
        step = yield from self._fastest(trial)
        split = subject.split
        step *= len(split.train) / len(trial.data.split.train) if spec.optimizer.full_batch else 1
        each = self._each(trial, spec)
        total = spec.loop.epochs * subject.base.batches.per_epoch
        every = spec.loop.evaluate_every
        looks = 1 + spec.loop.epochs + (total // every if every else 0)
        look = each * (len(split.train_eval) + len(split.val) * (1 + len(spec.averaging)))
        seconds = runs * (total * step + looks * look)
        most = "at most " if runs > 1 or spec.loop.patience is not None else ""
        words = (
            f"{_epochs(subject.spec)} take {most}{rough_duration(seconds)}: {counted(runs * total, 'step')} of "
            f"{_span(step)} and {counted(runs * looks, 'evaluation')} of {_span(look)}."
        )
        return Result(self.name, self.title, "pass", words, seconds)

    def _fastest(self, trial: RunContext) -> Generator[Loading, None, float]:
        spans = []
        for number in range(TRIED):
            spans.append(_seconds(lambda: practice_step(trial, 0.0)))
            yield Loading(number + 1, TRIED, self.title)
        return min(spans)

    def _each(self, trial: RunContext, spec: ExperimentSpec) -> float:
        """Seconds to measure one example."""
        part = trial.data.split.train[:MEASURED]
        work = lambda: list(measure(trial.state.network, trial.data.examples, part, how_to_test(spec)))  # noqa: E731
        return min(_seconds(work) for _ in range(2)) / len(part)


def runs_of(spec: ExperimentSpec) -> int:
    """How many networks a run of ``spec`` trains."""
    return len(spec.ensemble.members_of(spec)) * ((spec.data.folds or 1) if spec.data.trains_all_folds else 1)


def bytes_of(trial: RunContext, averages: int) -> Bytes:
    """Do one step of ``trial`` and count its tensors; ``averages`` are kept of the weights."""
    remembered = _Remembered(trial.state.network)
    looking = trial.state.network.register_forward_hook(lambda *_: None)  # a written-out step keeps as much, unseen
    with torch.autograd.graph.saved_tensors_hooks(remembered.pack, lambda tensor: tensor):
        practice_step(trial, 0.0)
    looking.remove()
    inputs = trial.data.examples.inputs
    floats = 4 * inputs.numel() if 4 * inputs.numel() <= KEEP_FLOATS_BELOW else 0
    weights = sum(p.nbytes for p in trial.state.network.parameters())
    kept = sum(t.nbytes for state in trial.state.optimizer.state.values() for t in _tensors(state))
    return Bytes(inputs.nbytes + floats, (COPIES + averages) * weights, kept, remembered.bytes)


class _Remembered:
    """Counts what the forward pass keeps for the backward pass, each piece of memory once, the weights not at all."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._seen = set[int]()
        self._kept: list[Tensor] = []  # so that no address is used twice
        self.bytes = 0

    def pack(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self._seen and not self._is_weight(storage.data_ptr()):
            self._seen.add(storage.data_ptr())
            self._kept.append(tensor.detach())
            self.bytes += storage.nbytes()
        return tensor

    def _is_weight(self, address: int) -> bool:
        """Whether parameters lie there now: a step may have moved them together."""
        return any(p.untyped_storage().data_ptr() == address for p in self._network.parameters())


def _tensors(state: dict[str, Any]) -> list[Tensor]:
    return [value for value in state.values() if isinstance(value, Tensor)]


def free_on(device: str) -> int:
    """Bytes of memory that are free where the network is trained."""
    return int(torch.cuda.mem_get_info()[0]) if device == "cuda" else free_memory()


def _as_set(subject: Subject) -> RunContext:
    """A throw-away run as the settings have it; one with a step of all examples on some of them."""
    train = subject.split.train
    whole = not subject.member.optimizer.full_batch
    return subject.trial(train if whole else subject.some(train, MEASURED))


def _epochs(spec: ExperimentSpec) -> str:
    return counted(spec.loop.epochs, "epoch")


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _span(seconds: float) -> str:
    if seconds >= 1:
        return f"{grouped(seconds, 1)} s"
    return f"{grouped(1000 * seconds) if seconds >= 0.01 else short(1000 * seconds, 2)} ms"
