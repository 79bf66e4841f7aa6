"""The snapshots that a run has left, and what the average of their predictions gives."""

from __future__ import annotations

import copy
from collections.abc import Generator
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from workbench.engine.core.callbacks import Callback
from workbench.engine.core.events import EnsembleMeasured, Measured
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import Indices
from workbench.engine.nn.tensors import Unchanging, cloned
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.evaluate import answers, averaged, how_to_test, score


class SnapshotEnsemble(Callback):
    """Keeps each snapshot's weights, and its answers to the validation examples (logarithms of probabilities)."""

    name = "snapshots"
    every_rank: ClassVar[bool] = True

    def __init__(self) -> None:
        self.weights: list[dict[str, Tensor]] = []
        #: After how many epochs each was taken.
        self.epochs: list[int] = []
        self._answers: list[Tensor] = []
        self._latest: Measured | None = None

    def is_due(self, epochs_done: int, spec: ExperimentSpec) -> bool:
        """Whether the spec wants one after ``epochs_done`` epochs that is not there yet.

        It is there where a run goes on that was stopped between its snapshot and the end of its epoch.
        """
        return epochs_done not in self.epochs and spec.ensemble.snapshot_after(epochs_done, spec)

    def take(
        self, network: nn.Module, spec: ExperimentSpec, examples: Examples, val: Indices, epochs_done: int
    ) -> Generator[int, None, None]:
        """Keep the weights of now as one more member; yields the examples done."""
        made = yield from answers(network, examples, val, how_to_test(spec))
        self.weights.append(cloned(network.state_dict()))
        self.epochs.append(epochs_done)
        self._answers.append(made)
        self._latest = score(averaged(torch.stack(self._answers)), examples.labels_of(val).cpu())

    @property
    def latest(self) -> Measured | None:
        """The average of all snapshots so far; None before the first."""
        return self._latest

    def event(self, epochs_done: int, step: int, parameters: int, seconds: float, labels: Tensor) -> EnsembleMeasured:
        """What the members and their average give; ``latest`` must not be None."""
        assert self._latest is not None
        members = tuple(score(each, labels).accuracy for each in self._answers)
        return EnsembleMeasured(epochs_done, step, members, self._latest, (seconds,), parameters * len(members))

    def state(self) -> dict[str, Any]:
        latest = self._latest
        return {
            "weights": [Unchanging(each) for each in self.weights],
            "epochs": list(self.epochs),
            "answers": [Unchanging(each) for each in self._answers],
            "latest": None if latest is None else {f: getattr(latest, f) for f in Measured.__dataclass_fields__},
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self.weights = copy.deepcopy(saved.get("weights", []))
        self.epochs = list(saved.get("epochs", []))
        self._answers = [each.clone() for each in saved.get("answers", [])]
        latest = saved.get("latest")
        self._latest = None if latest is None else Measured(**latest)
