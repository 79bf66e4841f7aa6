"""Small pictures in folders of classes, and what reading them gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.errors import WorkbenchError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def picture(file: Path, colour: Any = RED, mode: str = "RGB", size: tuple[int, int] = (12, 8), **options: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(file, **options)
    return file


def two_classes(root: Path, each: int = 3) -> Path:
    for name, colour in (("cat", RED), ("dog", BLUE)):
        for i in range(each):
            picture(root / name / f"{i}.png", colour)
    return root


def load(root: Path, **knobs: Any) -> Dataset:
    return PictureFolder(folder=str(root), **{"size": 8, **knobs}).load()


def refusal(root: Path, **knobs: Any) -> str:
    with pytest.raises(WorkbenchError) as caught:
        load(root, **knobs)
    assert caught.value.path.startswith("data.source.")
    assert caught.value.message.endswith(".")
    return caught.value.message
