"""timm's ``config.json`` beside weights: used for the pictures if it is theirs, else it is said why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.weights.files import as_safetensors, as_zip, network, write
from workbench.engine.evaluation.file_predictor import TrainedFile, trained_file

HALF = {"input_size": [3, 48, 48], "crop_pct": 0.75, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}
CONFIG = {"architecture": "mine", "num_classes": 3, "pretrained_cfg": {**HALF, "num_classes": 1000}}


def opened(
    folder: Path, config: dict[str, Any], name: str = "model.safetensors", seed: int = 0
) -> tuple[TrainedFile, str]:
    """The file with ``config`` beside it, and all that is noted on it."""
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    found = trained_file(write(folder, as_safetensors(dict(network(classes=3, seed=seed).state_dict())), name))
    return found, " ".join(found.file.notes)


def test_size_normalization_and_cut_are_used_and_named(tmp_path: Path) -> None:
    found, notes = opened(tmp_path, CONFIG)
    origin = found.origin
    assert (origin.size, origin.resize, origin.mean, origin.std) == ((48, 48), 64, (0.5,) * 3, (0.25,) * 3)
    assert not origin.assumptions and "normalization are those of “config.json” beside the weights" in notes
    assert "scaling" not in notes


def test_another_interpolation_is_said(tmp_path: Path) -> None:
    _, notes = opened(tmp_path, {"pretrained_cfg": {**HALF, "interpolation": "bicubic"}})
    assert "asks for bicubic scaling of pictures; here it is bilinear" in notes


@pytest.mark.parametrize(
    ("change", "name", "why"),
    [
        ({"num_classes": 5}, "model.safetensors", "says 5 classes, and the network has 3 outputs"),
        ({}, "best.safetensors", "of these weights only if they are called model or pytorch_model"),
    ],
)
def test_one_that_may_be_of_other_weights_is_not_used_and_said(
    tmp_path: Path, change: dict[str, Any], name: str, why: str
) -> None:
    found, notes = opened(tmp_path, {**CONFIG, **change}, name)
    assert found.origin.size == (32, 32) and found.origin.assumptions
    assert why in notes and "not used" in notes


def test_names_of_another_number_are_not_used_and_said(tmp_path: Path) -> None:
    found, _ = opened(tmp_path, {**CONFIG, "label_names": ["cat", "dog"]})
    assert found.origin.size == (48, 48) and not found.origin.classes
    assert "“config.json” beside the weights has 2 class names" in " ".join(found.file.stated.notes(3))


@pytest.mark.parametrize("config", [{"image_size": 64}, {"pretrained_cfg": None}, {"pretrained_cfg": {"tag": "a1"}}])
def test_a_config_that_says_nothing_of_pictures_changes_nothing(tmp_path: Path, config: dict[str, Any]) -> None:
    found, notes = opened(tmp_path, config)
    assert found.origin.size == (32, 32) and not notes


def test_the_config_of_another_architecture_is_not_used(tmp_path: Path) -> None:
    import torchvision

    state = torchvision.models.resnet18(num_classes=3).state_dict()
    config = {**CONFIG, "architecture": "resnet50"}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    found = trained_file(write(tmp_path, as_safetensors(dict(state)), "model.safetensors"))
    assert found.origin.size == (224, 224)
    assert "is of resnet50, and these weights are of resnet18" in " ".join(found.file.notes)


PROCESSOR = {
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.25, 0.25, 0.25],
    "resample": 2,
    "rescale_factor": 1 / 255,
}


def processed(folder: Path, said: dict[str, Any], name: str = "model.safetensors") -> tuple[TrainedFile, str]:
    """The file with transformers' ``preprocessor_config.json`` beside it, and all that is noted on it."""
    (folder / "preprocessor_config.json").write_text(json.dumps({**PROCESSOR, **said}), encoding="utf-8")
    found = trained_file(write(folder, as_safetensors(dict(network(classes=3).state_dict())), name))
    return found, " ".join(found.file.notes)


