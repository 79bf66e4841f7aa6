"""Where to look: one number of one parameter, written ``fc1.weight[12]``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"\s*([\w.]+)\s*(?:\[\s*(\d{1,12})\s*\])?\s*")


@dataclass(frozen=True, slots=True)
class Place:
    """``index`` counts through the parameter row by row, from 0."""

    name: str
    index: int

    def __str__(self) -> str:
        return f"{self.name}[{self.index}]"


def read_place(text: str) -> Place | None:
    """The place that ``text`` names; without an index the first number. None if it names none."""
    match = _WRITTEN.fullmatch(text)
    return Place(match[1], int(match[2] or 0)) if match else None
