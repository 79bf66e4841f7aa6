"""No decay: the lecture's starting point."""

from __future__ import annotations

from typing import ClassVar

from workbench.engine.catalog.schedules.base import Schedule


class Constant(Schedule):
    """``lr``: factor 1 throughout."""

    kind: ClassVar[str] = "constant"
    formula: ClassVar[str] = "lr"
    title: ClassVar[str] = "Constant"
    summary: ClassVar[str] = "No decay. Start here, look at the curve, and decay where it flattens."
    order: ClassVar[int] = 10

    def multiplier(self, k: int, total: int) -> float:
        return 1.0
