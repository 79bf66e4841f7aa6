"""What files of others say beside their weights: class names, picture size, normalization; by the names people use."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.weights.chosen_input import chosen_normalization, chosen_size
from workbench.engine.weights.stated import stated_in

NAMES = ("cat", "dog", "eel")
NUMBERS = {"dog": 1, "cat": 0, "eel": 2}


@pytest.mark.parametrize(
    "value",
    [
        {"class_to_idx": NUMBERS},
        {"idx_to_class": {2: "eel", 0: "cat", 1: "dog"}},
        {"idx_to_class": {"2": "eel", "0": "cat", "1": "dog"}},
        {"class_names": list(NAMES)},
        {"classes": NAMES},
        {"labels": NUMBERS},
        {"categories": list(NAMES)},
        {"names": {0: "cat", 1: "dog", 2: "eel"}},
        {"hyper_parameters": {"classes": list(NAMES), "lr": 0.1}},
        {"config": {"data": {"class_names": list(NAMES)}}},
        {"meta": {"CLASSES": NAMES}},
        {"args": {"class_to_idx": NUMBERS}},
        {"id2label": '{"0": "cat", "1": "dog", "2": "eel"}'},
        {"classes": "cat, dog, eel"},
    ],
    ids=str,
)
def test_class_names(value: dict[str, Any]) -> None:
    named = stated_in(value).of_outputs(3)
    assert named is not None and named.names == NAMES
    assert stated_in(value).of_outputs(4) is None


@pytest.mark.parametrize(
    "value",
    [
        {"classes": 3},
        {"classes": [0, 1, 2]},
        {"labels": torch.tensor([0, 1, 2])},
        {"class_to_idx": {"cat": 0, "dog": 2}},
        {"classes": ["cat", "cat", "eel"]},
        {"optimizer": {"names": list(NAMES)}},
        {"layer.names": list(NAMES)},
        None,
        [1],
    ],
    ids=str,
)
def test_what_names_no_classes(value: object) -> None:
    assert stated_in(value).classes == ()


def test_a_table_with_numbers_is_taken_before_a_list_and_the_contradiction_is_said() -> None:
    stated = stated_in({"classes": ["eel", "dog", "cat"], "class_to_idx": NUMBERS})
    named = stated.of_outputs(3)
    assert named is not None and named.names == NAMES and named.key == "class_to_idx"
    assert any("“classes”" in note and "not used" in note for note in stated.notes(3))
    assert "3 class names" in stated.notes(4)[0]


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"img_size": 64}, (64, 64)),
        ({"args": {"image_size": [48, 64]}}, (48, 64)),
        ({"input_size": (3, 96, 128)}, (96, 128)),
        ({"input_shape": [1, 3, 96, 128]}, (96, 128)),
        ({"input_shape": [96, 128, 3]}, (96, 128)),
        ({"image_size": "64"}, (64, 64)),
        ({"image_height": 32, "image_width": 40}, (32, 40)),
        ({"input_size": 784_000}, None),
        ({"img_size": True}, None),
        ({"input_size": 0.5}, None),
    ],
    ids=str,
)
def test_sizes(value: dict[str, Any], size: tuple[int, int] | None) -> None:
    assert stated_in(value).size == size


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"mean": [0.5] * 3, "std": [0.25] * 3}, ((0.5,) * 3, (0.25,) * 3)),
        ({"norm_mean": 0.5, "norm_std": 0.25}, ((0.5,), (0.25,))),
        ({"normalization": {"mean": torch.tensor([[0.5]]), "std": torch.tensor([[0.25]])}}, ((0.5,), (0.25,))),
        ({"pixel_mean": [127.5] * 3, "pixel_std": [51.0] * 3}, ((0.5,) * 3, (0.2,) * 3)),
        ({"mean": [0.5] * 3}, None),
        ({"mean": [0.5] * 3, "std": [0.0] * 3}, None),
        ({"mean": torch.zeros(512), "std": torch.ones(512)}, None),
    ],
    ids=str,
)
def test_normalizations(value: dict[str, Any], wanted: object) -> None:
    assert stated_in(value).normalization == wanted


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"channel_order": "BGR"}, "channel_order = BGR"),
        ({"cfg": {"color_space": "YCbCr"}}, "color_space = YCbCr"),
        ({"to_bgr": True}, "to_bgr = True"),
        ({"mean": [0.5] * 3}, "mean = [0.5, 0.5, 0.5]"),
        ({"input_range": [0, 255]}, "input_range = [0, 255]"),
        ({"args": {"normalize": "per_image"}}, "normalize = per_image"),
        ({"input_size": 784_000}, "input_size = 784000"),
        ({"args": {"grayscale": True}}, "grayscale = True"),
        ({"args": {"crop_mode": "squash"}}, "crop_mode = squash"),
        ({"args": {"grayscale": False, "crop_mode": "center"}}, ""),
        ({"channel_order": "RGB", "bgr": False, "mean": None, "input_range": [0, 1]}, ""),
        ({"mean": [0.5] * 3, "std": [0.25] * 3, "img_size": 64, "epoch": 3, "lr": 0.1}, ""),
        ({"optimizer": {"normalize": True}, "mean": torch.zeros(512)}, ""),
    ],
    ids=str,
)
def test_what_is_said_of_pictures_and_not_used_is_named(value: dict[str, Any], words: str) -> None:
    notes = stated_in(value).of_pictures()
    assert len(notes) == bool(words) and words in "".join(notes)


def test_choices_in_a_terminal() -> None:
    assert chosen_size("64") == (64, 64) and chosen_size("320x240") == (240, 320)
    assert chosen_normalization("half") == ((0.5,), (0.5,))
    assert chosen_normalization("0.1,0.2,0.3/1,1,1") == ((0.1, 0.2, 0.3), (1.0, 1.0, 1.0))
    for bad in ("", "x", "4", "64x", "99999"):
        with pytest.raises(WorkbenchError, match="--size"):
            chosen_size(bad)
    for bad in ("", "imagnet", "0.5", "0.5/0", "0.5,0.5/1,1", "nan/1"):
        with pytest.raises(WorkbenchError, match="--normalization"):
            chosen_normalization(bad)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("transform", "Compose(ToTensor(), Normalize(mean=[0.5, 0.5, 0.5], std=[0.25, 0.25, 0.25]))"),
        ("config", "data_preprocessor = dict(mean=[127.5, 127.5], std=[127.5, 127.5], to_rgb=True)"),
        ("recipe", '{"image_mean": [0.5], "image_std": [0.5]'),
    ],
)
def test_a_normalization_inside_a_text_is_named_and_not_used(key: str, text: str) -> None:
    found = stated_in({"meta": {key: text}})
    assert found.normalization is None
    (sentence,) = found.of_pictures()
    assert sentence.startswith(f"The file says {key} = …mean") and "which is not used" in sentence


def test_a_normalization_inside_a_text_is_not_named_beside_one_that_is_used() -> None:
    text = "Normalize(mean=[0.5], std=[0.25])"
    assert stated_in({"mean": [0.5], "std": [0.25], "transform": text}).of_pictures() == ()


@pytest.mark.parametrize("key", ["vocab", "class_list", "idx2name"])
def test_lists_by_other_usual_names_are_class_names(key: str) -> None:
    value = {0: "owl", 1: "cat"} if key == "idx2name" else ["owl", "cat"]
    names = stated_in({key: value}).of_outputs(2)
    assert names is not None and (names.names, names.key) == (("owl", "cat"), key)


NOISE = {"mean": 0.0, "std": 0.1}
HALF = {"mean": [0.5] * 3, "std": [0.25] * 3}
OF_HALF = ((0.5,) * 3, (0.25,) * 3)


@pytest.mark.parametrize(
    ("value", "wanted", "place"),
    [
        ({"args": {"gaussian_noise": NOISE}}, None, ""),
        ({"cv_scores": NOISE}, None, ""),
        ({"val_acc": NOISE}, None, ""),
        ({"init": NOISE}, None, ""),
        ({"stats": NOISE}, None, ""),
        ({"embedding": HALF}, None, ""),
        ({"augment": {"noise": NOISE}, "data": {"normalize": HALF}}, OF_HALF, "data.normalize.mean"),
        ({"stats": HALF}, OF_HALF, "stats.mean"),
        ({"args": {"model": {"init_args": HALF}}}, OF_HALF, "args.model.init_args.mean"),
        ({"meta": {"img_norm_cfg": HALF}}, OF_HALF, "meta.img_norm_cfg.mean"),
        ({"embedding": {"image_mean": 0.5, "image_std": 0.25}}, ((0.5,), (0.25,)), "embedding.image_mean"),
        ({"mean": 0.5, "std": 0.25}, ((0.5,), (0.25,)), "mean"),
    ],
    ids=str,
)
def test_a_mean_and_std_of_something_else_are_no_normalization(value: Any, wanted: object, place: str) -> None:
    stated = stated_in(value)
    assert (stated.normalization, stated.normalized_by) == (wanted, place)


@pytest.mark.parametrize(("name", "is_said"), [("embedding", True), ("stats", True), ("cv_scores", False)])
def test_a_mean_and_std_that_may_be_of_pictures_are_named(name: str, is_said: bool) -> None:
    said = " ".join(stated_in({"args": {name: NOISE}}).of_pictures())
    assert (f"args.{name}.mean = 0.0 and args.{name}.std = 0.1, which is not used" in said) is is_said


def test_a_second_normalization_is_told_from_the_same_said_twice() -> None:
    other = {"mean": [0.1] * 3, "std": [0.2] * 3}
    assert stated_in({"config": HALF, "data": other}).normalized_otherwise_by == "data.mean"
    same = {"pixel_mean": 127.5, "pixel_std": 63.75}
    assert stated_in({"config": HALF, "data": HALF, "input": same}).normalized_otherwise_by == ""
