"""Lists of (place, factor) pairs as settings: how they are read, and what is allowed in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from pydantic_core import PydanticCustomError

from workbench.engine.core.text import short

LOWEST, HIGHEST = 1e-9, 1e9


def as_pairs(value: Any) -> Any:
    """Lists of lists, as a file has them, as tuples of tuples; whole factors as the numbers that they are."""
    if not isinstance(value, (list, tuple)):
        return value
    return tuple(_pair(item) if isinstance(item, (list, tuple)) else item for item in value)


def as_shares(value: Any) -> Any:
    """As ``as_pairs``, with whole places as numbers too."""
    pairs = as_pairs(value)
    if not isinstance(pairs, tuple):
        return pairs
    return tuple((_number(item[0]), *item[1:]) if isinstance(item, tuple) and item else item for item in pairs)


def checked_pairs(low: float, high: float, words: str) -> Callable[[Any], Any]:
    """A check of pairs whose places must rise from ``low`` to ``high``; ``words`` say what a place is."""

    def check(pairs: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
        for place, factor in pairs:
            if not low <= place <= high:
                raise PydanticCustomError("points", f"must have places from {short(low)} to {short(high)} ({words})")
            if not LOWEST <= factor <= HIGHEST:
                raise PydanticCustomError("points", f"must have factors from {short(LOWEST)} to {short(HIGHEST)}")
        if any(later[0] <= earlier[0] for earlier, later in pairwise(pairs)):
            raise PydanticCustomError("points", "must have rising places, each one once")
        return pairs

    return check


def _pair(item: Sequence[Any]) -> tuple[Any, ...]:
    if len(item) != 2:
        raise PydanticCustomError("points", "must have a place and a factor in each pair")
    return (*item[:1], *map(_number, item[1:]))


def _number(value: Any) -> Any:
    return float(value) if type(value) is int and abs(value) < 1e15 else value
