"""A curve over evaluations, ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.views.plots.frame import Floats
from workbench.views.plots.series import Style


@dataclass(frozen=True, slots=True)
class Line:
    """A curve over evaluations."""

    x: Floats
    y: Floats
    colour: str
    style: Style = "solid"
    ghost: bool = False
    star: int | None = None
    star_text: str = ""
