"""The index of one number of one parameter, written ``fc1.weight[12]``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"\s*([\w.]+)\s*(?:\[\s*(\d{1,12})\s*\])?\s*")


@dataclass(frozen=True, slots=True)
class WeightIndex:
    """``index`` counts through the parameter row by row, from 0."""

    name: str
    index: int

    def __str__(self) -> str:
        return f"{self.name}[{self.index}]"


def parse_weight_index(text: str) -> WeightIndex | None:
    """The index that ``text`` names, of the first number if it has none. None if ``text`` is not such a name."""
    match = _WRITTEN.fullmatch(text)
    return WeightIndex(match[1], int(match[2] or 0)) if match else None
