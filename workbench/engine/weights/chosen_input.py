"""What a user says of files of weights that do not say it: picture size, normalization, which of several tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workbench.engine.catalog.models.weights_name import AUTO
from workbench.engine.core.errors import WorkbenchError

Normalization = tuple[tuple[float, ...], tuple[float, ...]]
#: The usual ones by name: the mean and the standard deviation that belong to values in [0, 1].
NORMALIZATIONS: Final[Mapping[str, Normalization]] = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5,), (0.5,)),
    "none": ((0.0,), (1.0,)),
}
NORMALIZATION_TITLES: Final[Mapping[str, str]] = {
    "imagenet": "mean and standard deviation of ImageNet",
    "half": "mean 0.5 and standard deviation 0.5: values from -1 to 1",
    "none": "none: values from 0 to 1",
}
SMALLEST, LARGEST = 8, 1024


@dataclass(frozen=True, slots=True)
class ChosenInput:
    """``size`` is height and width in pixels; ``normalization`` mean and standard deviation, one number a channel or
    one for all. None leaves it to what the file says, or else to what is usual for its network. ``name`` is that of
    the weights in the file."""

    size: tuple[int, int] | None = None
    normalization: Normalization | None = None
    name: str = AUTO


UNCHOSEN: Final = ChosenInput()


def size_in(text: str) -> tuple[int, int] | None:
    """Height and width of ``64`` or ``width×height`` (also with an x); None if it is no size of pictures."""
    found = re.fullmatch(r"(\d{1,5})(?:\s*[x×]\s*(\d{1,5}))?", text.strip().lower())
    sides = tuple(int(each) for each in found.groups() if each) if found else ()
    good = sides and all(SMALLEST <= side <= LARGEST for side in sides)
    return (sides[-1], sides[0]) if good else None


#: What a size may be, shown where something else was typed.
A_SIZE: Final = f"Give the side in pixels, from {SMALLEST} to {LARGEST}, or width and height: 320x240."


def chosen_size(text: str) -> tuple[int, int]:
    """What ``--size`` means. Raises WorkbenchError."""
    size = size_in(text)
    if size is None:
        raise WorkbenchError(f"--size {text} is no size of pictures. {A_SIZE}")
    return size


def chosen_normalization(text: str) -> Normalization:
    """A name in NORMALIZATIONS, or numbers as ``0.5,0.4,0.4/0.2,0.2,0.2``. Raises WorkbenchError."""
    if text in NORMALIZATIONS:
        return NORMALIZATIONS[text]
    try:
        mean, std = (tuple(float(v) for v in part.split(",")) for part in text.split("/"))
    except ValueError:
        mean = std = ()
    counts = len(mean) in (1, 3) and len(std) == len(mean)
    if not counts or not all(0 < v < 256 for v in std) or not all(abs(v) < 256 for v in mean):
        names = ", ".join(NORMALIZATIONS)
        told = f"--normalization {text} is none. Give one of {names}, or mean/standard deviation of values from 0 to 1"
        raise WorkbenchError(f"{told}: 0.5,0.5,0.5/0.2,0.2,0.2.")
    return mean, std
