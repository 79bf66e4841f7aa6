"""Pictures that tables name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.engine.catalog.datasets.helpers import as_folder, rows, table


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for number in range(6):
        file = tmp_path / "data" / "pictures" / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number * 40, 0, 0)).save(file)
    return tmp_path / "data"


@pytest.fixture(params=["folder", "table"])
def source(request: pytest.FixtureRequest, pictures: Path) -> Any:
    return as_folder(pictures) if request.param == "folder" else table(pictures, rows())
