"""Labels of validation that are not those of training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy.typing as npt

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.numpy_files import LABELS, RGB, npz


def held(labels: npt.NDArray[Any]) -> Callable[[Path], Path]:
    """A part to train on, and one to validate with other labels."""
    return npz(x_train=RGB, y_train=LABELS, x_val=RGB, y_val=labels)


LAYOUTS = [
    Layout("labels of validation from 1", held(LABELS + 1), refused="count from 0 and the other from 1"),
    Layout("labels in words and in numbers", held(LABELS.astype(str)), refused="numbers in train"),
    Layout("a class in validation alone", held(LABELS * 5), refused="in validation but not in train"),
]
