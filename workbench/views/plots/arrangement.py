"""Which lanes have room, and how they share the height."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from workbench.views.plots.series import LaneSpec
from workbench.views.plots.subplot import Lane

#: Where there is no room for all lanes these go, in this order.
_GOES_FIRST: Final = ("grad_norm", "lr", "gap", "accuracy")


def with_room(specs: list[LaneSpec], room: float, line: float) -> set[str]:
    """The names of the lanes that can be read within ``room`` pixels, with ``line`` pixels a line of words."""
    needed = {spec.name: line * (1.9 + 0.55 * spec.share) + 4 for spec in specs}
    for name in _GOES_FIRST:
        if sum(needed.values()) + 2 * line + 8 > room and len(needed) > 1:
            needed.pop(name, None)
    return set(needed)


def arrange(parent: QWidget, lanes: list[Lane]) -> None:
    """Give the lanes' plots, without heads and axes, their shares of the parent's height."""
    around = [lane.header.tall + lane.gap_below for lane in lanes]
    room = max(0, parent.height() - sum(around))
    shares, top = sum(lane.spec.share for lane in lanes), 0
    for lane, fixed in zip(lanes, around, strict=True):
        last = lane is lanes[-1]
        high = parent.height() - top if last else fixed + room * lane.spec.share // shares
        lane.setGeometry(0, top, parent.width(), high)
        top += high
