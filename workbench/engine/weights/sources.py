"""The examples at a path, whatever lies there: an .npz file, a CSV table, a folder of IDX files or of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from workbench.engine.datasets import Dataset, DataSource
from workbench.engine.datasets.arrays import ArrayFile
from workbench.engine.datasets.base import Watch, finished, load_part
from workbench.engine.datasets.folder import PictureFolder
from workbench.engine.datasets.idx import IdxFolder
from workbench.engine.datasets.table import PictureTable
from workbench.engine.problems import WorkbenchError

Part = Literal["all", "train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
_IDX = ("*idx3*ubyte*", "*idx1*ubyte*")


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
    """The data source that reads ``path``. Raises WorkbenchError if there is nothing that one reads."""
    try:
        if path.is_dir():
            is_idx = all(any(path.glob(pattern)) for pattern in _IDX)
            name = str(path.resolve())
            return IdxFolder(folder=name) if is_idx else PictureFolder(folder=name, size=side, colour=colour)
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.", "data.source") from None
    if head == b"PK\x03\x04":
        return ArrayFile(file=str(path.resolve()))
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return PictureTable(file=str(path.resolve()), size=side, colour=colour)
    text = f"{path} is no data set. Give an .npz file, a CSV table, a folder with IDX files, or one of class folders."
    raise WorkbenchError(text, "data.source")
