"""A folder of new pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.pictures.helpers import COUNT
from tests.engine.pictures.test_cache import decoder as decoder  # a fixture
from tests.engine.pictures.test_cache import noise
from workbench.engine.catalog.datasets import picture_load


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """60 pictures of two classes; the preprocessing measures 8 of them, so most of them may come late."""
    monkeypatch.setattr(picture_load, "MEASURED_ON", 8)
    for number in range(COUNT):
        noise(tmp_path / "data" / ("cat", "dog")[number % 2] / f"{number:02}.png", number)
    return tmp_path / "data"
