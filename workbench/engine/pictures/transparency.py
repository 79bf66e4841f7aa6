"""Transparency of picture files: shapes that are only in it, and fourth channels that are something else."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.core.text import grouped, percent
from workbench.engine.pictures.decode import Unreadable, is_all_clear, is_over_black, read_opacity
from workbench.engine.pictures.request import Status, file_status

_SUFFIXES: Final = frozenset({".png", ".webp", ".gif", ".tif", ".tiff", ".avif", ""})
#: Number of evenly spaced files that are checked, and the maximum number of pixels of one that is decoded.
_LOOKED_AT: Final = 50
#: The rest of the sample is checked only if one of the first this many is such a picture.
_FIRST: Final = 16
_MOST_PIXELS: Final = 512 * 512
#: Transparency is 0 or the highest value in at least this share of the pixels, but at the borders of shapes.
_EITHER: Final = 0.5
#: Files with less, in this share of those with such a channel at most, are soft pictures. Larger files are not decoded.
_FEW: Final = 0.1
_MOST_OPACITY: Final = 2048 * 2048


def transparency_text(files: Sequence[Path]) -> str:
    """Sentences on the files that are read over black, or by their colours alone; empty if a sample has none."""
    able = [file for file in files if file.suffix.lower() in _SUFFIXES]
    first = able[:: max(1, -(-len(able) // _FIRST))]
    clear = clear_words(sum(is_clear for _, is_clear in _either(_known(first))), len(first))
    looked_at = able[:: max(1, -(-len(able) // _LOOKED_AT))]
    if not _vanishing(_known(looked_at[:_FIRST])):
        return clear
    return f"{over_black_words(_vanishing(_known(looked_at)), len(looked_at))} {clear}".strip()


def over_black_words(count: int, looked_at: int) -> str:
    """The sentence on ``count`` pictures of those looked at; empty for none."""
    if not count:
        return ""
    return (
        f"The shapes of {grouped(count)} of {grouped(looked_at)} pictures that were looked at are white and only in "
        "their transparency: such a picture is read over black, others over white."
    )


def clear_words(count: int, looked_at: int) -> str:
    """The sentence on ``count`` pictures of those looked at that are fully transparent; empty for none."""
    if not count:
        return ""
    return (
        f"{grouped(count)} of {grouped(looked_at)} pictures that were looked at are fully transparent everywhere: such "
        "a picture is read by its colours, as if it were opaque."
    )


def opacity_text(files: Sequence[Path]) -> str:
    """Why the channel of transparency of ``files`` may be none; empty if it looks like one, or there is none."""
    able = [file for file in files if file.suffix.lower() in _SUFFIXES]
    looked_at = able[:: max(1, -(-len(able) // _FIRST))]
    found = [share for share, _ in _either(_known(looked_at)) if share is not None]
    odd = [share for share in found if share < _EITHER]
    if len(odd) <= _FEW * len(found):
        return ""
    return (
        f"{grouped(len(odd))} of {grouped(len(looked_at))} pictures that were looked at have a channel marked as "
        f"transparency, of which only {percent(float(np.mean(odd)))} is fully transparent or opaque. They are read as "
        "transparent, over white. If the channel is something else, such as infrared or depth, that changes their "
        "colours: save the pictures without it."
    )


@functools.lru_cache(maxsize=16)
def _either(files: tuple[tuple[Path, Status], ...]) -> tuple[tuple[float | None, bool], ...]:
    """Of each file the share of pixels that are fully transparent or opaque, None where that is not known; and whether
    it is read by its colours alone.
    """
    return tuple(_share(file) for file, _ in files)


def _share(file: Path) -> tuple[float | None, bool]:
    try:
        opacity = read_opacity(file, _MOST_OPACITY)
        if opacity is None:
            return None, False
        share = float(np.mean((opacity == 0) | (opacity == np.iinfo(opacity.dtype).max)))
        return share, bool(opacity.max() < np.iinfo(opacity.dtype).max) and is_all_clear(file, _MOST_OPACITY)
    except Unreadable:
        return None, False


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
