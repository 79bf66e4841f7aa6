"""Predictors from finished runs, as the run measured itself: its preprocessing and its settings for test time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.evaluation.class_orders import ClassOrder
from workbench.engine.evaluation.predictor import Predictor
from workbench.engine.weights.recognise import network_title

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.core.progress import Watch
    from workbench.engine.run_store.finished_runs import FinishedRun
    from workbench.engine.weights.load_weights import WeightsFile


@dataclass(frozen=True, slots=True, eq=False)
class TrainedRun:
    """A run with its weights, to be measured on what ``first`` held back for validation."""

    run: FinishedRun
    file: WeightsFile
    first: FinishedRun
    origin: None = None

    def predictor(self, dataset: Dataset, order: ClassOrder = None) -> Predictor:
        """A predictor of the classes of ``dataset``, which is that of ``first``: both runs name their classes.

        Raises WorkbenchError.
        """
        from workbench.engine.catalog.preprocessing import Standardizer
        from workbench.engine.training.evaluate import how_to_test

        run = self.run
        if self.file.standardizer is None:
            raise WorkbenchError(f"The weights of {run.name} come without their preprocessing.")
        return Predictor(
            network_title(run.spec.model),
            run.parameters,
            self._network(),
            [run.classes.index(name) for name in self.first.classes],
            Standardizer(*self.file.standardizer),
            how_to_test(run.spec),
            doubt=_doubt(self.first, run),
        )

    def _network(self) -> nn.Module:
        from workbench.engine.training.network import build_network

        network = build_network(self.run.spec, self.run.shape, len(self.run.classes)).module
        try:
            network.load_state_dict(self.file.tensors)
        except RuntimeError:
            raise WorkbenchError(f"The weights of {self.run.name} do not fit the model in its settings.") from None
        return network.eval()


def trained_run(run: FinishedRun, first: FinishedRun, watch: Watch | None = None) -> TrainedRun:
    """Read the weights of ``run``; ``watch`` gets the progress and cancels by raising.

    Raises WorkbenchError if they are damaged, or if the run has other classes or inputs than ``first``.
    """
    from workbench.engine.weights.load_weights import read_weights

    _refuse_others(first, run)
    path = run.weights
    file = finished(in_daemon_thread(lambda: read_weights(path, as_saved=True), path, f"Reading {run.name}"), watch)
    if file.broken:
        raise WorkbenchError(f"The weights of {run.name} cannot be used. {file.notes[-1]}")
    return TrainedRun(run, file, first)


def _refuse_others(first: FinishedRun, other: FinishedRun) -> None:
    if sorted(other.classes) != sorted(first.classes):
        differing = sorted(set(first.classes) ^ set(other.classes))[:4]
        which = f": they differ in {', '.join(differing)}" if differing else ""
        raise WorkbenchError(
            f"{other.name} knows other classes than {first.name}{which}. Only runs on the same classes can be averaged."
        )
    if other.shape != first.shape:
        raise WorkbenchError(
            f"{other.name} takes inputs of {_size(other.shape)}, {first.name} of {_size(first.shape)}. "
            "Only runs on inputs of one size can be averaged."
        )


def _doubt(first: FinishedRun, other: FinishedRun) -> str:
    data, own = first.spec.data, other.spec.data
    if own.source != data.source:
        return "trained on other data"
    of_others = {"source": data.source, "examples_per_class": None, "class_weights": False, "measure_test": True}
    same = own.model_copy(update=of_others) == data.model_copy(update=of_others)
    return "" if same else "trained on another split: it may have seen some of these examples"


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
