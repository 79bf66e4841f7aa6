"""Arrays of whole numbers far below 255: as they are until another white is chosen, which others do not take over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.core.progress import finished

_DRAWN = np.random.Generator(np.random.PCG64(2)).integers(0, 17, (8, 5, 6), np.uint8)
_DRAWN[0, 0, 0] = 16


def _file(folder: Path, brightest: int, kind: str) -> Path:
    pictures = _DRAWN.astype(kind)
    pictures[-1, -1, -1] = brightest
    np.savez(folder / "x.npz", x=pictures, y=np.arange(8) % 2)
    return folder / "x.npz"


def _highest(file: Path, values: str) -> int:
    """What 16 becomes."""
    return int(ArrayFile(file=str(file), value_range=values).load().inputs[0, 0, 0, 0])


@pytest.mark.parametrize("kind", ["uint8", "int64", "float32"])
@pytest.mark.parametrize(("brightest", "is_asked"), [(16, True), (127, True), (128, False)])
def test_a_low_brightest_value_is_asked_about(tmp_path: Path, kind: str, brightest: int, is_asked: bool) -> None:
    file = _file(tmp_path, brightest, kind)
    doubts = finished(ArrayFile(file=str(file)).understood()).doubts
    assert [str(brightest) in doubt.sentence for doubt in doubts] == [True] * is_asked
    assert _highest(file, "auto") == 16
    for reading in doubts[0].readings if doubts else ():
        value = str(dict(reading.settings)["value_range"])
        assert _highest(file, value) == round(255 * 16 / float(value.split()[1]))


def test_bytes_take_no_range_that_is_not_theirs(tmp_path: Path) -> None:
    assert _highest(_file(tmp_path, 16, "uint8"), "390 830") == 16
    assert _highest(_file(tmp_path, 255, "uint8"), "0 16") == 16
