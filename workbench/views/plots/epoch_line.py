"""A curve with one value per evaluation, ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.views.plots.run_styles import Mark
from workbench.views.plots.series import Style
from workbench.views.plots.viewport import Floats


@dataclass(frozen=True, slots=True)
class EpochLine:
    """``x`` and ``y`` in data units; ``star`` is the index of the best value, ``star_text`` its label.

    ``hollow``: the first value is that of the start, measured on a slice, and is drawn hollow.
    """

    x: Floats
    y: Floats
    colour: str
    style: Style = "solid"
    ghost: bool = False
    star: int | None = None
    star_text: str = ""
    hollow: bool = False
    #: The shape that tells the line of one run from those of others, drawn at a few of its points.
    mark: Mark | None = None
    #: Below and above a mean: where the runs that it is of lie.
    band: tuple[Floats, Floats] | None = None
