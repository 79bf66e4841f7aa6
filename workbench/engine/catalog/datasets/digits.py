"""The real handwritten digits that come with scikit-learn: 1,797 pictures of 8×8 pixels, ten classes."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.base import Dataset, DataSource
from workbench.engine.core.errors import WorkbenchError


class Digits(DataSource):
    """Alpaydin and Kaynak 1998 (UCI optical recognition of handwritten digits, test part). Values 0–16 become 0–255."""

    kind: ClassVar[str] = "digits"
    title: ClassVar[str] = "Digits"
    summary: ClassVar[str] = "1,797 real handwritten digits of 8×8 pixels; works offline."
    order: ClassVar[int] = 10
    mirrors: ClassVar[bool] = False
    can_hold_back: ClassVar[bool] = False
    licence: ClassVar[str] = "CC BY 4.0 (UCI Machine Learning Repository, Optical Recognition of Handwritten Digits)"

    def files(self) -> tuple[Path, ...]:
        return ()

    def load(self) -> Dataset:
        pixels, labels = _pictures()
        return Dataset(pixels.copy(), labels.copy(), tuple("0123456789"))


@cache
def _pictures() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """(1797, 1, 8, 8) and (1797,). Kept, because reading the numbers as text takes longer than a short run."""
    table = _table()
    pixels = np.rint(table[:, :64] * (255.0 / 16.0)).astype(np.uint8).reshape(-1, 1, 8, 8)
    return pixels, table[:, 64].astype(np.int64)


def _table() -> npt.NDArray[np.float64]:
    """(1797, 65): pixels row by row, then the label. Read without importing scikit-learn, which takes seconds."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise WorkbenchError("The digits come with scikit-learn, which is not installed. Choose another data set.")
    file = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    try:
        table: npt.NDArray[np.float64] = np.loadtxt(file, delimiter=",")
    except (OSError, ValueError) as error:
        raise WorkbenchError(f"Cannot read the digits of scikit-learn in {file}: {error}.", "data.source") from None
    return table
