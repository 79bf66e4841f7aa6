"""Names of folders that hold the same pictures in several versions, and say no class: ``original`` and ``aligned``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workbench.engine.pictures.part_names import said_beside

#: Words for what was done to pictures. One of them beside other names may be a class (``original``, ``fake``).
_DONE: Final = frozenset(
    {"aligned", "unaligned", "original", "originals", "orig", "raw", "cropped", "uncropped", "crop", "crops", "resized"}
    | {"resize", "rescaled", "processed", "preprocessed", "unprocessed", "normalized", "enhanced", "augmented"}
)


def say_versions(names: Sequence[str]) -> bool:
    """Whether all of several ``names`` say what was done to the pictures, and nothing else."""
    said = [set(said_beside(name)) for name in names]
    return len(names) > 1 and all(words and words <= _DONE for words in said)
