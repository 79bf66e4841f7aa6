"""Whether picture files of validation and test have values as those to train on have: 8 bits, 12 bits, 16 bits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.catalog.datasets.dark_pictures import dark_doubts
from workbench.engine.catalog.datasets.understanding import Doubt
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.decode import Range
from workbench.engine.pictures.value_range import range_if_deep, range_words

#: Ranges whose widths differ by this factor, or that have nothing in common, are different ones.
_FACTOR: Final = 4


def value_doubts(files: ClassFolders, tests: Sequence[Path], values: Range) -> tuple[Doubt, ...]:
    """What the values of ``files``, which train and validate, and of ``tests`` leave in doubt; ``values`` are read as
    black and white. Reads a sample of each.
    """
    held = files.validation if files.validation is not None else np.zeros(len(files.files), np.bool_)
    parts = {
        "training": [file for file, is_held in zip(files.files, held, strict=True) if not is_held],
        "validation": [file for file, is_held in zip(files.files, held, strict=True) if is_held],
        "testing": list(tests),
    }
    return tuple(depth_doubts(files.root, parts)) or tuple(dark_doubts(files, values))


def depth_doubts(root: Path, parts: Mapping[str, Sequence[Path]]) -> Iterator[Doubt]:
    """A doubt on each of the ``parts`` (the first is trained on) whose values are others; reads a sample of each."""
    found = {part: range_if_deep(files, root) for part, files in parts.items() if files}
    own = next(iter(found.values()), None)
    for part, values in list(found.items())[1:]:
        if _differ(own, values):
            text = (
                f"Pictures for {part} have other values ({_words(values)}) than those to train on ({_words(own)}), and "
                "are read in the same way: they may look darker or brighter to the network. Save all alike."
            )
            yield Doubt("values", text)


def _differ(one: Range | None, other: Range | None) -> bool:
    if one is None or other is None:
        return one is not other
    widths = sorted((one[1] - one[0], other[1] - other[0]))
    return widths[1] >= _FACTOR * widths[0] or one[1] <= other[0] or other[1] <= one[0]


def _words(values: Range | None) -> str:
    return "8 bits" if values is None else f"more than 8 bits, {range_words(values)}"
