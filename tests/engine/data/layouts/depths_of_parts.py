"""Pictures of 8, 12 and 16 bits: in all parts alike, or each part otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.engine.data.layouts.layout import Layout

_NOTE = "Pictures for {} have other values"
_BOTH = {"cat": 6, "dog": 6}


def _depths(**highest: int) -> Callable[[Path], None]:
    """Six pictures of each class in training, three in the other parts, with values up to the ``highest``."""

    def make(root: Path) -> None:
        random = np.random.Generator(np.random.PCG64(4))
        for part, high in highest.items():
            for kind in ("cat", "dog"):
                (root / part / kind).mkdir(parents=True)
                for number in range(6 if part == "train" else 3):
                    values = random.integers(0, high, (6, 6), np.uint8 if high <= 256 else np.uint16)
                    Image.fromarray(values).save(root / part / kind / f"{number}.png")

    return make


LAYOUTS = [
    Layout("12 bits in all parts", _depths(train=4096, test=4096), _BOTH, (10, 2, 6)),
    Layout("8 bits in all parts", _depths(train=256, test=100), _BOTH, (10, 2, 6)),
    Layout("16 bits in the test", _depths(train=4096, test=65_536), _BOTH, (10, 2, 6), notes=_NOTE.format("testing")),
    Layout("8 bits in the test", _depths(train=4096, test=256), _BOTH, (10, 2, 6), notes=_NOTE.format("testing")),
    Layout(
        "16 bits in validation",
        _depths(train=256, val=65_536),
        {"cat": 9, "dog": 9},
        (12, 6, 0),
        notes=_NOTE.format("validation"),
    ),
]
