"""Arrays of another size or brightness than those that weights were trained on: both are said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.engine.helpers import record, small_spec
from workbench.engine.evaluation.evaluation import EvaluationOptions, evaluate

_LABELS = np.arange(60) % 3
_DRAWN = np.random.Generator(np.random.PCG64(4))
#: Thin bright strokes on black, as digits are.
_STROKES = np.where(_DRAWN.random((60, 8, 8)) < 0.2, 255, 5 * _LABELS[:, None, None]).astype(np.uint8)


def _file(folder: Path, name: str, pictures: npt.NDArray[np.uint8]) -> Path:
    np.savez(folder / f"{name}.npz", x=pictures, y=_LABELS)
    return folder / f"{name}.npz"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    source = {"kind": "npz", "file": str(_file(folder, "trained", _STROKES))}
    record(small_spec(data__source=source, loop__epochs=1), folder=folder / "runs")
    (file,) = (folder / "runs").rglob("best.safetensors")
    return file


def _notes(weights: Path, data: Path) -> str:
    (found,) = evaluate([weights], data, "all").measured
    return " ".join(found.notes)


def test_another_size_is_said(weights: Path, tmp_path: Path) -> None:
    large, small = _STROKES.repeat(4, 1).repeat(4, 2), _STROKES[:, ::2, ::2]
    assert "have 32×32 pixels and are reduced to 8×8." in _notes(weights, _file(tmp_path, "large", large))
    assert "have 4×4 pixels and are enlarged to 8×8." in _notes(weights, _file(tmp_path, "small", small))
    assert "pixels and are" not in _notes(weights, _file(tmp_path, "same", _STROKES))


def test_what_is_in_doubt_of_the_values_is_said(weights: Path, tmp_path: Path) -> None:
    data = _file(tmp_path, "of 16", _STROKES // 16)
    assert "The brightest value in the pictures is 15" in _notes(weights, data)
    (found,) = evaluate([weights], data, "all", options=EvaluationOptions(settings=[("value_range", "0 15")])).measured
    assert "The brightest value" not in " ".join(found.notes)


def test_the_order_of_channels_that_is_in_doubt_is_said(weights: Path, tmp_path: Path) -> None:
    data = _file(tmp_path, "of channels", _STROKES[:, :3, :, None].repeat(3, 3))
    assert "The channels of 'x' may stand first or last: each example has 3×8×3 values." in _notes(weights, data)
    (found,) = evaluate([weights], data, "all", options=EvaluationOptions(settings=[("layout", "nhwc")])).measured
    assert "may stand first or last" not in " ".join(found.notes)


def test_another_brightness_is_said(weights: Path, tmp_path: Path) -> None:
    assert "far brighter than those that the network was trained on: 78" in _notes(
        weights, _file(tmp_path, "inverted", 255 - _STROKES)
    )
    for name, some in (("same", _STROKES), ("dimmer", _STROKES // 2 + _STROKES // 8)):
        assert "than those that the network" not in _notes(weights, _file(tmp_path, name, some))
