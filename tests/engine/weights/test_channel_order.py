"""A network that a file says to be for blue, green, red gives the same numbers here as there, and that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from workbench.engine.weights.load_weights import read_weights

STATE = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3)).state_dict()


def _read(folder: Path, **said: Any) -> Any:
    torch.save({"state_dict": STATE, **said}, folder / "net.pt")
    return read_weights(folder / "net.pt")


@pytest.mark.parametrize("said", [{"channel_order": "BGR"}, {"to_bgr": True}, {"config": {"color_mode": "bgr"}}])
def test_the_first_convolution_takes_the_same_picture(said: dict[str, Any], tmp_path: Path) -> None:
    file = _read(tmp_path, mean=[0.1, 0.2, 0.3], std=[0.5, 0.6, 0.7], **said)
    rgb = torch.rand(1, 3, 5, 5)
    there = nn.functional.conv2d(rgb.flip(1), STATE["0.weight"], STATE["0.bias"])  # as its program reads pictures
    here = nn.functional.conv2d(rgb, file.tensors["0.weight"], file.tensors["0.bias"])
    assert torch.allclose(there, here, atol=1e-6)
    assert torch.equal(file.tensors["2.weight"], STATE["2.weight"])
    assert file.stated.normalization == ((0.3, 0.2, 0.1), (0.7, 0.6, 0.5))
    assert any("0.weight and the stated mean and std were turned round" in note for note in file.notes)
    assert not any("is not used" in note for note in file.notes)


@pytest.mark.parametrize("said", [{}, {"channel_order": "RGB"}, {"bgr": False}])
def test_others_stay_as_they_are(said: dict[str, Any], tmp_path: Path) -> None:
    file = _read(tmp_path, mean=[0.1, 0.2, 0.3], std=[0.5, 0.6, 0.7], **said)
    assert torch.equal(file.tensors["0.weight"], STATE["0.weight"])
    assert file.stated.normalization == ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7)) and not file.notes[1:]
