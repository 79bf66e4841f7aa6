"""The fourth channel of pictures in arrays: transparency, or infrared, depth or a mask that is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_values import ArrayHead, Layout, has_alpha, with_channels
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import percent
from workbench.engine.pictures.decode import Range

FourthChannel = Literal["auto", "transparency", "leave_out"]

_CLEAR: Final = Reading("The fourth channel is transparency", (("fourth_channel", "transparency"),))
_OTHER: Final = Reading("The fourth channel is left out", (("fourth_channel", "leave_out"),))
#: Transparency is 0 or 255 in at least this share of the values, but at the borders of shapes.
_EITHER: Final = 0.5


@dataclass(frozen=True, slots=True)
class FoundFourth:
    """Whether the fourth channel is left out, and what is said of it."""

    left_out: bool = False
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def fourth_channel(
    archive: ArrayArchive, arrays: Sequence[ArrayHead], values: Range, layout: Layout | None, given: FourthChannel
) -> FoundFourth:
    """What the fourth channel of ``arrays`` is. Where nothing is chosen, every picture is looked at: a channel that is
    255 throughout changes none, any other is in doubt, and the reading that is advised is taken."""
    four = [array for array in arrays if has_alpha(array, layout)]
    if not four or given != "auto":
        return FoundFourth(given == "leave_out")
    count, full, either = 0, 0, 0
    for array in four:
        for start, some in archive.chunks(array):
            fourth = with_channels(some, array, archive.file, start, values, layout)[:, 3]
            whites = int(np.count_nonzero(fourth == 255))
            count, full = count + fourth.size, full + whites
            either += whites + int(np.count_nonzero(fourth == 0))
    if full == count:
        text = f"The fourth channel of {four[0].name!r} is 255 throughout: no picture is transparent anywhere."
        return FoundFourth(facts=(Fact("values", text),))
    is_clear = either >= _EITHER * count
    share = percent(either / count)
    text = (
        f"The pictures in {four[0].name!r} have 4 channels, and nothing says whether the fourth is transparency or "
        f"something else, such as infrared, depth or a mask ({share} of its values are 0 or 255). Unless one is "
        f"chosen, it is {'taken as transparency' if is_clear else 'left out'}."
    )
    readings = (_CLEAR, _OTHER) if is_clear else (_OTHER, _CLEAR)
    return FoundFourth(not is_clear, doubts=(Doubt("values", text, readings),))
