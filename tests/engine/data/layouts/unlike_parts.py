"""Parts of one file of arrays that are not of one kind: sizes, channels, types, ranges of values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.numpy_files import LABELS, RGB, npz

Array = npt.NDArray[Any]
DARK = (RGB // 4).astype(np.float32) / 255


def with_test(train: Array, test: Array) -> Callable[[Path], Path]:
    """A part to train on and one to test."""
    return npz(x_train=train, y_train=LABELS, x_test=test, y_test=LABELS)


def with_validation(train: Array, held: Array) -> Callable[[Path], Path]:
    """A part to train on and one to validate."""
    return npz(x_train=train, y_train=LABELS, x_val=held, y_val=LABELS)


FRACTIONS = RGB.astype(np.float32) / 255
DEEP = RGB.astype(np.uint16)

LAYOUTS = [
    Layout("test pictures of another size", with_test(RGB, np.tile(RGB, (1, 2, 2, 1))), refused="different shapes"),
    Layout("test pictures in gray", with_test(RGB, RGB[..., 0]), refused="different shapes"),
    Layout("test pictures of another type", with_test(RGB, FRACTIONS), refused="uint8 in 'x_train', float32"),
    Layout("test not divided by 255", with_test(FRACTIONS, 255 * FRACTIONS), refused="different ranges of values"),
    Layout("validation not divided by 255", with_validation(FRACTIONS, 255 * FRACTIONS), refused="scale them alike"),
    Layout("validation standardized", with_validation(FRACTIONS, 2 * FRACTIONS - 1), refused="scale them alike"),
    Layout(
        "fractions of 0 to 255 and bytes are read alike",
        with_test(255 * FRACTIONS, RGB),
        {"0": 4, "1": 4, "2": 4},
        (9, 3, 12),
    ),
    Layout("test of more bits", with_test(DEEP, 257 * DEEP), refused="different ranges of values"),
    Layout("a part that is not finite", with_test(FRACTIONS, FRACTIONS * np.nan), refused="NaN or infinite"),
    Layout("darker test pictures", with_test(FRACTIONS, DARK), {"0": 4, "1": 4, "2": 4}, (9, 3, 12)),
]
