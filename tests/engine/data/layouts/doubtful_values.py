"""Arrays of four channels, whose fourth may be no transparency, and of values far below 255."""

from __future__ import annotations

import numpy as np

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.numpy_files import LABELS, RGB, THREE, npz

_INFRARED = np.random.Generator(np.random.PCG64(8)).integers(0, 256, (12, 6, 6, 1), np.uint8)
_SHAPE = np.where(_INFRARED > 128, np.uint8(255), np.uint8(0))
_ASKED = "nothing says whether the fourth is transparency"

_DIM = "The brightest value in the pictures is 16, where 255 is white"

LAYOUTS = [
    Layout("bytes of 0 to 16", npz(x=np.minimum(RGB // 15, 16), y=LABELS), THREE, doubt=_DIM, readings=(THREE, THREE)),
    Layout("whole numbers of 0 to 16", npz(x=np.minimum(RGB // 15, 16).astype(np.int64), y=LABELS), THREE, doubt=_DIM),
    Layout(
        "infrared", npz(x=np.concatenate([RGB, _INFRARED], 3), y=LABELS), THREE, doubt=_ASKED, readings=(THREE, THREE)
    ),
    Layout("a mask", npz(x=np.concatenate([RGB, _SHAPE], 3), y=LABELS), THREE, doubt=_ASKED, readings=(THREE, THREE)),
    Layout(
        "255 throughout",
        npz(x=np.concatenate([RGB, np.full_like(_SHAPE, 255)], 3), y=LABELS),
        THREE,
    ),
]
