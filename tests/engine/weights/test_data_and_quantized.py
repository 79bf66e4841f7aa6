"""Files of torch that hold examples, or weights of 8 bits: said to be that, as weights and as data alike."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data.detect import recognise
from workbench.engine.data.own_data import NotData
from workbench.engine.data.understand import understand_path
from workbench.engine.weights.load_weights import read_weights

PIXELS = torch.randint(0, 255, (30, 8, 8), dtype=torch.uint8)
LABELS = torch.arange(30) % 3


def _refused(file: Path) -> tuple[str, str]:
    """What is said of ``file`` as weights and as data."""
    with pytest.raises(WorkbenchError) as weights:
        read_weights(file)
    with pytest.raises(NotData) as data:
        recognise([file])
    return str(weights.value), str(data.value)


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("value", [(PIXELS, LABELS), [PIXELS, LABELS], {"images": PIXELS, "labels": LABELS}])
def test_the_way_that_is_named_for_examples_works(
    value: Any, is_zip: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were "weights of a network" as data, and "no table of weights" as weights."""
    file = tmp_path / "training.pt"
    torch.save(value, file, _use_new_zipfile_serialization=is_zip)
    for said in _refused(file):
        assert "holds tensors of data (30×8×8, 30) and no weights" in said
        code = said.partition("In Python: ")[2].partition(". Open training.npz")[0]
        monkeypatch.chdir(tmp_path)
        exec(code, {"torch": torch, "numpy": np})
        found = finished(understand_path(tmp_path / "training.npz"))
        assert found.refused is None and dict(found.classes) == {"0": 10, "1": 10, "2": 10}


def test_other_shapes_of_them(tmp_path: Path) -> None:
    torch.save(((PIXELS, LABELS), (PIXELS[:6], LABELS[:6])), tmp_path / "both.pt")
    torch.save(PIXELS, tmp_path / "one.pt")
    assert all("in one .npz (train_images, train_labels" in said for said in _refused(tmp_path / "both.pt"))
    assert all("holds one tensor (30×8×8) and no network" in said for said in _refused(tmp_path / "one.pt"))
    torch.save(torch.utils.data.TensorDataset(PIXELS, LABELS), tmp_path / "set.pt")
    assert "a data set as objects of Python" in _refused(tmp_path / "set.pt")[1]


@pytest.mark.parametrize("below", ["", "MNIST/processed"])
def test_a_folder_of_them(below: str, tmp_path: Path) -> None:
    place = tmp_path / below
    place.mkdir(parents=True, exist_ok=True)
    for name in ("training.pt", "test.pt"):
        torch.save((PIXELS, LABELS), place / name)
    with pytest.raises(NotData) as caught:
        recognise([tmp_path])
    assert "training.npz" in str(caught.value) or "test.npz" in str(caught.value)
    assert "put it into the same .npz (train_images" in str(caught.value)


@pytest.mark.parametrize("module", [torch.nn.Conv2d(3, 64, 3), torch.nn.Linear(4, 3), torch.nn.BatchNorm2d(4)])
def test_layers_alone_are_weights(module: torch.nn.Module, tmp_path: Path) -> None:
    torch.save(module.state_dict(), tmp_path / "layer.pt")
    assert read_weights(tmp_path / "layer.pt").tensors.keys() == module.state_dict().keys()
    with pytest.raises(NotData, match="holds weights of a network, not data"):
        recognise([tmp_path / "layer.pt"])


with warnings.catch_warnings():  # torch means to remove them; files with them stay
    warnings.simplefilter("ignore")
    QUANTIZED = torch.quantize_per_tensor(torch.rand(4, 3), 0.1, 0, torch.qint8)


@pytest.mark.parametrize(
    "state",
    [
        {"fc.weight": QUANTIZED},
        {"fc._packed_params.dtype": torch.qint8, "fc._packed_params._packed_params": (QUANTIZED, torch.rand(4))},
        {"conv1.weight": torch.zeros(8, 3, 3, 3, dtype=torch.int8), "conv1.scale": torch.tensor(0.1)},
        {"conv1.weight": torch.zeros(8, 3, 3, 3, dtype=torch.uint8), "conv1.scale": torch.tensor(0.1)},
    ],
)
def test_quantized_weights(state: dict[str, Any], tmp_path: Path) -> None:
    """Those of the last two were taken for float weights, without their scales."""
    torch.save(state, tmp_path / "net.pt")
    with pytest.raises(WorkbenchError, match=r"holds quantized weights .* Export the float weights: the state_dict"):
        read_weights(tmp_path / "net.pt")


def test_quantized_weights_in_safetensors(tmp_path: Path) -> None:
    save_file({"conv1.weight": torch.zeros(8, 3, 3, 3, dtype=torch.int8)}, tmp_path / "net.safetensors")
    with pytest.raises(WorkbenchError, match=r"holds quantized weights \(conv1.weight\)"):
        read_weights(tmp_path / "net.safetensors")


def test_counters_and_indices_are_no_quantized_weights(tmp_path: Path) -> None:
    torch.save({"a.weight": torch.rand(4, 3), "a.index": torch.zeros(4, 4, dtype=torch.int64)}, tmp_path / "net.pt")
    assert len(read_weights(tmp_path / "net.pt").tensors) == 2
