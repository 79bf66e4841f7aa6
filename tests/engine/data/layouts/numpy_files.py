"""Arrays in one .npz, or in .npy files side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.engine.data.layouts.layout import Layout

RNG = np.random.Generator(np.random.PCG64(3))
RGB = RNG.integers(0, 256, (12, 6, 6, 3), np.uint8)
LABELS = np.arange(12) % 3
THREE = {"0": 4, "1": 4, "2": 4}
CAMERA = RGB[..., 0].astype(np.uint16) + 500


def npz(**arrays: Any) -> Callable[[Path], Path]:
    """A maker of ``data.npz``."""

    def make(root: Path) -> Path:
        np.savez_compressed(root / "data.npz", **arrays)
        return root / "data.npz"

    return make


def _npy(root: Path) -> None:
    np.save(root / "X_train.npy", RGB[:9])
    np.save(root / "y_train.npy", LABELS[:9])
    np.save(root / "X_test.npy", RGB[9:])
    np.save(root / "y_test.npy", LABELS[9:])


LAYOUTS = [
    Layout(
        "labels in two levels",
        npz(data=RGB, fine_labels=LABELS, coarse_labels=LABELS // 2),
        THREE,
        refused='label_array = "coarse_labels"',
        doubt="several arrays of labels, 'fine_labels', 'coarse_labels'",
        readings=(THREE, {"0": 8, "1": 4}),
    ),
    Layout(
        "labels with gaps",
        npz(x=RGB, y=np.array([0, 5, 30])[LABELS]),
        {"0": 4, "5": 4, "30": 4},
        refused='gaps = "keep"',
        doubt="The labels are 0, 5, 30",
        readings=({"0": 4, "5": 4, "30": 4}, {str(n): 4 * (n in (0, 5, 30)) for n in range(31)}),
    ),
    Layout("labels that count from 1", npz(x=RGB, y=LABELS + 1), {"1": 4, "2": 4, "3": 4}),
    Layout("one 1 in each row of labels", npz(x=RGB, y=np.eye(3)[LABELS]), THREE),
    Layout(
        "several labels a picture", npz(x=RGB, y=np.ones((12, 3), np.uint8)), refused="marks 3 classes at example 1"
    ),
    Layout(
        "big-endian numbers, and Python objects beside them",
        npz(x=RGB.astype(">u2"), y=LABELS.astype(">i4"), names=np.array([{}, "a"], object)),
        THREE,
        left_out=("array 'names'",),
    ),
    Layout(
        "12 bits in 16, channels first or last",
        npz(x=np.stack([CAMERA[:, :3, :3]] * 3, 1)[..., :3], y=LABELS),
        THREE,
        doubt="may stand first or last",
        notes="may stand first or last",
        readings=(THREE, THREE),
    ),
    Layout(
        "fractions of no usual range",
        npz(x=(RGB / 100 - 1).astype(np.float32), y=LABELS),
        THREE,
        doubt="not clear what is black and white",
        notes="to 1.55, so",
    ),
    Layout("files side by side", _npy, {"0": 3, "1": 3, "2": 3}, (6, 3, 3)),
    Layout("Python objects alone", npz(x=RGB, y=np.array([{}] * 12, object)), refused="Python objects in 'y'"),
]
