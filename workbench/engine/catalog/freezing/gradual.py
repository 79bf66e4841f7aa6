"""Gradual unfreezing: one block after the other is unfrozen, from the head down (Howard and Ruder 2018)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from workbench.engine.catalog.freezing.base import DownToKnob, Freezing
from workbench.engine.catalog.knob import Knob


class Gradual(Freezing):
    """The head alone for ``every`` epochs; then one more block from the top each ``every`` epochs, down to ``line``."""

    kind: ClassVar[str] = "gradual"
    title: ClassVar[str] = "Gradual unfreezing"
    summary: ClassVar[str] = "One more block is unfrozen every few epochs, from the head downwards."
    order: ClassVar[int] = 30

    every: Annotated[
        int,
        Knob(
            "One more block every",
            "After this many epochs the topmost frozen block is unfrozen, then the next. The blocks nearest to the "
            "head have to change the most, the first ones the least.",
            unit="epochs",
            low=1,
            high=1_000_000,
            scale="log",
            live=True,
        ),
    ] = 2
    line: DownToKnob = 0

    def frozen_at(self, epoch: int, count: int) -> int:
        return max(min(self.line, count), count - epoch // self.every)

    def brief(self) -> str:
        return f"every {self.every}"
