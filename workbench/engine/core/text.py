"""Numbers in sentences: one way to group digits, for the engine's words and the window's alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

#: A narrow space at which no line is broken: ``3 850`` never stands on two lines.
NARROW: Final = "\u202f"


def grouped(number: float, decimals: int = 0) -> str:
    """A number with narrow spaces between thousands."""
    return f"{number:,.{decimals}f}".replace(",", NARROW)


def number_text(number: float) -> str:
    """A number as messages show it: whole ones with all their digits and separators, others in the shortest form."""
    if abs(number) >= 1e15:  # str() refuses whole numbers of thousands of digits
        return f"about {'-' if number < 0 else ''}1e{math.floor(math.log10(abs(number)))}"
    return f"{int(number):,}" if number == int(number) else f"{number:g}"


def shown(given: Any) -> str:
    """A refused value as messages show it: short, and as it is written in a settings file."""
    if isinstance(given, str):
        return repr(given if len(given) <= 40 else given[:39] + "…")
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, (dict, list, tuple)):
        return "a table" if isinstance(given, dict) else "a list"
    return number_text(given) if isinstance(given, int) else str(given)[:40]


def number(value: float) -> str:
    """Two decimals, or two significant digits where those would say too little. The minus is a real one."""
    text = f"{value:.2f}" if abs(value) >= 0.095 or value == 0 else f"{value:.2g}"
    return text.replace("-", "−")


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 as per cent, written one way everywhere: the number, a space, the sign."""
    return f"{100 * share:.{digits}f} %"


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape in words: ``8×8 gray``, ``32×32 colour``, ``2-D points``."""
    if len(shape) == 3:
        channels, height, width = shape
        return f"{width}×{height} {'gray' if channels == 1 else 'colour'}"
    return f"{math.prod(shape)}-D points"


def size_text(size: int) -> str:
    """Bytes in the unit that fits: ``820 bytes``, ``56 kB``, ``0.1 MB``, ``2.4 GB``."""
    if size < 1_000:
        return f"{size} bytes"
    if size < 100_000:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:,.1f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"


def paths_text(paths: Sequence[Path | str], most: int = 5) -> str:
    """The first ``most`` paths, and how many more there are."""
    more = f" and {len(paths) - most:,} more" if len(paths) > most else ""
    return f"{', '.join(map(str, paths[:most]))}{more}"
