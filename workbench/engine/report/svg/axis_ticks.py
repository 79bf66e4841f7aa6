"""Positions and texts of axis ticks: pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal

from workbench.engine.core.text import grouped, short

AxisScale = Literal["linear", "log", "share"]
Ticks = list[tuple[float, str]]

_MOST: Final = 40


def ticks(low: float, high: float, room: int, scale: AxisScale) -> Ticks:
    """At most ``room`` ticks as (position, text) in ``[low, high]``; positions on a log axis are powers of ten."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return []
    room = max(1, min(room, _MOST))
    if scale == "log":
        return _log_ticks(low, high, room)
    return _linear_ticks(low, high, room, share_text if scale == "share" else plain_text)


def with_end(found: Ticks, end: float, width: Callable[[str], float]) -> Ticks:
    """``found``, at least two ticks, and one at ``end``; those too near go. ``width``: of a text, in axis units."""
    text = plain_text(end, found[1][0] - found[0][0])
    kept = [(at, each) for at, each in found if end - at >= (width(each) + width(text)) / 2 or at == 0]
    return [*kept, (end, text)]


def plain_text(value: float, step: float) -> str:
    """A number with as many decimals as the distance between two ticks needs."""
    if value != 0 and (abs(value) >= 1e6 or step < 1e-4):
        return short(value, 3)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return grouped(value, decimals)


def share_text(value: float, step: float) -> str:
    """A fraction as a percentage."""
    return plain_text(100 * value, 100 * step) + " %"


def _linear_ticks(low: float, high: float, room: int, text: Callable[[float, float], str]) -> Ticks:
    rough = (high - low) / room
    decade = 10.0 ** math.floor(math.log10(rough))
    steps = [m * decade for m in (0.5, 1, 2, 5, 10)]
    at = next((k for k, step in enumerate(steps) if step >= rough * 0.999), 4)
    step = steps[at]
    if math.floor(high / step + 1e-9) <= math.ceil(low / step - 1e-9):  # a single tick does not show the scale
        step = steps[at - 1]
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(k * step, text(k * step, step)) for k in range(first, min(last, first + _MOST) + 1)]


def _log_ticks(low: float, high: float, room: int) -> Ticks:
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    decades = last - first + 1
    if decades > room:
        every = math.ceil(decades / room)
        return [(float(e), _power_text(e, 1)) for e in range(first, last + 1) if e % every == 0]
    fine = [
        (e + math.log10(m), _power_text(e, m))
        for e in range(math.floor(low), last + 1)
        for m in (1, 2, 5)
        if low - 1e-9 <= e + math.log10(m) <= high + 1e-9
    ]
    if len(fine) <= room or decades <= 0:
        return fine[:room] if decades <= 0 else fine
    if decades == 1 and room > 1:  # a single power does not show the scale
        return [fine[0], fine[-1]]
    return [(float(e), _power_text(e, 1)) for e in range(first, last + 1)]


def _power_text(exponent: int, mantissa: int) -> str:
    if -3 <= exponent <= 3:
        return short(mantissa * 10.0**exponent)
    return f"{mantissa}e{exponent}"
