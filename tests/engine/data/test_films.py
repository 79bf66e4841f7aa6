"""Numbered pictures: those that change little from one to the next are asked about, others never."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.data.test_name_groups import filed
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.data.group_doubts import unused_groups
from workbench.engine.data.groups import groups_of
from workbench.engine.data.split import split
from workbench.engine.spec.data_spec import DataSpec


def films(root: Path, change: float, count: int = 40, name: str = "frame{:04}.png", step: int = 1) -> Dataset:
    """A film for each of two classes. ``change``: the part of each frame that is new, 1 for pictures of their own."""
    random = np.random.Generator(np.random.PCG64(7))
    for label in ("cat", "dog"):
        (root / label).mkdir()
        scene = random.uniform(0, 255, (8, 8))
        for number in range(count):
            scene = (1 - change) * scene + change * random.uniform(0, 255, (8, 8))
            Image.fromarray(scene.astype(np.uint8)).save(root / label / name.format(step * number))
    names = [(label, name.format(step * number)) for label in (0, 1) for number in range(count)]
    found = filed(iter(names))
    return Dataset(found.inputs, found.labels, found.classes, files=tuple(f"{root}{f[2:]}" for f in found.files))


def asked(dataset: Dataset) -> DataSpec:
    """The settings that the doubt advises."""
    doubt = unused_groups(dataset, DataSpec())
    assert doubt is not None and "neighbouring numbers are nearly equal" in doubt.sentence
    settings = {path.removeprefix("data."): value for path, value in doubt.readings[0].settings}
    return DataSpec(**settings)


@pytest.mark.parametrize("name", ["frame{:04}.png", "{}.png", "cat.{}.png", "2024-{:05}_left.png"])
def test_frames_of_a_film_are_asked_about_and_kept_in_blocks(name: str, tmp_path: Path) -> None:
    dataset = films(tmp_path, 0.1, name=name)
    data = asked(dataset)
    val = set(split(dataset, data).val.tolist())
    torn = sum((i in val) != (i + 1 in val) for i in range(len(dataset.files) - 1))
    assert val and torn <= 10  # one by one a fifth of 80 tears about 26
    groups = groups_of(dataset, data)
    assert groups is not None and sorted(groups.sizes.tolist())[-3:] == [20, 20, 20]


def test_long_films_are_kept_in_blocks_of_a_hundred(tmp_path: Path) -> None:
    dataset = films(tmp_path, 0.1, 500)
    groups = groups_of(dataset, asked(dataset))
    assert groups is not None and set(groups.sizes.tolist()) == {200}


def test_short_films_are_asked_about_without_blocks(tmp_path: Path) -> None:
    doubt = unused_groups(films(tmp_path, 0.1, 12), DataSpec())
    assert doubt is not None and [dict(each.settings) for each in doubt.readings] == [{"data.group_by": "none"}]


@pytest.mark.parametrize(("change", "step"), [(1.0, 1), (0.7, 1), (0.1, 25)])
def test_numbered_pictures_of_their_own_and_numbers_with_gaps_are_not_asked_about(
    change: float, step: int, tmp_path: Path
) -> None:
    assert unused_groups(films(tmp_path, change, step=step), DataSpec()) is None


def test_pictures_that_are_gone_are_not_asked_about() -> None:
    assert (
        unused_groups(filed((label, f"{number}.png") for label in (0, 1) for number in range(30)), DataSpec()) is None
    )
