"""Where the findings of the preflight begin and end: how few, how small, how many, and in which examples."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.engine.data.test_checks import codes, found, look, made, noise
from workbench.engine.data import check_files
from workbench.engine.data.split import split


@pytest.mark.parametrize(("each", "are_few"), [(5, True), (6, False)])
def test_five_training_examples_of_a_class_are_not_few(each: int, are_few: bool, tmp_path: Path) -> None:
    """One of each class validates."""
    assert codes(look(made(tmp_path, each))) == (["few"] if are_few else [])


@pytest.mark.parametrize(("side", "is_small"), [(2, True), (3, False)])
def test_a_quarter_of_the_size_is_small(side: int, is_small: bool, tmp_path: Path) -> None:
    """The pictures are read with 8 pixels a side."""
    spec = made(tmp_path)
    noise(tmp_path / "cat" / "small.png", 7, (9, side))
    assert ("small" in codes(look(spec))) == is_small


@pytest.mark.parametrize("most", [2, None])
def test_copies_of_pictures_that_are_not_used_are_left_alone(most: int | None, tmp_path: Path) -> None:
    spec = made(tmp_path).edited("data.examples_per_class", 2)
    dataset = spec.data.source.load()
    parts = split(dataset, spec.data)
    used = {*parts.train.tolist(), *parts.val.tolist()}
    one, other = [file for k, file in enumerate(dataset.files) if k not in used and dataset.labels[k] == 0][:2]
    Path(other).write_bytes(Path(one).read_bytes())
    found_codes = codes(look(spec.edited("data.examples_per_class", most)))
    assert any(code == "duplicates" or code.startswith("leak") for code in found_codes) == (most is None)


@pytest.mark.parametrize(("flat", "kind"), [(9, "skip"), (10, "stop")])
def test_half_of_the_pictures_are_not_left_out_for_being_flat(flat: int, kind: str, tmp_path: Path) -> None:
    """Then it is the value range that is wrong, or the files."""
    spec = made(tmp_path)
    for number in range(flat):
        Image.new("RGB", (9, 8), (number, number, number)).save(tmp_path / ("cat", "dog")[number % 2] / f"{number}.png")
    finding = found(look(spec), "flat")
    assert finding.sentence.startswith(f"{flat} of 20 pictures have only one value")
    assert [action.kind for action in finding.actions] == [kind]


@pytest.mark.parametrize(("classes", "can_go"), [(2, False), (3, True)])
def test_a_rare_class_can_be_left_out_where_two_are_left(classes: int, can_go: bool, tmp_path: Path) -> None:
    spec = made(tmp_path)
    for number in range(3):
        noise(tmp_path / "rare" / f"{number}.png", 900 + number)
    if classes == 2:
        shutil.rmtree(tmp_path / "dog")
    actions = found(look(spec), "few").actions
    assert any(action.kind == "skip" for action in actions) == can_go


@pytest.mark.parametrize(("extra", "is_large"), [(0, False), (1, True)])
def test_a_picture_of_the_named_size_has_not_more(
    extra: int, is_large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_files, "_LARGE", 9 * 9)  # the other pictures have 9 × 8
    spec = made(tmp_path)
    noise(tmp_path / "cat" / "0.png", 7, (9, 9 + extra))
    assert ("large" in codes(look(spec))) == is_large
