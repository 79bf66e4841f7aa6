"""The expectation that dropping units or weights keeps at test time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from workbench.engine.lessons.quantities.of_runs import OfRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.lessons.real_runs import RealRun

#: Random passes over which an activation is averaged.
PASSES: Final = 200


class ActivationKept(OfRun):
    """What comes out of the first random layer in training, a mean over many passes, ÷ in evaluation; NaN without one.

    The run is the one that has such a layer; inverted dropout keeps the expectation, so that it is 1.
    """

    kind: ClassVar[str] = "activation_kept"
    title: ClassVar[str] = "Mean activation in training ÷ at test time"
    summary: ClassVar[str] = (
        "What comes out of the first random layer as a mean over 200 random passes, as a multiple of what comes out "
        "with nothing dropped: the least squares factor over all units and 256 training examples."
    )
    order: ClassVar[int] = 79
    decimals: ClassVar[int | None] = 3

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.passes import kept_share

        return kept_share(runs[self.run], PASSES)
