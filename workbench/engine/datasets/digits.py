"""The real handwritten digits that come with scikit-learn: 1,797 pictures of 8×8 pixels, ten classes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from workbench.engine.datasets.base import Dataset, DataSource


class Digits(DataSource):
    """Alpaydin and Kaynak 1998 (UCI optical recognition of handwritten digits, test part). Values 0–16 become 0–255."""

    kind: ClassVar[str] = "digits"
    title: ClassVar[str] = "Digits"
    summary: ClassVar[str] = "1,797 real handwritten digits of 8×8 pixels; works offline."
    order: ClassVar[int] = 10

    def load(self) -> Dataset:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        pixels = np.rint(bunch.images * (255.0 / 16.0)).astype(np.uint8)[:, None]
        return Dataset(np.ascontiguousarray(pixels), bunch.target.astype(np.int64), tuple("0123456789"))
