"""Numbers in sentences: one way to group digits, for the engine's words and the window's alike."""

from __future__ import annotations

from typing import Final

#: A narrow space at which no line is broken: ``3 850`` never stands on two lines.
NARROW: Final = "\u202f"


def grouped(number: float, decimals: int = 0) -> str:
    """A number with narrow spaces between thousands."""
    return f"{number:,.{decimals}f}".replace(",", NARROW)
