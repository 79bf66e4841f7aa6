"""Folders above those of the classes: groups, or versions of the same pictures, are asked about at a chosen level."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand
from workbench.engine.spec.experiment import ExperimentSpec


def filled(root: Path, above: tuple[str, ...], name: str, classes: tuple[str, ...] = ("0", "1")) -> None:
    """Six pictures in each class folder, which lie in each of the folders ``above``."""
    for number, folder in enumerate(above):
        pictures(root, {f"{folder}/{each}": 6 for each in classes}, name.replace("FOLDER", str(number)))


def known(root: Path, data: Mapping[str, str] | None = None) -> Understood:
    source = {"kind": "folder", "folder": str(root), "classes": "second_level"}
    spec = ExperimentSpec().edited("data.source", source)
    for setting, value in (data or {}).items():
        spec = spec.edited(setting, value)
    found: Understood = finished(understand(spec))
    return found


PATIENTS = "Pictures lie in numbered folders (8863, 10253) that are no classes."
VERSIONS = "color, gray hold pictures of the same names in the same class folders."


@pytest.mark.parametrize(
    ("above", "name", "said"),
    [
        (("8863", "10253"), "FOLDER_x{}.png", PATIENTS),
        (("color", "gray"), "{}_leaf.png", VERSIONS),
        (("patient_1", "patient_2"), "scan{}_a.png", "Folders are named as groups"),
    ],
)
def test_folders_above_are_asked_about_until_one_way_is_chosen(
    above: tuple[str, ...], name: str, said: str, tmp_path: Path
) -> None:
    filled(tmp_path, above, name)
    (doubt,) = known(tmp_path).doubts
    assert doubt.sentence.startswith(said) and not doubt.is_refused
    for reading in doubt.readings:
        after = known(tmp_path, reading.edits)
        assert after.refused is None and not after.doubts and after.parts["validation"]


def test_versions_of_a_picture_are_kept_on_one_side(tmp_path: Path) -> None:
    filled(tmp_path, ("color", "gray"), "{}_leaf.png")
    (doubt,) = known(tmp_path).doubts
    after = known(tmp_path, doubt.readings[0].edits)
    assert after.parts["validation"] % 2 == 0 and after.parts["train"] % 2 == 0


@pytest.mark.parametrize("name", ["{}.png", "IMG_{}.png", "frame {}.png", "a_FOLDER_{}.png"])
def test_names_that_are_numbered_or_differ_say_nothing_of_versions(name: str, tmp_path: Path) -> None:
    filled(tmp_path, ("art", "real"), name)
    (doubt,) = known(tmp_path).doubts
    assert doubt.sentence.startswith("Pictures lie in folders above the classes (art, real)")


@pytest.mark.parametrize(
    ("above", "level"),
    [
        (("Anna Müller", "Ben", "Dörte"), "second_level"),
        (("amazon/images", "dslr/images", "webcam/images"), "third_level"),
        (("day/amazon/images", "day/dslr/images"), "innermost"),
    ],
)
def test_named_folders_above_are_asked_about(above: tuple[str, ...], level: str, tmp_path: Path) -> None:
    filled(tmp_path, above, "a_FOLDER_{}.png", ("fork", "knife", "spoon"))
    settings = {"data.source.classes": level}
    (doubt,) = known(tmp_path, settings).doubts
    names = ", ".join(folder.removeprefix("day/").removesuffix("/images") for folder in above)
    assert f"folders above the classes ({names}) that are no classes" in doubt.sentence and not doubt.is_refused
    assert doubt.readings[0].edits == {"data.group_by": "folder"}
    for reading in doubt.readings:
        after = known(tmp_path, {**settings, **reading.edits})
        assert after.refused is None and not after.doubts and after.parts["validation"]


def test_kinds_of_classes_are_no_groups(tmp_path: Path) -> None:
    pictures(tmp_path, {"pets/cat": 6, "pets/dog": 6, "birds/owl": 6, "birds/jay": 6}, "a{}.png")
    assert not known(tmp_path).doubts


def test_some_names_that_are_the_same_say_nothing_of_versions(tmp_path: Path) -> None:
    """One folder has many others, or half of the names are only numbers, which cameras give."""
    filled(tmp_path / "more", ("color", "gray"), "{}_leaf.png")
    pictures(tmp_path / "more", {"gray/0": 30, "gray/1": 30}, "{}_root.png")
    assert not any("of the same names in" in doubt.sentence for doubt in known(tmp_path / "more").doubts)
    for name in ("{}_leaf.png", "IMG_{}.png"):
        filled(tmp_path / "half", ("color", "gray"), name)
    assert not any("of the same names in" in doubt.sentence for doubt in known(tmp_path / "half").doubts)


@pytest.mark.parametrize(("other", "is_asked"), [("train_augmented", True), ("train_2", False)])
def test_pictures_made_of_those_for_training_are_asked_about(other: str, is_asked: bool, tmp_path: Path) -> None:
    """The names of the originals are in both folders, numbered, and the other has more; both train by the settings."""
    pictures(tmp_path, {f"{part}/{each}": 8 for part in ("train", "test") for each in "ab"}, "img_{}.png")
    pictures(tmp_path, {f"{other}/{each}": 16 for each in "ab"}, "img_{}.png")
    settings = {"data.source.classes": "auto", "data.source.parts": f"train: train | {other}; test: test"}
    found = known(tmp_path, settings)
    said = [doubt for doubt in found.doubts if "hold pictures of the same names" in doubt.sentence]
    assert bool(said) == is_asked
    for doubt in said:
        together = known(tmp_path, {**settings, **doubt.readings[0].edits})
        assert together.refused is None and not together.doubts and together.parts["validation"]
        apart = known(tmp_path, {**settings, **doubt.readings[1].edits})
        assert apart.refused is None and not apart.doubts


def numbered_versions(root: Path, above: tuple[str, ...]) -> None:
    """The same six pictures of each class below each of the folders ``above``, numbered."""
    for each in ("0", "1"):
        pictures(root, {f"{above[0]}/{each}": 6})
        for folder in above[1:]:
            shutil.copytree(root / above[0] / each, root / folder / each)


@pytest.mark.parametrize("above", [("large", "small"), ("64x64", "128x128"), ("32px", "64px", "128px")])
def test_names_that_are_numbered_are_of_versions_where_the_pictures_are_the_same(
    above: tuple[str, ...], tmp_path: Path
) -> None:
    numbered_versions(tmp_path, above)
    (doubt,) = known(tmp_path).doubts
    assert doubt.sentence.startswith(f"{', '.join(above)} hold pictures of the same names")
    assert "data.group_by" in doubt.readings[0].edits and "folder" not in doubt.readings[0].edits.values()
    for reading in doubt.readings:
        after = known(tmp_path, reading.edits)
        is_alone = "alone" in reading.label
        assert after.refused is None and not after.doubts
        assert sum(after.classes.values()) == (12 if is_alone else 12 * len(above))


def test_of_more_than_four_versions_none_is_offered_alone(tmp_path: Path) -> None:
    numbered_versions(tmp_path, tuple(f"{side}px" for side in (16, 32, 64, 128, 256)))
    (doubt,) = known(tmp_path).doubts
    assert not any("alone" in reading.label for reading in doubt.readings)


def test_sizes_are_no_groups(tmp_path: Path) -> None:
    filled(tmp_path, ("64x64", "128x128"), "a_FOLDER_{}.png")
    assert not known(tmp_path).doubts


@pytest.mark.parametrize(
    ("sites", "says"), [(("cam1", "cam2"), "numbered folders (cam1, cam2)"), (("north", "south"), "(north, south; ")]
)
def test_folders_two_levels_above_are_asked_about(sites: tuple[str, ...], says: str, tmp_path: Path) -> None:
    days = ("20230501", "20230502")
    filled(tmp_path, tuple(f"{site}/{day}" for site in sites for day in days), "a_FOLDER_{}.png")
    level = {"data.source.classes": "third_level"}
    (doubt,) = known(tmp_path, level).doubts
    assert says in doubt.sentence
    for reading in doubt.readings:
        after = known(tmp_path, {**level, **reading.edits})
        assert after.refused is None and not after.doubts and after.parts["validation"]


def test_folds_that_are_read_together_are_no_groups(tmp_path: Path) -> None:
    filled(tmp_path, ("fold1", "fold2", "fold3"), "a_FOLDER_{}.png")
    assert not known(
        tmp_path, {"data.source.parts": "train: fold1 | fold2 | fold3", "data.source.classes": "auto"}
    ).doubts


@pytest.mark.parametrize(
    ("below", "is_asked"), [((("anna", "ben", "carla"),) * 2, True), ((("anna", "ben"), ("carla", "dora")), False)]
)
def test_folders_that_all_classes_share_are_asked_about(
    below: tuple[tuple[str, ...], tuple[str, ...]], is_asked: bool, tmp_path: Path
) -> None:
    pictures(tmp_path, {f"{name}/{each}": 4 for name, its in zip("01", below, strict=True) for each in its})
    level = {"data.source.classes": "folders"}
    doubts = known(tmp_path, level).doubts
    assert len(doubts) == is_asked
    for reading in (reading for doubt in doubts for reading in doubt.readings):
        after = known(tmp_path, {**level, **reading.edits})
        assert after.refused is None and not after.doubts and after.parts["validation"]
