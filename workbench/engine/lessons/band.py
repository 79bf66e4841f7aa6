"""A band of numbers in which a measured one must lie, and sentences of a lesson's file."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from workbench.engine.catalog.variant import Section
from workbench.engine.core.text import number_text


def _not_empty(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("empty", "must not be empty")
    return " ".join(text.split())


#: A sentence or a title, without the line breaks of the file.
Words = Annotated[str, AfterValidator(_not_empty)]


class Band(Section):
    """Where the measured number lies if the claim holds; both ends belong to it, and one of them may be missing."""

    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.low is None and self.high is None:
            raise PydanticCustomError("band", "needs a low or a high end")
        if self.low is not None and self.high is not None and self.low > self.high:
            words = f"is empty: its low end {number_text(self.low)} is above its high end {number_text(self.high)}"
            raise PydanticCustomError("band", words)
        return self

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies in the band; NaN does not."""
        low, high = -math.inf if self.low is None else self.low, math.inf if self.high is None else self.high
        return low <= value <= high

    @property
    def text(self) -> str:
        """The band in words: ``0.95 to 1.05``, ``at least 2``, ``at most 0.5``."""
        if self.low is None:
            assert self.high is not None
            return f"at most {number_text(self.high)}"
        low = number_text(self.low)
        return f"at least {low}" if self.high is None else f"{low} to {number_text(self.high)}"
