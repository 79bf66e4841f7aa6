"""What a check offers for pictures that are there more than once leads to no leak, in whatever order it is done."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from tests.engine.data.layouts.layout import picture
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.progress import finished
from workbench.engine.data.checks import preflight, skip
from workbench.engine.data.findings import Finding, Report
from workbench.engine.data.split import split
from workbench.engine.data.store import DataStore
from workbench.engine.spec.experiment import ExperimentSpec

CODES = ("leak_validation", "leak_test", "duplicates", "two_classes")


def with_copies(root: Path) -> ExperimentSpec:
    """In each class 12 pictures, of which 6 are there four times, once more in the test part, and one in both."""
    for label, name in enumerate(("cat", "dog")):
        (root / "train" / name).mkdir(parents=True)
        (root / "test" / name).mkdir(parents=True)
        for number in range(12):
            for copy in range(4 if number < 6 else 1):
                (root / "train" / name / f"{number}-{copy}.png").write_bytes(picture(1000 * label + number))
            if number % 4 == 0:
                (root / "test" / name / f"{number}.png").write_bytes(picture(1000 * label + number))
        (root / "train" / name / "both.png").write_bytes(picture(9999))
    source = {"kind": "folder", "folder": str(root), "size": 8}
    return ExperimentSpec().edited("data.source", source).edited("data.test_fraction", 0.0)


def looked_at(spec: ExperimentSpec) -> Report:
    found: Report = finished(preflight(spec))
    return found


def found(spec: ExperimentSpec) -> dict[str, Finding]:
    return {finding.code: finding for finding in looked_at(spec).findings if finding.code in CODES}


def parts_of(spec: ExperimentSpec) -> dict[str, str]:
    """The part of each picture that is used, by its file."""
    dataset = finished(DataStore().loading(spec.data.source))
    parts = split(dataset, spec.data)
    named = {"train": parts.train, "validation": parts.val, "test": parts.test}
    return {dataset.files[index]: part for part, indices in named.items() for index in indices.tolist()}


def agree(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether each picture that is left is in the part in which it was."""
    return all(before[file] == part for file, part in after.items())


def take_back(spec: ExperimentSpec) -> None:
    assert isinstance(spec.data.source, PictureFiles)
    spec.data.source.corrections().where.unlink()


def test_no_order_of_actions_makes_a_leak_and_all_of_them_leave_none(tmp_path: Path) -> None:
    spec = with_copies(tmp_path)
    first, before = set(found(spec)), parts_of(spec)
    assert first == set(CODES)
    for order in list(permutations(sorted(first)))[::5]:
        for code in order:
            now = found(spec)
            if code in now:
                skip(spec, next(each for each in now[code].actions if each.kind == "skip").files)
                after = set(found(spec))
                assert code not in after and after <= set(now), (order, code)
        assert found(spec) == {} and agree(before, parts_of(spec))
        take_back(spec)


@pytest.mark.parametrize(
    "settings",
    [
        {"data.test_fraction": 0.2},
        {"data.folds": 4, "data.fold": 2},
        {"data.group_by": "name", "data.group_pattern": r"(\d+)-"},
        {"data.examples_per_class": 10},
        {"data.split_seed": 7},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_picture_that_is_left_out_or_renamed_moves_no_other(tmp_path: Path, settings: Mapping[str, object]) -> None:
    spec = with_copies(tmp_path)
    for path, value in settings.items():
        spec = spec.edited(path, value)
    source = spec.data.source
    assert isinstance(source, PictureFiles)
    before = parts_of(spec)
    chosen = np.random.default_rng(0).permutation(sorted(before))
    source.corrections().exclude([Path(file) for file in chosen[:15]])
    source.corrections().relabel([Path(chosen[30]), Path(chosen[31])], "dog")
    after = parts_of(spec)
    assert len(after) == len(before) - 15 and agree(before, after)


def test_a_class_whose_training_pictures_are_left_out_trains_with_the_rest(tmp_path: Path) -> None:
    spec = with_copies(tmp_path)
    source = spec.data.source
    assert isinstance(source, PictureFiles)
    trained = [file for file, part in parts_of(spec).items() if part == "train" and "cat" in Path(file).parent.name]
    source.corrections().exclude(map(Path, trained))
    assert {part for file, part in parts_of(spec).items() if Path(file).parent.name == "cat"} == {"train"}
