"""One line through the network: the blocks below it keep their weights."""

from __future__ import annotations

from typing import ClassVar

from workbench.engine.catalog.freezing.base import Freezing, LineKnob


class FrozenBelow(Freezing):
    """The first ``line`` blocks are frozen from the first epoch to the last."""

    kind: ClassVar[str] = "line"
    title: ClassVar[str] = "Frozen below a line"
    summary: ClassVar[str] = "The blocks below the line keep their weights during the whole run."
    order: ClassVar[int] = 10

    line: LineKnob = None

    def frozen_at(self, epoch: int, count: int) -> int:
        return count if self.line is None else min(self.line, count)

    def brief(self) -> str:
        return "head only" if self.line is None else f"{self.line} frozen" if self.line else "nothing frozen"
