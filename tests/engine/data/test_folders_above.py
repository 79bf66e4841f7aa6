"""Folders above those of the classes: groups, or versions of the same pictures, are asked about at a chosen level."""

from __future__ import annotations

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


def known(root: Path, **data: str) -> Understood:
    source = {"kind": "folder", "folder": str(root), "classes": "second_level"}
    spec = ExperimentSpec().edited("data.source", source)
    for setting, value in data.items():
        spec = spec.edited(f"data.{setting}", value)
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
        after = known(tmp_path, **{path.removeprefix("data."): value for path, value in reading.settings})
        assert after.refused is None and not after.doubts and after.parts["validation"]


def test_versions_of_a_picture_are_kept_on_one_side(tmp_path: Path) -> None:
    filled(tmp_path, ("color", "gray"), "{}_leaf.png")
    (doubt,) = known(tmp_path).doubts
    after = known(tmp_path, **{path.removeprefix("data."): value for path, value in doubt.readings[0].settings})
    assert after.parts["validation"] % 2 == 0 and after.parts["train"] % 2 == 0


@pytest.mark.parametrize("name", ["{}.png", "IMG_{}.png", "frame {}.png", "a_FOLDER_{}.png"])
def test_names_that_are_numbered_or_differ_say_nothing_of_versions(name: str, tmp_path: Path) -> None:
    filled(tmp_path, ("art", "real"), name)
    assert not known(tmp_path).doubts
