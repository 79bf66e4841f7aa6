"""Where the names of curves stand: at their ends, or in lines below the curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class NamedEnd:
    """The name of a curve, the height in pixels at which its curve ends, and its own height."""

    name: str
    colour: QColor
    at: float
    high: float


def spread(named: Sequence[NamedEnd], top: float, bottom: float) -> list[float]:
    """Upper edges of names that do not overlap, each as near to its curve's end as the others let it."""
    tops: list[float] = []
    edge = top
    for each in named:
        tops.append(max(edge, each.at - each.high / 2))
        edge = tops[-1] + each.high
    limit = bottom
    for place in reversed(range(len(tops))):
        tops[place] = min(tops[place], limit - named[place].high)
        limit = tops[place]
    return tops


def in_lines(widths: Sequence[float], room: float) -> list[tuple[int, float]]:
    """The line (0, 1, …) and the left edge of things ``widths`` wide, one after the other, in lines ``room`` wide."""
    places: list[tuple[int, float]] = []
    row, edge = 0, 0.0
    for wide in widths:
        if edge and edge + wide > room:
            row, edge = row + 1, 0.0
        places.append((row, edge))
        edge += wide
    return places
