"""Arrays of pictures and labels by their heads, and their values as 8-bit pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.pictures.background import without_alpha
from workbench.engine.pictures.decode import Range, scaled
from workbench.engine.pictures.part_names import TEST, TRAIN, VALIDATION

#: Where the channels are: behind height and width, or before them.
Layout = Literal["nhwc", "nchw"]
#: A row of more values than these is no one-hot label.
MAX_ONE_HOT: Final = 2000
_BYTES: Final[Range] = (0.0, 255.0)
_WORDS: Final = {"train": TRAIN | {"tr"}, "validation": VALIDATION, "test": TEST | {"te"}}
_PARTS: Final = {
    part: re.compile(rf"(^|[^a-z])({'|'.join(sorted(words))})([^a-z]|$)") for part, words in _WORDS.items()
}


@dataclass(frozen=True, slots=True)
class ArrayHead:
    """What the head of one array says."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool

    @property
    def is_pictures(self) -> bool:
        return len(self.shape) in (3, 4) and self.dtype.kind in "uifb"

    @property
    def is_labels(self) -> bool:
        flat = len(self.shape) == 1 or (len(self.shape) == 2 and self.shape[1] == 1)
        return flat and self.dtype.kind in "uifbUS"

    @property
    def is_rows(self) -> bool:
        """Whether it may be labels with a column for each class."""
        return len(self.shape) == 2 and 2 <= self.shape[1] <= MAX_ONE_HOT and self.dtype.kind in "uifb"

    @property
    def part(self) -> str:
        """train, validation or test if the name says so, else empty."""
        words = self._words
        return next((part for part, pattern in _PARTS.items() if pattern.search(words)), "")

    @property
    def stem(self) -> str:
        """The name without the part in it: ``fine_labels`` of ``fine_labels_train``."""
        words = self._words
        for pattern in _PARTS.values():
            words = pattern.sub(r"\1\3", words)
        return re.sub(r"[^a-z0-9]+", "_", words).strip("_")

    @property
    def _words(self) -> str:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower()


def fits_both(array: ArrayHead) -> bool:
    """Whether the channels may be first or last."""
    return len(array.shape) == 4 and array.shape[1] in (1, 3, 4) and array.shape[3] in (1, 3, 4)


def is_last(array: ArrayHead, layout: Layout | None) -> bool:
    """Whether the channels of pictures (N, …, …, …) are last."""
    return layout == "nhwc" or (layout is None and array.shape[3] in (1, 3, 4))


def has_alpha(array: ArrayHead, layout: Layout | None) -> bool:
    """Whether pictures have a fourth channel, which may be transparency."""
    return len(array.shape) == 4 and array.shape[3 if is_last(array, layout) else 1] == 4


def as_bytes(
    values: npt.NDArray[Any],
    array: ArrayHead,
    file: Path,
    first: int,
    black_white: Range,
    layout: Layout | None = None,
    without_fourth: bool = False,
) -> npt.NDArray[np.uint8]:
    """Some pictures, from number ``first`` on, as uint8 (n, C, H, W), C 1 or 3: from black to white, transparent parts
    over the same background as in files, or ``without_fourth`` channel."""
    pictures = with_channels(values, array, file, first, black_white, layout)
    if pictures.shape[1] == 4:
        return pictures[:, :3] if without_fourth else without_alpha(pictures)
    return pictures


def with_channels(
    values: npt.NDArray[Any], array: ArrayHead, file: Path, first: int, black_white: Range, layout: Layout | None
) -> npt.NDArray[np.uint8]:
    """As ``as_bytes``, with the fourth channel if there is one."""
    pictures = _scaled(values, array, file, first, black_white)
    if pictures.ndim == 3:
        return pictures[:, None]
    return pictures.transpose(0, 3, 1, 2) if is_last(array, layout) else pictures


def _scaled(
    values: npt.NDArray[Any], array: ArrayHead, file: Path, first: int, black_white: Range
) -> npt.NDArray[np.uint8]:
    if values.dtype == np.uint8 and black_white == _BYTES:
        return values
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind == "f":
        _refuse_odd(values, array, file, first, black_white)
    return scaled(values, black_white)


def _refuse_odd(values: npt.NDArray[Any], array: ArrayHead, file: Path, first: int, black_white: Range) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        where = f"at example {grouped(first + index[0] + 1)}, place {list(index[1:])}"
        refuse(file, f"holds a value that is NaN or infinite in {array.name!r} {where}")
    if black_white == (0, 1) and (values.min() < 0 or values.max() > 1):
        wrong = ((values < 0) | (values > 1)).reshape(len(values), -1).any(1)
        where = f"at example {grouped(first + int(np.argmax(wrong)) + 1)}"
        text = f"has fractions outside 0 to 1 in {array.name!r} {where}"
        refuse(file, f"{text}; choose which values are black and white, or save 8-bit numbers", "value_range")


def refuse(file: Path, what: str, field: str = "file") -> NoReturn:
    """Raise WorkbenchError: ``file``, a space, ``what`` and a full stop."""
    raise WorkbenchError(f"{file} {what}.", f"data.source.{field}")
