"""Pictures that become nearly black: masks of 0 and 1, numbers of parts, files of fewer bits than others of the set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.engine.data.layouts.layout import Layout

_BOTH = {"cat": 12, "dog": 12}
_DARKER, _ALL_DARK = "are darker as they are read than the others", "where 255 is white: they are dark"


def _values(kind: type[np.generic], **highest: Sequence[int]) -> Callable[[Path], None]:
    """Twelve pictures of each class, with values up to the ``highest`` in turn, which each reaches."""

    def make(root: Path) -> None:
        random = np.random.Generator(np.random.PCG64(4))
        for name, highs in highest.items():
            (root / name).mkdir()
            for number in range(12):
                values: Any = random.integers(0, highs[number % len(highs)] + 1, (6, 6)).astype(kind)
                values[0, 0] = highs[number % len(highs)]
                Image.fromarray(values).save(root / name / f"{number}.png")

    return make


def _said(name: str, make: Callable[[Path], None], notes: str) -> Layout:
    return Layout(name, make, _BOTH, (20, 4, 0), notes=notes)


LAYOUTS = [
    _said("a class of 10 bits, one of 16", _values(np.uint16, cat=[1023], dog=[65_535]), f"all of cat, {_DARKER}"),
    _said(
        "a class of 10 bits, one of 12", _values(np.uint16, cat=[4095], dog=[1023]), "those of the others up to 4,095"
    ),
    _said("10 and 16 bits in each class", _values(np.uint16, cat=[1023, 65_535], dog=[65_535, 1023]), _DARKER),
    _said("a class of 100 values among 16 bits", _values(np.uint16, cat=[100], dog=[65_535]), "12 of 24 pictures"),
    _said("masks of 0 and 1", _values(np.uint8, cat=[1], dog=[1]), _ALL_DARK),
    _said("numbers of parts", _values(np.uint8, cat=[5], dog=[6]), _ALL_DARK),
    _said("masks of 0 and 1 in one class", _values(np.uint8, cat=[1], dog=[255]), f"all of cat, {_DARKER}"),
    _said("some darker pictures of 8 bits", _values(np.uint8, cat=[100, 60, 200], dog=[255]), ""),
    _said("a few nearly black ones", _values(np.uint8, cat=[10, *[255] * 11], dog=[12, *[200] * 11]), ""),
    _said("pictures that use a quarter of 16 bits", _values(np.uint16, cat=[20_000], dog=[17_000]), ""),
]
