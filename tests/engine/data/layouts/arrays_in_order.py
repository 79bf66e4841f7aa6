"""Arrays without words for their parts, in the order in which they were saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout

_TRAINED = {"0": 15, "1": 15}


def _pairs(*names: str) -> Callable[[Path], Path]:
    """Pictures and labels of 30 and of 12 examples under ``names``."""

    def make(root: Path) -> Path:
        rng = np.random.default_rng(3)
        arrays = [each for n in (30, 12) for each in (rng.integers(0, 256, (n, 8, 8), np.uint8), np.arange(n) % 2)]
        np.savez(root / "d.npz", **dict(zip(names, arrays, strict=True)))
        return root / "d.npz"

    return make


def _asked(title: str, *names: str) -> Layout:
    return Layout(
        title,
        _pairs(*names),
        _TRAINED,
        refused=f'data.source.test_array = "{names[2]}"',
        doubt=f"'{names[2]}' with '{names[3]}' (12)",
        readings=(_TRAINED, {"0": 21, "1": 21}, _TRAINED),
    )


def _masks(root: Path) -> Path:
    images = np.random.default_rng(3).integers(0, 256, (30, 8, 8), np.uint8)
    np.savez(root / "d.npz", images=images, masks=images > 100, labels=np.arange(30) % 2)
    return root / "d.npz"


LAYOUTS = [
    Layout("masks beside the pictures", _masks, _TRAINED, (24, 6, 0), left_out=("array 'masks'",)),
    _asked("saved without names", "arr_0", "arr_1", "arr_2", "arr_3"),
    _asked("with letters for the parts", "Xa", "ya", "Xb", "yb"),
]
