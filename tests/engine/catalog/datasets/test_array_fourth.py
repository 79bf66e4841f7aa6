"""The fourth channel of arrays: colours are what the array holds where it is left out, and over white where not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.core.progress import finished

_DRAWN = np.random.Generator(np.random.PCG64(5))
_COLOURS = _DRAWN.integers(0, 200, (8, 5, 6, 3), np.uint8)


def _file(folder: Path, fourth: npt.NDArray[np.uint8]) -> Path:
    np.savez(folder / "x.npz", x=np.concatenate([_COLOURS, fourth[..., None]], 3), y=np.arange(8) % 2)
    return folder / "x.npz"


def _read(file: Path, choice: str) -> npt.NDArray[np.uint8]:
    dataset = ArrayFile(file=str(file), fourth_channel=choice).load()  # type: ignore[arg-type]
    return dataset.inputs.transpose(0, 2, 3, 1)  # type: ignore[no-any-return, union-attr]


@pytest.mark.parametrize(
    ("fourth", "left_out_first"),
    [(_DRAWN.integers(1, 255, (8, 5, 6), np.uint8), True), (np.zeros((8, 5, 6), np.uint8), False)],
)
def test_what_is_advised_is_what_is_read(tmp_path: Path, fourth: npt.NDArray[np.uint8], left_out_first: bool) -> None:
    file = _file(tmp_path, fourth)
    kept, clear = _read(file, "leave_out"), _read(file, "transparency")
    assert np.array_equal(kept, _COLOURS) and not np.array_equal(clear, _COLOURS)
    assert np.array_equal(_read(file, "auto"), kept if left_out_first else clear)
    (doubt,) = finished(ArrayFile(file=str(file)).understood()).doubts
    assert doubt.readings[0].settings == (("fourth_channel", "leave_out" if left_out_first else "transparency"),)


def test_a_channel_that_is_255_throughout_is_said_and_changes_nothing(tmp_path: Path) -> None:
    file = _file(tmp_path, np.full((8, 5, 6), 255, np.uint8))
    found = finished(ArrayFile(file=str(file)).understood())
    assert not found.doubts and any("255 throughout" in fact.sentence for fact in found.facts)
    assert np.array_equal(_read(file, "auto"), _COLOURS)
