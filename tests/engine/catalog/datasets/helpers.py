"""A table of six pictures or a folder of them, and the sentence with which data is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.core.errors import WorkbenchError


def refusal(source: Any, test: bool = False) -> str:
    with pytest.raises(WorkbenchError) as caught:
        load_part(source, "test") if test else source.load()
    assert caught.value.path.startswith("data.source")
    assert caught.value.message.endswith(".")
    assert "Traceback" not in caught.value.message
    return caught.value.message


def table(folder: Path, text: str, encoding: str = "utf-8") -> PictureTable:
    (folder / "table.csv").write_bytes(text.encode(encoding))
    return PictureTable(file=str(folder / "table.csv"), size=8, colour="rgb")


def rows(delimiter: str = ",", labels: str = "ab") -> str:
    return "".join(f"pictures/{i}.png{delimiter}{labels[i % 2]}\n" for i in range(6))


def reds(data: Dataset) -> list[int]:
    return (data.inputs[:, 0, 0, 0] // 40).tolist()


def as_folder(pictures: Path) -> PictureFolder:
    for number in range(6):
        target = pictures / "folder" / "ab"[number % 2]
        target.mkdir(parents=True, exist_ok=True)
        os.replace(pictures / "pictures" / f"{number}.png", target / f"{number}.png")
    return PictureFolder(folder=str(pictures / "folder"), size=8, colour="rgb")
