"""Parsing of typed numbers in any locale: ``0.001``, ``0,001``, ``1e-3``, ``65 536``. Without Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import editable, number_text

_LONGEST = 60
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,5})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}( \d{3})+(?=$|[.,eE])")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_SPACES = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " ", "−": "-", "\u2013": "-"})


def number_from(text: str, knob: Knob, integer: bool) -> float | int:
    """The number in ``text``. Raises ValueError, with a message that follows the label, outside the knob's limits."""
    plain = text.translate(_SPACES).strip()
    if not plain:
        raise ValueError(f"needs a {_noun(integer)}{_range(knob)}")
    if _GROUPED.match(plain):
        plain = plain.replace(" ", "")
    if _TWO_WAYS.fullmatch(plain) and ("," in plain) != integer:
        # A comma may be a thousands separator or a decimal separator; in whole numbers so may a point.
        head, tail = re.split("[.,]", plain)
        raise ValueError(f"can be read in two ways: write {head}{tail} or {head}" + f".{tail}" * (not integer))
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    plain = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
    if len(plain) > _LONGEST or not _NUMBER.fullmatch(plain):
        raise ValueError(f"must be a {_noun(integer)}{_range(knob)}, not “{_short(text.strip())}”")
    value = _integer(plain, knob) if integer else float(plain)
    if not math.isfinite(value):
        raise ValueError(f"must be a finite number{_range(knob)}")
    return knob.check(value)


def _integer(plain: str, knob: Knob) -> float | int:
    if plain.lstrip("+-").isdigit():
        return int(plain)
    value = float(plain)
    if not math.isfinite(value):
        return value
    if not value.is_integer():
        raise ValueError(f"must be a whole number{_range(knob)}, not {number_text(value)}")
    return int(value)


def sizes_from(text: str, knob: Knob) -> tuple[int, ...]:
    """Whole numbers separated by commas or spaces, e.g. ``128, 64``; empty text is an empty list. Raises ValueError."""
    parts = [part for part in re.split(r"[,;\s]+", text.translate(_SPACES).strip()) if part]
    wrong = next((part for part in parts if not (part.isascii() and part.isdigit() and len(part) < 10)), None)
    if wrong is not None:
        raise ValueError(f"must be whole numbers separated by commas, like “128, 64”, not “{_short(wrong)}”")
    return knob.check(tuple(int(part) for part in parts))


def sizes_text(sizes: tuple[int, ...]) -> str:
    """The text that ``sizes_from`` reads."""
    return ", ".join(map(str, sizes))


def numbers_from(text: str, knob: Knob) -> tuple[float, ...]:
    """Numbers separated by commas or spaces, e.g. ``0.1, 0.2``; empty text is an empty list. Raises ValueError."""
    parts = [part for part in re.split(r"[,;\s]+", text.translate(_SPACES).strip()) if part]
    wrong = next((part for part in parts if len(part) > _LONGEST or not _NUMBER.fullmatch(part)), None)
    if wrong is not None:
        raise ValueError(f"must be numbers separated by commas, like “0.1, 0.2”, not “{_short(wrong)}”")
    return knob.check(tuple(float(part) for part in parts))


def numbers_text(numbers: tuple[float, ...]) -> str:
    """The text that ``numbers_from`` reads."""
    return ", ".join(map(editable, numbers))


def pairs_from(text: str) -> tuple[tuple[float | int, float | int], ...]:
    """Pairs of position and factor, e.g. ``0: 1, 0.5: 0.1``; empty text is an empty list. Raises ValueError."""
    parts = [part.strip() for part in re.split(r"[,;]", text.translate(_SPACES)) if part.strip()]
    return tuple(_pair_from(part) for part in parts)


def _pair_from(part: str) -> tuple[float | int, float | int]:
    numbers = [number.strip() for number in part.split(":")]
    if len(numbers) != 2 or not all(len(n) <= _LONGEST and _NUMBER.fullmatch(n) for n in numbers):
        raise ValueError(f"must be pairs of position and factor, like “0: 1, 0.5: 0.1”, not “{_short(part)}”")
    position, factor = (int(n) if n.lstrip("+-").isdigit() else float(n) for n in numbers)
    return position, factor


def pairs_text(pairs: Sequence[tuple[float | int, float | int]]) -> str:
    """The text that ``pairs_from`` reads."""
    return ", ".join(f"{editable(position)}: {editable(factor)}" for position, factor in pairs)


def sentence(words: str) -> str:
    """A message that follows a label, as a sentence."""
    head = words[:1].upper() + words[1:]
    return head if head.endswith((".", "!", "?")) else head + "."


def _noun(integer: bool) -> str:
    return "whole number" if integer else "number"


def _range(knob: Knob) -> str:
    return f" {knob.range_text}" if knob.range_text else ""


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"
