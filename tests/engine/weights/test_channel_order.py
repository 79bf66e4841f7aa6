"""A network that a file says to be for blue, green, red gives the same numbers here as there, and that is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.engine.weights.files import as_zip, network, write
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.transfer.backbone import opened
from workbench.engine.weights.load_weights import read_weights

STATE = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3)).state_dict()


def _read(folder: Path, **said: Any) -> Any:
    torch.save({"state_dict": STATE, **said}, folder / "net.pt")
    return read_weights(folder / "net.pt")


@pytest.mark.parametrize(
    "said",
    [
        {"channel_order": "BGR"},
        {"to_bgr": True},
        {"config": {"color_mode": "bgr"}},
        {"input_space": "BGR"},
        {"input_format": "bgr"},
        {"to_rgb": False},
        {"data_preprocessor": {"to_rgb": False}},
        {"meta": {"img_norm_cfg": {"bgr_to_rgb": False}}},
        {"do_flip_channel_order": True},
    ],
)
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


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"channel_order": "RGB"},
        {"bgr": False},
        {"to_rgb": True},
        {"bgr_to_rgb": True},
        {"do_flip_channel_order": False},
        {"convert_to_rgb": False},
    ],
)
def test_others_stay_as_they_are(said: dict[str, Any], tmp_path: Path) -> None:
    file = _read(tmp_path, mean=[0.1, 0.2, 0.3], std=[0.5, 0.6, 0.7], **said)
    assert torch.equal(file.tensors["0.weight"], STATE["0.weight"])
    assert file.stated.normalization == ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7)) and not file.notes[1:]


def test_what_says_both_orders_is_left_as_it_is_and_said(tmp_path: Path) -> None:
    """As a pipeline that reads BGR and turns it: which of them the network sees is not certain."""
    file = _read(tmp_path, load={"channel_order": "bgr"}, data_preprocessor={"to_rgb": True})
    assert torch.equal(file.tensors["0.weight"], STATE["0.weight"])
    assert "The file says channel_order = bgr and to_rgb = True, which is not used" in " ".join(file.notes)


@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_the_mean_of_imagenet_in_the_other_order_is_said_and_the_remedy_turns_it(scale: float, tmp_path: Path) -> None:
    bgr = {"mean": [0.4076 * scale, 0.458 * scale, 0.485 * scale], "std": [0.225 * scale] * 3}
    file = _read(tmp_path, **bgr)
    assert "ImageNet in the order blue, green, red" in file.notes[-1] and "channel_order = bgr" in file.notes[-1]
    assert torch.equal(file.tensors["0.weight"], STATE["0.weight"])
    turned = _read(tmp_path, **bgr, channel_order="bgr")
    assert turned.is_turned and "ImageNet" not in " ".join(turned.notes)
    assert torch.equal(turned.tensors["0.weight"], STATE["0.weight"].flip(1))


def test_false_of_rgb_is_said(tmp_path: Path) -> None:
    assert "rgb = False, which is not used" in " ".join(_read(tmp_path, rgb=False).notes)


FLIPPED = {"preprocessor_config.json": {"do_flip_channel_order": True}, "config.json": {"channel_order": "bgr"}}


@pytest.mark.parametrize("name", FLIPPED)
def test_a_hubs_file_beside_the_weights_turns_them_where_they_are_measured_and_trained(
    name: str, tmp_path: Path
) -> None:
    state = dict(network(classes=3).state_dict())
    mean = {"mean": [0.1, 0.2, 0.3], "std": [0.5, 0.6, 0.7]}
    said = {"image_mean": mean["mean"], "image_std": mean["std"], **FLIPPED[name]} if "pre" in name else mean
    (tmp_path / name).write_text(json.dumps({**said, **FLIPPED[name]}), encoding="utf-8")
    path = write(tmp_path, as_zip(state), "model.pth")
    file, backbone = trained_file(path), opened(str(path))
    for origin, tensors, notes in (
        (file.origin, file.file.tensors, file.file.notes),
        (backbone.origin, backbone.tensors, backbone.notes),
    ):
        assert torch.equal(tensors["conv1.weight"], state["conv1.weight"].flip(1))
        assert origin is not None and (origin.mean, origin.std) == ((0.3, 0.2, 0.1), (0.7, 0.6, 0.5))
        assert f"“{name}” beside the weights says" in " ".join(notes) and "were turned round" in " ".join(notes)
        assert "which is not used" not in " ".join(notes)


@pytest.mark.parametrize("name", FLIPPED)
def test_beside_weights_of_other_names_the_order_is_said_and_not_used(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(json.dumps(FLIPPED[name]), encoding="utf-8")
    state = dict(network(classes=3).state_dict())
    file = trained_file(write(tmp_path, as_zip(state), "best.pth")).file
    assert torch.equal(file.tensors["conv1.weight"], state["conv1.weight"])
    assert f"“{name}” beside the weights states the order of channels, which was not used" in " ".join(file.notes)


def test_a_file_and_the_one_beside_it_that_both_say_it_are_turned_once(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"channel_order": "bgr"}), encoding="utf-8")
    state = dict(network(classes=3).state_dict())
    path = write(tmp_path, as_zip({"state_dict": state, "to_bgr": True}), "model.pth")
    file = trained_file(path).file
    assert torch.equal(file.tensors["conv1.weight"], state["conv1.weight"].flip(1))
    assert "which is not used" not in " ".join(file.notes)
