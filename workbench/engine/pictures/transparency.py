"""Pictures whose shape is white and only in their transparency: read over black, which is said."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workbench.engine.core.text import grouped
from workbench.engine.pictures.decode import Unreadable, is_over_black
from workbench.engine.pictures.request import Status, file_status

_SUFFIXES: Final = frozenset({".png", ".webp", ".gif", ".tif", ".tiff", ".avif", ""})
#: Number of evenly spaced files that are checked, and the maximum number of pixels of one that is decoded.
_LOOKED_AT: Final = 50
#: The rest of the sample is checked only if one of the first this many is such a picture.
_FIRST: Final = 16
_MOST_PIXELS: Final = 512 * 512


def transparency_text(files: Sequence[Path]) -> str:
    """A sentence on the files that are read over black; empty if there are none in a sample."""
    able = [file for file in files if file.suffix.lower() in _SUFFIXES]
    looked_at = able[:: max(1, -(-len(able) // _LOOKED_AT))]
    if not _vanishing(_known(looked_at[:_FIRST])):
        return ""
    return over_black_words(_vanishing(_known(looked_at)), len(looked_at))


def over_black_words(count: int, looked_at: int) -> str:
    """The sentence on ``count`` pictures of those looked at; empty for none."""
    if not count:
        return ""
    return (
        f"The shapes of {grouped(count)} of {grouped(looked_at)} pictures that were looked at are white and only in "
        "their transparency: such a picture is read over black, others over white."
    )


def _known(files: Sequence[Path]) -> tuple[tuple[Path, Status], ...]:
    return tuple((file, file_status(file)) for file in files)


@functools.lru_cache(maxsize=16)
def _vanishing(files: tuple[tuple[Path, Status], ...]) -> int:
    return sum(_vanishes(file) for file, _ in files)


def _vanishes(file: Path) -> bool:
    try:
        return is_over_black(file, _MOST_PIXELS)
    except Unreadable:
        return False
