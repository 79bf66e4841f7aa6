"""Labels of arrays that say that there is no class; test pictures of another size or with other values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.numpy_files import LABELS, RGB, THREE, npz

_SOME = np.arange(12) < 3
_LEFT = {"0": 3, "1": 3, "2": 3}
_NAMES = np.where(_SOME, "", np.array(["a", "b", "c"])[LABELS])


def _scaled(change: Callable[[Any], Any]) -> Callable[[Path], Path]:
    return npz(x_train=RGB, y_train=LABELS, x_test=change(RGB[:6]), y_test=LABELS[:6])


def _labelled(part: str, labels: Any) -> Callable[[Path], Path]:
    return npz(**{"x_train": RGB, "y_train": LABELS, f"x_{part}": 255 - RGB[:6], f"y_{part}": labels})


LAYOUTS = [
    Layout(
        "empty texts",
        npz(images=RGB, labels=_NAMES),
        {"a": 3, "b": 3, "c": 3},
        refused='without_class = "leave_out"',
        doubt="may say no class (empty) stand for 3 pictures of 12",
        readings=({"a": 3, "b": 3, "c": 3},),
    ),
    Layout(
        "NaN",
        npz(images=RGB, labels=np.where(_SOME, np.nan, LABELS)),
        _LEFT,
        refused='without_class = "leave_out"',
        doubt="may say no class (nan) stand for 3 pictures of 12",
        readings=(_LEFT,),
    ),
    Layout(
        "255 beside 0, 1 and 2",
        npz(images=RGB, labels=np.where(_SOME, 255, LABELS).astype(np.uint8)),
        _LEFT,
        refused='without_class = "leave_out"',
        doubt="may say no class (255) stand for 3 pictures of 12",
        readings=(_LEFT, {**_LEFT, "255": 3}),
    ),
    Layout(
        "test pictures of another size",
        npz(x_train=RGB, y_train=LABELS, x_test=np.zeros((6, 8, 8, 3), np.uint8), y_test=LABELS[:6]),
        refused="of different shapes for training and test: 'x_train' (6×6 of 3 channels) and 'x_test' (8×8 ",
    ),
    Layout(
        "test pictures from 0 to 1", _scaled(lambda x: x / 255), refused="are scaled in different ways: values 0 to 1"
    ),
    Layout("test pictures of 16 bits", _scaled(lambda x: x * np.uint16(257)), refused="are scaled in different ways"),
    Layout(
        "test pictures with signs",
        _scaled(lambda x: x - np.float64(128)),
        THREE,
        (9, 3, 6),
        notes="Pictures may be scaled in different ways",
    ),
    Layout("test labels from 1", _labelled("test", LABELS[:6] + 1), refused="seem to be counted from another number"),
    Layout("validation labels in words", _labelled("val", np.array(list("abcabc"))), refused="in validation but not"),
    Layout("test pictures of 64 bits", _scaled(lambda x: x.astype(np.int64)), THREE, (9, 3, 6)),
]
