"""Short runs on the bundled digits: an MLP that the claims bend in one place each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.engine.helpers import Recorder, nothing, record
from workbench.engine.core.drive import drive
from workbench.engine.core.events import EpochEnded, Measured
from workbench.engine.core.progress import finished
from workbench.engine.core.randomness import permutation
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import split
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.evaluate import measure
from workbench.engine.training.network import build_network
from workbench.engine.training.set_up import set_up

PLAIN = {
    "model": {"kind": "mlp", "hidden": [64, 64]},
    "optimizer": {"kind": "momentum", "lr": 0.05},
    "loop.epochs": 10,
    "loop.threads": 1,
    "loop.diagnostics": 0,  # no claim looks at them
}


def digits(edits: Mapping[str, Any] | None = None, seed: int = 0) -> ExperimentSpec:
    """The plain experiment with ``edits``; ``seed`` is the split's seed too."""
    spec = ExperimentSpec().edited("loop.seed", seed).edited("data.split_seed", seed)
    for path, value in {**PLAIN, **(edits or {})}.items():
        spec = spec.edited(path, value)
    return spec


@cache
def _recorded(spec: ExperimentSpec) -> Recorder:
    return record(spec)


def trained(edits: Mapping[str, Any] | None = None, seed: int = 0) -> Recorder:
    """A run to its end; the same one is trained once."""
    return _recorded(digits(edits, seed))


@dataclass(frozen=True)
class Ended:
    """The training losses of a run's steps, and its one evaluation."""

    losses: np.ndarray
    train_eval: Measured
    val: Measured

    @property
    def gap(self) -> float:
        """The gap in loss."""
        return self.val.loss - self.train_eval.loss


def ended(edits: Mapping[str, Any], seed: int = 0) -> Ended:
    """A run that is measured once, at its end. Where only the end counts, its evaluations cost more than its steps."""
    return _ended(digits(edits, seed))


@cache
def _ended(spec: ExperimentSpec) -> Ended:
    run = set_up(spec)
    parts = run.data.split
    unmeasured = replace(parts, val=parts.val[:0], train_eval=parts.train_eval[:0])
    run.data = replace(run.data, split=unmeasured, first_look=(parts.train_eval[:0], parts.val[:0]))
    assert drive(train_loop(run), nothing, lambda event: None).reason == "completed"
    found = [finished(measure(run.network.module, run.data.examples, part)) for part in (parts.train_eval, parts.val)]
    assert found[0] is not None and found[1] is not None
    return Ended(np.asarray(run.steps.read(0)[1][:, 0]), *found)


def evaluations(run: Recorder) -> list[EpochEnded]:
    """The evaluations of a run, the one before training first."""
    return run.of(EpochEnded)


def best(run: Recorder) -> float:
    """The best validation accuracy."""
    return float(max(e.val.accuracy for e in evaluations(run) if e.val is not None))


def gap(run: Recorder) -> float:
    """The last evaluation's gap in loss."""
    last = evaluations(run)[-1]
    assert last.val is not None and last.train_eval is not None
    return float(last.val.loss - last.train_eval.loss)


def losses(run: Recorder) -> np.ndarray:
    """The training loss of every step."""
    return np.asarray(run.steps.read(0)[1][:, 0])


class Probe:
    """A network as it is built, and what one batch of 256 training examples does in it."""

    def __init__(self, spec: ExperimentSpec) -> None:
        dataset = spec.data.source.load()
        train = split(dataset, spec.data).train
        examples = Examples(dataset, "cpu")
        examples.standardize_by(spec.preprocessing, train)
        self.module = build_network(spec, dataset.shape, len(dataset.classes)).module
        self.outputs: dict[str, torch.Tensor] = {}
        for name, layer in self.module.named_children():
            layer.register_forward_hook(self._keeper(name))
        x, y = examples.batch(train[permutation(len(train), 0, 0)[:256]])
        self.module.train()
        self.loss = nn.functional.cross_entropy(self.module(x), y)
        self.loss.backward()

    def _keeper(self, name: str) -> Any:
        def keep(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
            self.outputs[name] = output.detach()

        return keep

    def of(self, ending: str) -> list[torch.Tensor]:
        """The outputs of the layers whose names end so, first to last."""
        return [value for name, value in self.outputs.items() if name.endswith(ending)]

    def gradient(self, name: str) -> float:
        """The root mean square of a weight's gradient."""
        found = dict(self.module.named_parameters())[name].grad
        assert found is not None
        return float(found.square().mean().sqrt())
