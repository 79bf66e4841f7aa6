"""Small networks and pictures for tests of their use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.engine.helpers import record, small_spec
from workbench.engine.catalog.datasets.digits import Digits


def trained(parent: Path, **edits: Any) -> Path:
    """The folder of a run on the digits, an epoch of a small MLP."""
    spec = small_spec(**({"loop__epochs": 1, "model": {"kind": "mlp", "hidden": [16]}} | edits))
    record(spec, folder=parent)
    return max(parent.iterdir())


def digit_files(folder: Path, count: int) -> list[Path]:
    """The first digits as picture files, named so that their order is that of the digits."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, picture in enumerate(Digits().load().inputs[:count]):
        files.append(folder / f"{number:03}.png")
        Image.fromarray(np.asarray(picture[0])).save(files[-1])
    return files
