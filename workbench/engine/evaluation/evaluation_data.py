"""The examples on which weights are evaluated: those at a path, of a data source, or held back by a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Watch, finished
from workbench.engine.data.detect import recognise
from workbench.engine.data.split import Indices, split
from workbench.engine.pictures.decode import Fit
from workbench.engine.run_store.finished_runs import FinishedRun

if TYPE_CHECKING:
    from workbench.engine.weights.input_spec import Origin

MeasuredPart = Literal["all", "train", "validation", "test"]
PARTS: tuple[MeasuredPart, ...] = get_args(MeasuredPart)
#: Where the examples come from; None means those that the first run held back for validation.
Data = Path | DataSource | None
Colour = Literal["gray", "rgb"]
#: A source of a kind that nothing on the disk is, so that none of its settings is kept.
_ANY = Digits()


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationExamples:
    """A data set and the indices (n,) of the examples in it that are evaluated."""

    dataset: Dataset
    indices: Indices


class EvaluationData(Protocol):
    """Loads the examples when they are first needed."""

    def load_for(self, origin: Origin | None) -> EvaluationExamples:
        """The examples, image files read in size, colours and shape as ``origin`` asks. Raises WorkbenchError."""


class ChosenData:
    """All examples of ``part`` at a path or of a data source; image files are loaded again for another size."""

    def __init__(self, data: Path | DataSource, part: MeasuredPart, watch: Watch | None = None) -> None:
        self._data, self._part, self._watch = data, part, watch
        self._last: tuple[object, Dataset] | None = None

    def load_for(self, origin: Origin | None) -> EvaluationExamples:
        """As in EvaluationData. Arrays, and a data source with settings of its own, come in the size they have."""
        wanted = _reading(origin) if isinstance(self._data, Path) else None
        if self._last is None or self._last[0] != wanted:
            source = self._data if not isinstance(self._data, Path) else source_at(self._data, *_reading(origin))
            self._last = (wanted, of_source(source, self._part, self._watch))
        dataset = self._last[1]
        return EvaluationExamples(dataset, np.arange(len(dataset.labels)))


class HeldBackData:
    """The examples that ``run`` held back for validation."""

    def __init__(self, run: FinishedRun, watch: Watch | None = None) -> None:
        self._run, self._watch = run, watch
        self._loaded: EvaluationExamples | None = None

    def load_for(self, origin: Origin | None) -> EvaluationExamples:
        """As in EvaluationData; always in the size in which the run was trained."""
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def _load(self) -> EvaluationExamples:
        run = self._run
        dataset: Dataset = finished(run.spec.data.source.loading(), self._watch)
        if dataset.classes != run.classes or dataset.shape != run.shape:
            raise WorkbenchError(f"The data of {run.name} has changed since it was trained; it cannot be measured.")
        val = split(dataset, run.spec.data).val
        if not len(val):
            raise WorkbenchError(f"{run.name} holds nothing back for validation, so there is nothing to measure on.")
        return EvaluationExamples(dataset, val)


def _reading(origin: Origin | None) -> tuple[int, Colour, Fit]:
    """Side in pixels, colours and shape in which image files are read."""
    if origin is None:
        return 32, "rgb", "crop"
    return origin.resize or (max(origin.size) if origin.size else 32), "gray" if origin.gray else "rgb", origin.fit


def of_source(source: DataSource, part: MeasuredPart, watch: Watch | None = None) -> Dataset:
    """The examples of ``part`` that ``source`` gives; ``watch`` gets the progress and cancels by raising.

    Raises WorkbenchError.
    """
    if part != "all":
        return load_part(source, part, watch)
    dataset: Dataset = finished(source.loading(), watch)
    return dataset


def source_at(path: Path, side: int = 32, colour: Colour = "rgb", fit: Fit = "crop") -> DataSource:
    """The data source that reads ``path``, as the window would open it; image files as squares of ``side`` pixels
    by the rule ``fit``.

    Raises WorkbenchError if there is none.
    """
    if not path.exists():
        raise WorkbenchError(f"Cannot read {path}: there is no such file or folder.", "data.source")
    found = recognise([path.resolve()])
    if not found.kind:
        raise WorkbenchError(f"{path} holds settings of an experiment and no data.", "data.source")
    source = found.source(_ANY)
    reading = {"size": side, "colour": colour, "fit": fit}
    return source.model_copy(update=reading) if isinstance(source, PictureFiles) else source
