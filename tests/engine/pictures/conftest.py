"""A folder of new pictures, and which files are decoded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.pictures.cached_pictures import Decoder, noise
from tests.engine.pictures.helpers import COUNT
from workbench.engine.catalog.datasets import picture_load
from workbench.engine.pictures import decode_entry


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """60 pictures of two classes; the preprocessing measures 8 of them, so most of them may come late."""
    monkeypatch.setattr(picture_load, "MEASURED_ON", 8)
    for number in range(COUNT):
        noise(tmp_path / "data" / ("cat", "dog")[number % 2] / f"{number:02}.png", number)
    return tmp_path / "data"


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> Decoder:
    counter = Decoder()
    monkeypatch.setattr(decode_entry, "read_both", counter)
    return counter
