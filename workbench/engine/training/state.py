"""Everything a run must remember between two steps, in one place, so that it can be copied and put back bit for bit."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from workbench.engine.catalog.schedules import Memory
from workbench.engine.core.callbacks import Callback
from workbench.engine.core.events import Event, Measured
from workbench.engine.nn.tensors import Unchanging, cloned, copied
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.spec.toml import dumps, loads


@dataclass(slots=True)
class Progress:
    """The numbers of a run's state. ``offset`` counts the examples already used in the epoch (0-based ``epoch``).

    ``rate`` is the effective learning rate of the last step, ``first_loss`` the loss of the first,
    ``memory`` what the schedule has noted of the measurements, ``measured_step`` the step of the last evaluation.
    ``best_epoch`` is the epoch (from 1) at whose end, or within which, ``best_step`` was measured. ``stale`` counts
    epochs without an improvement, ``improved`` is whether the one under way has one, and ``last_gain`` the accuracy of
    the last improvement.
    """

    step: int = 0
    epoch: int = 0
    offset: int = 0
    batch: int = 0
    measured_start: bool = False
    loss_sum: float = 0.0
    correct: float = 0.0
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    rate: float = 0.0
    first_loss: float = 0.0
    best_epoch: int = -1
    best_accuracy: float = -math.inf
    best_loss: float = math.inf
    stale: int = 0
    warned_large: bool = False
    memory: Memory = field(default_factory=dict)
    measured_step: int = -1
    best_step: int = -1
    improved: bool = False
    last_gain: float = -math.inf

    def count(self, loss: float, hits: float, size: int, rate: float) -> None:
        """One more step is done: its mean loss (nats), correct answers, examples and effective learning rate."""
        self.step += 1
        self.batch += 1
        self.offset += size
        self.loss_sum += loss * size
        self.correct += hits
        self.rate = rate
        if self.step == 1:
            self.first_loss = loss

    def rank(self, val: Measured, min_change: float) -> bool:
        """Count an evaluation of validation: whether it is the best so far (highest accuracy, ties by lower loss).

        The best is an improvement if its accuracy is at least ``min_change`` points above that of the last one.
        """
        if not is_better(val, self.best_accuracy, self.best_loss):
            return False
        self.best_accuracy, self.best_loss = val.accuracy, val.loss
        self.best_epoch, self.best_step = self.epoch + 1, self.step
        if 100 * (val.accuracy - self.last_gain) >= min_change - 1e-9:  # 0.901 − 0.9 is a little below 0.001
            self.improved, self.last_gain = True, val.accuracy
        return True

    def close_epoch(self, is_measured: bool) -> None:
        """One more epoch is done; ``is_measured``: its end has a validation."""
        self.epoch += 1
        if is_measured:
            self.stale = 0 if self.improved else self.stale + 1
        self.improved = False

    def begin_epoch(self, seconds: float) -> None:
        """The next epoch begins, at ``seconds`` of training."""
        self.offset = self.batch = 0
        self.loss_sum = self.correct = 0.0
        self.epoch_seconds = seconds


def as_here(spec: ExperimentSpec, other: ExperimentSpec) -> ExperimentSpec:
    """``spec`` with the data source of ``other``, and computed as that is."""
    for path in ("data.source", "loop.precision", "loop.memory_format", "loop.processes"):
        if spec.at(path) != other.at(path):
            spec = spec.edited(path, plain(other.at(path)))
    return spec


def is_better(val: Measured, best_accuracy: float, best_loss: float) -> bool:
    """Whether ``val`` beats the best so far: a higher accuracy, or the same with a lower loss."""
    return math.isfinite(val.loss) and (val.accuracy, -val.loss) > (best_accuracy, -best_loss)


@dataclass(slots=True)
class TrainState:
    """The spec as edited so far, the network, the optimizer, the progress and a copy of the best weights.

    ``tune`` writes the live settings of a spec into the network's layers, which no tensor holds.
    """

    spec: ExperimentSpec
    network: nn.Module
    optimizer: torch.optim.Optimizer
    tune: Callable[[ExperimentSpec], None]
    progress: Progress = field(default_factory=Progress)
    best_weights: dict[str, torch.Tensor] = field(default_factory=dict)
    callbacks: list[Callback] = field(default_factory=list)
    #: Whether an update has begun that is not counted yet: an error now leaves a network between two steps.
    is_torn: bool = False

    def look(self) -> Event | None:
        """The last step that was done, as the callbacks show it; None if it was shown already."""
        events = (callback.look() for callback in self.callbacks)
        return next((event for event in events if event is not None), None)

    def state(self, into: Any = None) -> dict[str, Any]:
        """A deep copy as plain data and tensors; loadable with ``torch.load(weights_only=True)``.

        ``into`` is an earlier one that nobody needs any more; its memory is used again (see ``copied``).
        """
        parts = {
            "spec": dumps(self.spec),
            "network": dict(self.network.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "progress": {name: getattr(self.progress, name) for name in Progress.__dataclass_fields__},
            "best_weights": Unchanging(self.best_weights),  # a new dict at each new best
            "companions": {callback.name: callback.state() for callback in self.callbacks},  # as files have it
        }
        made: dict[str, Any] = copied(parts, into)
        return made

    def restore(self, saved: dict[str, Any]) -> None:
        """Put a copy made by ``state`` back; training continues from there as if nothing had happened.

        The data stay where they are now: they may have been moved since. So do precision and memory format.
        """
        self.spec = as_here(loads(saved["spec"]), self.spec)
        self.tune(self.spec)
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(copy.deepcopy(saved["optimizer"]))
        self.progress = Progress(**saved["progress"])
        self.best_weights = cloned(saved["best_weights"])
        self.is_torn = False
        for callback in self.callbacks:
            callback.restore(saved.get("companions", {}).get(callback.name, {}))
