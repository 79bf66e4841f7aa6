"""Which subplots fit, and how they share the height."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from workbench.views.plots.series import SubplotSpec
from workbench.views.plots.subplot import Subplot

#: Where not all subplots fit, these are hidden, in this order.
_GOES_FIRST: Final = ("grad_norm", "lr", "gap", "accuracy")


def with_room(specs: list[SubplotSpec], room: float, line: float) -> set[str]:
    """The names of the subplots that are readable in ``room`` pixels, with text lines of ``line`` pixels."""
    left = list(specs)
    for name in _GOES_FIRST:
        if room_for(left, line) > room and len(left) > 1:
            left = [spec for spec in left if spec.name != name]
    return {spec.name for spec in left}


def room_for(specs: list[SubplotSpec], line: float) -> float:
    """The height in pixels in which all ``specs`` are readable, with text lines of ``line`` pixels."""
    return sum(line * (1.9 + 0.55 * spec.share) + 4 for spec in specs) + 2 * line + 8


def arrange(parent: QWidget, subplots: list[Subplot]) -> None:
    """Divide the parent's height: headers and axes keep theirs, the plots share the rest."""
    around = [subplot.header.preferred_height + subplot.gap_below for subplot in subplots]
    room = max(0, parent.height() - sum(around))
    shares, top = sum(subplot.spec.share for subplot in subplots), 0
    for subplot, fixed in zip(subplots, around, strict=True):
        last = subplot is subplots[-1]
        high = parent.height() - top if last else fixed + room * subplot.spec.share // shares
        subplot.setGeometry(0, top, parent.width(), high)
        top += high
