"""On which examples saved weights were trained, as far as their file or run folder says it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.path_settings import resolved
from workbench.engine.catalog.settings import settings_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.safetensors_file import metadata_in
from workbench.engine.data.fingerprint import data_fingerprint, mark_of
from workbench.engine.data.split import Indices, Split, split
from workbench.engine.evaluation.entries import Entry
from workbench.engine.run_store import weights_metadata
from workbench.engine.run_store.finished_runs import FinishedRun
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.weights import run_metadata


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """How weights were trained. ``sizes`` are the numbers of training and validation examples, None if not stored;
    ``data_mark`` is that of ``RunStarted``, empty if not stored."""

    name: str
    spec: ExperimentSpec
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    sizes: tuple[int, int] | None = None
    data_mark: str = ""

    def is_on(self, dataset: Dataset, source: DataSource) -> bool:
        """Whether it was trained on ``dataset``, read from ``source``: from this place, or from another one."""
        return same_place(self.spec.data.source, source) or self.is_moved(dataset)

    def is_moved(self, dataset: Dataset) -> bool:
        """Whether ``dataset`` is what it was trained on by the names and sizes of its files, or by its values."""
        return bool(self.data_mark) and self.data_mark == mark_of(data_fingerprint(dataset))

    @property
    def place(self) -> str:
        """The file or folder of its data; empty for data that are not the user's own."""
        source = self.spec.data.source
        return getattr(source, "folder", "") or getattr(source, "file", "")

    def split_of(self, dataset: Dataset, source: DataSource) -> Split | None:
        """The split of ``dataset``, read from ``source``; None for other data, or if it is not as it was then."""
        if not self.is_on(dataset, source):
            return None
        with contextlib.suppress(WorkbenchError):
            found = split(dataset, self.spec.data)
            if self.sizes is None or self.sizes == (len(found.train), len(found.val)):
                return found
        return None

    def has_seen(self, dataset: Dataset, source: DataSource, indices: Indices) -> int | None:
        """How many of the examples ``indices`` it was trained on; None if that is not known."""
        own = self.split_of(dataset, source)
        return None if own is None else int(np.isin(indices, own.train).sum())

    def is_other_fold_of(self, other: TrainedOn) -> bool:
        """Whether both are folds of the same cut of the data into folds, and not the same fold."""
        one, two = self.spec.data, other.spec.data
        return one.folds is not None and one.fold != two.fold and _cut(one, one.source) == _cut(two, one.source)


def are_folds_of_one_run(every: Sequence[TrainedOn | None]) -> bool:
    """Whether ``every`` is another fold, two at least, trained by the same settings."""
    known = [each for each in every if each is not None]
    if len(known) < max(2, len(every)) or len({each.spec.data.fold for each in known}) < len(known):
        return False
    first, *others = (each.spec.edited("data.fold", None) for each in known)
    return first.data.folds is not None and all(each == first for each in others)


def _cut(data: DataSpec, source: DataSource) -> DataSpec:
    """``data`` with the settings that do not change into which folds the examples of ``source`` are cut left alike."""
    alike = {"fold": None, "examples_per_class": None, "class_weights": False, "measure_test": True}
    return data.model_copy(update={**alike, "source": source})


def trained_on(entry: Entry) -> TrainedOn | None:
    """What ``entry`` says of its training; None if it says nothing. Reads no weights, and raises nothing."""
    return of_run(entry.run) if entry.run is not None else _of_file(entry.path)


def of_run(run: FinishedRun) -> TrainedOn:
    """How ``run`` was trained."""
    return TrainedOn(run.name, run.spec, run.classes, run.shape, run.sizes, run.data_mark)


def _of_file(path: Path) -> TrainedOn | None:
    said = weights_metadata.ours(metadata_in(path)) or weights_metadata.ours(run_metadata.beside(path))
    if said is None:
        return None
    return TrainedOn(path.name, said.spec, said.classes, said.shape, said.sizes, said.data_mark)


def same_place(one: DataSource, other: DataSource) -> bool:
    """Whether both read the same examples in the same order; how pictures are decoded does not matter."""
    if type(one) is not type(other):
        return False
    ignored = PictureFiles.model_fields if isinstance(one, PictureFiles) else {}
    names = [each for each in settings_of(type(one)) if each.name not in ignored]
    return all(_plain(one, s.name, s.knob.role) == _plain(other, s.name, s.knob.role) for s in names)


def same_path(one: DataSource, other: DataSource) -> bool:
    """Whether both read the same file or folder, in whichever way."""
    paths = [s for s in settings_of(type(one)) if s.knob.role in ("file", "folder")]
    return (
        type(one) is type(other)
        and bool(paths)
        and all(_plain(one, s.name, s.knob.role) == _plain(other, s.name, s.knob.role) for s in paths)
    )


def _plain(source: DataSource, name: str, role: str | None) -> object:
    value = getattr(source, name)
    if role not in ("file", "folder"):
        return value
    with contextlib.suppress(WorkbenchError):
        return resolved(value)
    return value
