"""The shapes and sizes of picture files, and what the centre crop would lose, from the headers of some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median_low
from typing import Final

from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import percent
from workbench.engine.pictures.decode import Header, Unreadable, read_header

#: From this share of their area on pictures lose so much that it is asked whether that is meant. A picture of 16:9
#: loses 44 %, one of 3:2 a third.
MUCH: Final = 0.4
#: At most this many headers are read.
_LOOKED_AT: Final = 64
_READINGS: Final = (
    Reading("Cut out the centre", (("fit", "crop"),)),
    Reading("Keep all, pad with black", (("fit", "pad"),)),
    Reading("Keep all, squeeze to a square", (("fit", "squeeze"),)),
)


def shape_fact(fit: str, size: int) -> Fact:
    """How pictures that are not square become so, with the other ways."""
    chosen = "crop" if fit == "auto" else fit
    how = {"crop": "the centre is cut out", "pad": "padded with black", "squeeze": "squeezed"}[chosen]
    others = tuple(each for each in _READINGS if each.settings != (("fit", chosen),))
    return Fact("shapes", f"Each picture becomes {size}×{size} pixels; one that is not square: {how}.", others)


def cut_share(width: int, height: int) -> float:
    """The share of a picture's area that the centre crop leaves away."""
    return 1 - min(width, height) / max(width, height)


def shape_doubts(files: Sequence[Path]) -> tuple[Doubt, ...]:
    """Whether the crop is meant, where it leaves away much of the average picture. Reads an even sample of headers."""
    headers = _headers(files)
    shares = [cut_share(header.width, header.height) for header in headers]
    if not shares or fmean(shares) < MUCH:
        return ()
    example = max(headers, key=lambda header: cut_share(header.width, header.height))
    text = (
        f"Pictures become square by cutting out the centre, which leaves away {percent(fmean(shares), 0)} of them "
        f"on average, e.g. of {example.width}×{example.height} pixels; padding or squeezing keeps all."
    )
    return (Doubt("shapes", text, _READINGS),)


@dataclass(frozen=True, slots=True)
class FileSides:
    """``shorter`` is the median of the pictures' shorter sides in pixels; ``are_uneven`` if some are not square."""

    shorter: int
    are_uneven: bool


def file_sides(files: Sequence[Path]) -> FileSides | None:
    """The sides of an even sample of ``files``; None if none of it can be read."""
    headers = _headers(files)
    if not headers:
        return None
    shorter = median_low(min(header.width, header.height) for header in headers)
    return FileSides(shorter, any(header.width != header.height for header in headers))


def _headers(files: Sequence[Path]) -> list[Header]:
    return list(filter(None, map(_header, files[:: max(1, -(-len(files) // _LOOKED_AT))])))


def _header(file: Path) -> Header | None:
    try:
        return read_header(file)
    except Unreadable:
        return None
