"""A curve over evaluations, ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.views.plots.series import Style
from workbench.views.plots.viewport import Floats


@dataclass(frozen=True, slots=True)
class EpochLine:
    """A curve over evaluations."""

    x: Floats
    y: Floats
    colour: str
    style: Style = "solid"
    ghost: bool = False
    star: int | None = None
    star_text: str = ""
