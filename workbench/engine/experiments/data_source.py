"""The examples at a path, whatever lies there: recognised as the window recognises what is dropped on it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Watch, finished
from workbench.engine.data.detect import recognise

Part = Literal["all", "train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
#: A source of a kind that nothing on the disk is, so that none of its settings is kept.
_ANY = Digits()


def load(path: Path, part: Part, side: int, colour: Literal["gray", "rgb"], watch: Watch | None = None) -> Dataset:
    """The examples of ``part`` at ``path``; picture files become squares of ``side`` pixels. Raises WorkbenchError."""
    return of_source(source_at(path, side, colour), part, watch)


def of_source(source: DataSource, part: Part, watch: Watch | None = None) -> Dataset:
    """The examples of ``part`` that ``source`` gives; ``watch`` is told how far it is, and ends it by raising.

    Raises WorkbenchError.
    """
    if part != "all":
        return load_part(source, part, watch)
    dataset: Dataset = finished(source.loading(), watch)
    return dataset


def source_at(path: Path, side: int = 32, colour: Literal["gray", "rgb"] = "rgb") -> DataSource:
    """The data source that reads ``path``, as the window would open it. Raises WorkbenchError if there is none."""
    if not path.exists():
        raise WorkbenchError(f"Cannot read {path}: there is no such file or folder.", "data.source")
    found = recognise([path.resolve()])
    if not found.kind:
        raise WorkbenchError(f"{path} holds settings of an experiment and no data.", "data.source")
    source = found.source(_ANY)
    return source.model_copy(update={"size": side, "colour": colour}) if isinstance(source, PictureFiles) else source
