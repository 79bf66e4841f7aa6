"""What a class can say before a scene is played: answers to vote for, and a curve to draw. Declared in the lesson."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Final, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from workbench.engine.catalog.variant import AsTuple, Section
from workbench.engine.core.errors import Problem
from workbench.engine.core.text import counted
from workbench.engine.lessons.band import Band, Words
from workbench.engine.lessons.picture import Line, Picture

#: Maximum number of answers: each has a digit key, and all must be readable from the last row.
_FEWEST: Final = 2
_MOST: Final = 6
Array = npt.NDArray[np.float64]


def _rising(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] >= ends[1]:
        raise PydanticCustomError("ends", "must be two numbers, the smaller one first")
    return ends


Ends = Annotated[tuple[float, float], AsTuple, AfterValidator(_rising)]


class Answer(Section):
    """One answer of the vote. It is right if the measured number of the scene lies in ``band``."""

    words: Words
    band: Band


class ExpectedCurve(Section):
    """A curve that can be drawn before it is measured: the ``line``-th one of the ``panel``-th panel of the scene.

    Labels and scales are those of the panel. ``x`` and ``y`` are the ends of the axes over which it is drawn.
    """

    words: Words
    panel: int = 0
    line: int = 0
    x_label: Words
    y_label: Words
    x: Ends
    y: Ends
    log_x: bool = False
    log_y: bool = False

    @model_validator(mode="after")
    def _fits_the_scale(self) -> Self:
        for ends, is_log, name in ((self.x, self.log_x, "x"), (self.y, self.log_y, "y")):
            if is_log and ends[0] <= 0:
                raise PydanticCustomError("log", f"has an {name} that begins at 0 or below, on a logarithmic axis")
        return self

    def shares(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Values as shares of the axes: 0 at the lower end, 1 at the upper one, not limited to them."""
        return _share(x, self.x, self.log_x), _share(y, self.y, self.log_y)

    def values(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Shares of the axes as values."""
        return _value(x, self.x, self.log_x), _value(y, self.y, self.log_y)

    def measured(self, picture: Picture | None) -> Line | None:
        """The measured curve of a picture; None if it has none yet."""
        if picture is None or self.panel >= len(picture.panels):
            return None
        lines = picture.panels[self.panel].lines
        return lines[self.line] if self.line < len(lines) else None


class Predict(Section):
    """A vote, a curve to draw, or both. ``ask`` is the question of the vote where it is not that of the scene."""

    ask: str = ""
    answers: Annotated[tuple[Answer, ...], AsTuple] = ()
    curve: ExpectedCurve | None = None

    def right(self, measured: float) -> int | None:
        """Which answer is right for the measured number; None if none is."""
        return next((place for place, each in enumerate(self.answers) if each.band.holds(measured)), None)

    def problems(self, band: Band) -> Iterator[Problem]:
        """Errors in the answers of a scene whose claim holds in ``band``."""
        if not self.answers and self.curve is None:
            yield Problem("", "needs answers to vote for, or a curve to draw")
        if self.answers and not _FEWEST <= len(self.answers) <= _MOST:
            yield Problem("answers", f"must be {_FEWEST} to {_MOST}, not {counted(len(self.answers), 'answer')}")
        bands = sorted((_ends(each.band) for each in self.answers), key=lambda ends: ends)
        if any(below[1] > above[0] for below, above in pairwise(bands)):
            yield Problem("answers", "have bands that overlap: more than one of them could be right")
        low, high = _ends(band)
        if bands and not any(below < high and low < above for below, above in bands):
            yield Problem("answers", f"are all wrong where the claim holds ({band.text})")


def _ends(band: Band) -> tuple[float, float]:
    return -math.inf if band.low is None else band.low, math.inf if band.high is None else band.high


def _share(values: Array, ends: tuple[float, float], is_log: bool) -> Array:
    with np.errstate(all="ignore"):
        places = np.log10(values) if is_log else values
    low, high = (math.log10(end) for end in ends) if is_log else ends
    found: Array = (places - low) / (high - low)
    return found


def _value(shares: Array, ends: tuple[float, float], is_log: bool) -> Array:
    low, high = (math.log10(end) for end in ends) if is_log else ends
    places = low + shares * (high - low)
    found: Array = 10.0**places if is_log else places
    return found
