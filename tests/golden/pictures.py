"""A folder of generated pictures: three classes, PNG and JPEG, gray and colour, wide and tall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("bar", "disc", "frame")
#: More than the 512 training pictures that the preprocessing measures, so that the rest arrives during the first epoch.
OF_EACH = 230


def make_pictures(folder: Path) -> None:
    """Write the pictures into ``folder``, one folder for each class."""
    for label, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for number in range(OF_EACH):
            picture = Image.fromarray(_pixels(label, np.random.default_rng((label, number))))
            if number % 5 == 0:
                picture = picture.convert("L")
            picture.save(folder / name / f"{number:03}.{'jpg' if number % 3 == 0 else 'png'}")


def _pixels(label: int, random: np.random.Generator) -> np.ndarray:
    """A shape on noise, uint8 (height, width, 3)."""
    height, width = random.integers(14, 22, 2)
    pixels = random.integers(0, 120, (height, width, 3))
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    shape = (abs(x) < 0.3, x**2 + y**2 < 0.5, np.maximum(abs(x), abs(y)) > 0.7)[label]
    pixels[shape] += random.integers(80, 135, 3)
    return pixels.astype(np.uint8)
