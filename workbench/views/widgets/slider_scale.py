"""The steps of sliders and arrow keys through a knob's values: linear, or logarithmic where the knob is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import significant

N = TypeVar("N", int, float)
TICKS = 1000
_DECADES = 3  # on either side of the default: the whole range of a learning rate would be 16 decades
_MOST_STEPS = 1000  # a slider over more whole numbers than this cannot select each of them
_LADDER = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class SliderScale:
    """The values of a slider, from ``low`` to ``high``; a logarithmic one may have zero at its left end."""

    low: float
    high: float
    limit_low: float
    limit_high: float
    log: bool
    zero: bool
    integer: bool

    def value_at(self, tick: int) -> float | int:
        """The value at a slider position, rounded to few digits."""
        share = min(1.0, max(0.0, tick / TICKS))
        if self.log:
            return self._log_value_at(tick, share)
        step = self._step
        value = self.low + share * (self.high - self.low)
        return self._kept(round(value / step) * step)

    def tick_of(self, value: float) -> int:
        """The slider position nearest to ``value``; values outside the range are at its end."""
        if not self.log:
            return _clipped(round(TICKS * (value - self.low) / (self.high - self.low)), 0, TICKS)
        if value <= 0:
            return 0
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return _clipped(round(share * TICKS), 1 if self.zero else 0, TICKS)

    def stepped(self, value: float, steps: int) -> float | int:
        """``value`` moved up or down by ``steps``: 1-2-5 (doubling for whole numbers) if logarithmic."""
        for _ in range(abs(steps)):
            value = self._next(value, 1 if steps > 0 else -1)
        return self._kept(value)

    def _log_value_at(self, tick: int, share: float) -> float | int:
        if self.zero and tick <= 0:
            return self._kept(0.0)
        value = self.low * (self.high / self.low) ** share
        return self._kept(significant(value, 2))

    def _next(self, value: float, direction: int) -> float:
        if not self.log:
            return (math.floor(value / self._step + 1e-9) + 1) * self._step if direction > 0 else self._below(value)
        if self.integer:
            return max(1, value * 2) if direction > 0 else value // 2
        if value <= 0:
            return self.low if direction > 0 else 0.0
        if direction < 0 and self.zero and value <= self.low:
            return 0.0
        return _on_ladder(value, direction)

    def _below(self, value: float) -> float:
        return (math.ceil(value / self._step - 1e-9) - 1) * self._step

    @property
    def _step(self) -> float:
        span = self.high - self.low
        return max(1.0, round(span / 100)) if self.integer else 10.0 ** round(math.log10(span / 100))

    def _kept(self, value: float) -> float | int:
        kept = _clipped(value, self.limit_low, self.limit_high)
        return round(kept) if self.integer else significant(kept, 12)


def scale_for(knob: Knob, default: float | None, integer: bool) -> SliderScale:
    """The scale of a knob. A logarithmic one is centred on the default, because its limits are far apart."""
    low = -1e9 if knob.low is None else knob.low
    high = 1e9 if knob.high is None else knob.high
    if knob.scale == "linear":
        return SliderScale(low, high, low, high, log=False, zero=False, integer=integer)
    first, last = _decades_around(default or 0.0, integer)
    first, last = max(first, low), min(last, high)
    if first >= last:  # without a default the decades may be outside the limits
        first, last = (low if low > 0 else high * 1e-6), high
    return SliderScale(first, last, low, high, log=True, zero=low <= 0, integer=integer)


def _decades_around(default: float, integer: bool) -> tuple[float, float]:
    centre = default if default > 0 else 10.0 if integer else 1e-3
    decade = math.floor(math.log10(centre))
    first = 10.0 ** (decade - _DECADES)
    return max(first, 1.0) if integer else first, 10.0 ** (decade + _DECADES)


def has_slider(knob: Knob, scale: SliderScale) -> bool:
    """Whether a slider is useful: both limits are known, and each value can be selected."""
    if knob.low is None or knob.high is None:
        return False
    return scale.log or not scale.integer or scale.high - scale.low <= _MOST_STEPS


def _on_ladder(value: float, direction: int) -> float:
    exponent = math.floor(math.log10(value) + 1e-9)
    mantissa = value / 10.0**exponent
    if direction > 0:
        return next(m for m in _LADDER if m > mantissa * (1 + 1e-9)) * 10.0**exponent
    below = [m for m in _LADDER if m < mantissa * (1 - 1e-9)]
    return (below[-1] if below else 0.5) * 10.0**exponent


def _clipped(value: N, low: N, high: N) -> N:
    return min(high, max(low, value))
