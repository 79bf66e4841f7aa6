"""Labels of arrays that say that there is no class, and those of a test part that are no classes of training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.numpy_files import LABELS, RGB, npz

_SOME = np.arange(12) < 3
_LEFT = {"0": 3, "1": 3, "2": 3}


def _tested(labels: Any) -> Callable[[Path], Path]:
    return npz(x_train=RGB, y_train=LABELS, x_test=255 - RGB[:6], y_test=labels)


LAYOUTS = [
    Layout(
        "NaN",
        npz(images=RGB, labels=np.where(_SOME, np.nan, LABELS)),
        _LEFT,
        refused='without_class = "leave_out"',
        doubt="(nan) stand for 3 pictures of 12",
        readings=(_LEFT,),
    ),
    Layout(
        "255 beside 0, 1 and 2",
        npz(images=RGB, labels=np.where(_SOME, 255, LABELS).astype(np.uint8)),
        _LEFT,
        refused='without_class = "leave_out"',
        doubt="(255) stand for 3 pictures of 12",
        readings=(_LEFT, {**_LEFT, "255": 3}),
    ),
    Layout("test labels from 1", _tested(LABELS[:6] + 1), refused="count from 0 and the other from 1"),
    Layout("test labels in words", _tested(np.array(list("abcabc"))), refused="labels of different kinds"),
    Layout(
        "a test class that training has not",
        _tested(np.array([0, 1, 2, 0, 1, 5])),
        {"0": 4, "1": 4, "2": 4},
        (9, 3, 5),
        left_out=("1 picture",),
    ),
]
