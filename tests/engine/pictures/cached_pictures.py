"""A folder of six pictures and what its cache holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.pictures import cache_file
from workbench.engine.pictures.decode import Fit, Range, read_both


class Decoder:
    """Counts which files are decoded."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def __call__(self, file: Path, size: int, gray: bool, fit: Fit, values: Range) -> Any:
        self.files.append(file.name)
        return read_both(file, size, gray, fit, values)

    def taken(self) -> list[str]:
        """The names decoded since the last call."""
        files, self.files = self.files, []
        return sorted(files)


def noise(file: Path, seed: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    Image.fromarray(values).save(file)


def six_pictures(folder: Path) -> Path:
    """Pictures of two classes, 0.png to 5.png."""
    for number in range(6):
        noise(folder / "data" / ("cat", "dog")[number % 2] / f"{number}.png", number)
    return folder / "data"


def source(root: Path, **knobs: Any) -> PictureFolder:
    return PictureFolder(folder=str(root), **{"size": 8, "colour": "rgb", **knobs})


def same(data: Dataset, other: Dataset) -> bool:
    return np.array_equal(data.inputs, other.inputs) and np.array_equal(data.labels, other.labels)


def kept(suffix: str) -> list[Path]:
    return sorted(cache_file.cache_folder().glob(f"*{suffix}"))


ALL = [f"{number}.png" for number in range(6)]
