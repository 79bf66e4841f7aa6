"""Names of folders that hold the same pictures in several versions, and say no class: ``original`` and ``aligned``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workbench.engine.pictures.part_names import said_beside, words_of

#: Words for what was done to pictures. One of them beside other names may be a class (``original``, ``fake``).
_DONE: Final = frozenset(
    {"aligned", "unaligned", "original", "originals", "orig", "raw", "cropped", "uncropped", "crop", "crops", "resized"}
    | {"resize", "rescaled", "processed", "preprocessed", "unprocessed", "normalized", "enhanced", "augmented"}
)
_MADE: Final = frozenset({"aug", "augs", "augmentation", "augmentations", "flipped", "rotated"})


def say_versions(names: Sequence[str]) -> bool:
    """Whether all of several ``names`` say what was done to the pictures, and nothing else."""
    said = [set(said_beside(name)) for name in names]
    return len(names) > 1 and all(words and words <= _DONE for words in said)


def says_made(name: str) -> bool:
    """Whether a word in ``name`` says that its pictures were made of others: ``train_augmented``."""
    return bool(set(words_of(name)) & (_DONE | _MADE))
