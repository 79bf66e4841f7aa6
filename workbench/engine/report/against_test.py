"""Whether the test part, measured at the end, says what validation said."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Final

from workbench.engine.core.text import percent

if TYPE_CHECKING:
    from workbench.engine.core.events import Measured, MeasuredOnTest

#: A test accuracy this much below that of validation is far below, if it is beyond 3 standard errors of both.
FAR: Final = 0.1
LIKELY: Final = (
    "Likely causes: pictures or near copies of training are in validation (check the data), or the test part comes "
    "from another source than the rest. What new data would give is nearer to the test."
)


def far_below(tested: MeasuredOnTest | None, val: Measured) -> str:
    """The sentence for a test accuracy far below ``val``, that of validation with the same weights; else empty."""
    if tested is None:
        return ""
    drop = val.accuracy - tested.measured.accuracy
    if drop < max(FAR, 3 * hypot(val.accuracy_se, tested.measured.accuracy_se)):
        return ""
    return f"The test is far below validation: {percent(tested.measured.accuracy)} against {percent(val.accuracy)}."