@pytest.mark.parametrize(
    ("said", "size", "shorter"),
    [
        ({"size": {"height": 48, "width": 40}}, (48, 40), None),
        ({"size": 48}, (48, 48), None),
        (
            {"size": {"shortest_edge": 64}, "crop_size": {"height": 48, "width": 48}, "do_center_crop": True},
            (48, 48),
            64,
        ),
        ({"size": 64, "crop_size": 48, "do_center_crop": True, "do_resize": False}, (48, 48), None),
        ({"size": {"shortest_edge": 48}, "crop_pct": 0.75}, (48, 48), 64),
        ({"size": {"shortest_edge": 64}, "crop_size": 48, "do_center_crop": False}, (64, 64), None),
    ],
)
def test_what_an_image_processor_says_is_used_and_named(
    tmp_path: Path, said: dict[str, Any], size: tuple[int, int], shorter: int | None
) -> None:
    found, notes = processed(tmp_path, said)
    origin = found.origin
    assert (origin.size, origin.resize, origin.mean, origin.std) == (size, shorter, (0.5,) * 3, (0.25,) * 3)
    assert not origin.assumed_normalization and not origin.assumed_size
    assert "normalization are those of “preprocessor_config.json” beside the weights" in notes


@pytest.mark.parametrize(
    "said",
    [{"rescale_factor": 1 / 127.5}, {"rescale_factor": 1 / 200}, {"do_rescale": False}, {"rescale_offset": True}],
)
def test_a_normalization_of_values_in_another_range_is_not_used(tmp_path: Path, said: dict[str, Any]) -> None:
    found, notes = processed(tmp_path, {**said, "size": 48})
    assert found.origin.assumed_normalization and found.origin.size == (48, 48)
    assert "Picture size is that of “preprocessor_config.json” beside the weights" in notes
    (name, value), *_ = said.items()
    assert f"{name} = {value}" in notes and "and neither is its normalization: values are taken from 0 to 1." in notes


def test_only_what_the_file_itself_does_not_say_is_said_to_be_taken(tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({**PROCESSOR, "size": 48}), encoding="utf-8")
    own = {"mean": [0.1] * 3, "std": [0.2] * 3}
    path = write(tmp_path, as_zip({"state_dict": network(classes=3).state_dict(), **own}), "model.pth")
    found = trained_file(path)
    assert found.origin.mean == (0.1,) * 3 and found.origin.size == (48, 48)
    assert "Picture size is that of “preprocessor_config.json”" in " ".join(found.file.notes)


def test_a_crop_mode_that_is_not_followed_is_said(tmp_path: Path) -> None:
    said = {"pretrained_cfg": {**HALF, "crop_mode": "squash"}}
    assert "“config.json” beside the weights says crop_mode = squash, which is not used." in opened(tmp_path, said)[1]
    assert "crop_mode" not in opened(tmp_path, {"pretrained_cfg": {**HALF, "crop_mode": "center"}})[1]


def test_a_config_without_the_table_of_timm_is_used_where_it_has_a_normalization(tmp_path: Path) -> None:
    found, notes = opened(tmp_path, {"mean": [0.5] * 3, "std": [0.25] * 3, "image_size": 48})
    assert (found.origin.mean, found.origin.size) == ((0.5,) * 3, (48, 48)) and not found.origin.assumptions
    assert "Picture size and normalization are those of “config.json” beside the weights" in notes


def test_without_normalization_values_stay_from_0_to_1(tmp_path: Path) -> None:
    found, _ = processed(tmp_path, {"do_normalize": False})
    assert (found.origin.mean, found.origin.std) == ((0.0,) * 3, (1.0,) * 3)


def test_beside_other_names_an_image_processor_is_named_and_not_used(tmp_path: Path) -> None:
    found, notes = processed(tmp_path, {}, "best.safetensors")
    assert found.origin.assumed_normalization
    assert "“preprocessor_config.json” beside the weights states the normalization, which was not used" in notes


def test_the_scaling_of_an_image_processor_is_said(tmp_path: Path) -> None:
    assert "“preprocessor_config.json” asks for bicubic scaling" in processed(tmp_path, {"resample": 3})[1]
