"""Splits by group and folds: disjoint, complete, no group divided, each class as even as groups allow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.division import divided
from workbench.engine.data.group_doubts import unused_groups
from workbench.engine.data.groups import groups_of
from workbench.engine.data.split import Split, split
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec

NAMES = ("a", "b", "c", "d")


def made(labels: Sequence[int], groups: Sequence[int] | None = None, **more: object) -> Dataset:
    given_labels = np.array(labels, np.int64)
    given_groups = None if groups is None else np.array(groups, np.int64)
    pixels = np.zeros((len(labels), 1, 1, 1), np.uint8)
    return Dataset(pixels, given_labels, NAMES, groups=given_groups, **more)  # type: ignore[arg-type]


def filed(files: Sequence[str], classes: tuple[str, ...] = ("cat", "dog")) -> Dataset:
    """Examples by file; the label is the class among the folders above."""
    labels = np.array([next(i for i, name in enumerate(classes) if f"/{name}/" in file) for file in files], np.int64)
    return Dataset(np.zeros((len(files), 1, 1, 1), np.uint8), labels, classes, files=tuple(files))


def folds_of(dataset: Dataset, folds: int, **more: object) -> list[Split]:
    return [split(dataset, DataSpec(folds=folds, fold=fold, **more)) for fold in range(1, folds + 1)]  # type: ignore[arg-type]


def per_class(dataset: Dataset, part: np.ndarray) -> np.ndarray:
    return np.bincount(dataset.labels[part], minlength=len(NAMES))


def are_folds(dataset: Dataset, parts: Sequence[Split]) -> None:
    """Disjoint, complete, and each fold trains on what it does not validate."""
    assert sorted(index for part in parts for index in part.val) == list(range(len(dataset.labels)))
    for part in parts:
        assert sorted([*part.train, *part.val]) == list(range(len(dataset.labels)))
        trained = per_class(dataset, part.train)
        assert (trained[np.unique(dataset.labels)] > 0).all()


def divides_none(groups: np.ndarray, part: Split) -> None:
    sides = [set(groups[side].tolist()) for side in (part.train, part.val, part.test)]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])


@given(st.lists(st.integers(0, 3), min_size=8, max_size=90), st.integers(2, 7), st.integers(0, 3))
def test_folds_without_groups_are_within_one_of_each_class(labels: list[int], folds: int, seed: int) -> None:
    dataset = made([*labels, *range(4), *range(4)])  # two of each class at least
    parts = folds_of(dataset, folds, split_seed=seed)
    are_folds(dataset, parts)
    counts = np.array([per_class(dataset, part.val) for part in parts])
    assert (counts.max(0) - counts.min(0) <= 1).all()
    assert counts.sum(1).max() - counts.sum(1).min() <= 1


@given(st.lists(st.integers(0, 3), min_size=8, max_size=60), st.integers(2, 6), st.integers(0, 3))
def test_groups_of_one_example_are_dealt_as_evenly(labels: list[int], folds: int, seed: int) -> None:
    labels = [*labels, *range(4), *range(4)]
    dataset = made(labels, range(len(labels)))
    parts = folds_of(dataset, folds, split_seed=seed)
    are_folds(dataset, parts)
    counts = np.array([per_class(dataset, part.val) for part in parts])
    assert (counts.max(0) - counts.min(0) <= 1).all()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=6, max_size=40),
    st.integers(2, 5),
    st.integers(0, 3),
)
def test_groups_of_one_class_are_even_up_to_their_size(sizes: list[tuple[int, int]], folds: int, seed: int) -> None:
    """A fold has no more of a class than another one and a largest group of that class together."""
    groups = [*sizes, *((1, label) for label in range(4) for _ in range(2))]
    dataset = made(
        [label for size, label in groups for _ in range(size)],
        [number for number, (size, _) in enumerate(groups) for _ in range(size)],
    )
    parts = folds_of(dataset, folds, split_seed=seed)
    are_folds(dataset, parts)
    counts = np.array([per_class(dataset, part.val) for part in parts])
    largest = [max(size for size, of in groups if of == label) for label in range(4)]
    assert (counts.max(0) - counts.min(0) <= largest).all()
    for part in parts:
        assert dataset.groups is not None
        divides_none(dataset.groups, part)


@settings(max_examples=40)
@given(st.integers(2, 5), st.integers(2, 4), st.lists(st.integers(0, 3), min_size=4, max_size=4), st.integers(0, 5))
def test_patients_with_the_same_pictures_are_dealt_exactly(
    folds: int, each: int, of_class: list[int], seed: int
) -> None:
    """Where groups allow it, each fold has the same number of each class."""
    labels, groups = [], []
    for patient in range(folds * each):
        for label, count in enumerate(of_class):
            labels += [label] * (count + 1)
            groups += [patient] * (count + 1)
    dataset = made(labels, groups)
    parts = folds_of(dataset, folds, split_seed=seed)
    are_folds(dataset, parts)
    counts = np.array([per_class(dataset, part.val) for part in parts])
    assert (counts == counts[0]).all()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3)), min_size=20, max_size=120),
    st.sampled_from([0.1, 0.2, 0.5]),
    st.sampled_from([0.0, 0.2]),
    st.integers(0, 3),
)
def test_shares_by_group_divide_none_and_leave_every_class_to_train_on(
    examples: list[tuple[int, int]], fraction: float, tested: float, seed: int
) -> None:
    groups = [*(group for group, _ in examples), 12, 13, 14, 15, 16, 17, 18, 19]
    labels = [*(label for _, label in examples), *range(4), *range(4)]
    dataset = made(labels, groups)
    part = split(dataset, DataSpec(validation_fraction=fraction, test_fraction=tested, split_seed=seed))
    assert sorted([*part.train, *part.val, *part.test]) == list(range(len(labels)))
    assert (per_class(dataset, part.train) > 0).all()
    assert len(part.val) and bool(len(part.test)) == bool(tested)
    divides_none(np.array(groups), part)


@given(st.lists(st.integers(0, 3), min_size=8, max_size=80), st.sampled_from([0.1, 0.3]), st.integers(2, 4))
def test_the_test_share_is_apart_and_does_not_move_validation(labels: list[int], tested: float, folds: int) -> None:
    dataset = made([*labels, *range(4), *range(4), *range(4)])
    plain, part = split(dataset, DataSpec()), split(dataset, DataSpec(test_fraction=tested))
    assert part.val.tolist() == plain.val.tolist()
    assert sorted([*part.train, *part.val, *part.test]) == list(range(len(dataset.labels)))
    parts = folds_of(dataset, folds, test_fraction=tested)
    assert len({tuple(each.test) for each in parts}) == 1
    rest = sorted(set(range(len(dataset.labels))) - set(parts[0].test.tolist()))
    assert sorted(index for each in parts for index in each.val) == rest


def test_the_split_of_groups_is_near_the_share_asked_for() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 60, 1500)
    labels = (groups + rng.integers(0, 2, 1500)) % 4
    dataset = made(labels, groups)
    part = split(dataset, DataSpec(validation_fraction=0.2))
    wanted = 0.2 * per_class(dataset, np.arange(1500))
    assert np.abs(per_class(dataset, part.val) - wanted).max() <= 3
    assert part.val.tolist() == split(dataset, DataSpec(validation_fraction=0.2)).val.tolist()
    assert part.val.tolist() != split(dataset, DataSpec(validation_fraction=0.2, split_seed=1)).val.tolist()


def test_folds_ignore_the_sources_own_validation_part() -> None:
    dataset = made([0, 1] * 10, validation=np.arange(20) >= 16)
    are_folds(dataset, folds_of(dataset, 4))


def test_a_group_may_be_the_folder_above_or_a_part_of_the_name() -> None:
    files = [f"/data/{name}/p{patient}/{shot}.png" for name in ("cat", "dog") for patient in range(5) for shot in "xyz"]
    dataset = filed(files)
    groups = groups_of(dataset, DataSpec(group_by="folder"))
    assert groups is not None and len(groups.names) == 5 and groups.sizes.tolist() == [6] * 5
    divides_none(groups.of, split(dataset, DataSpec(group_by="folder")))
    named = filed(
        [f"/data/{name}/p{patient}_{shot}.png" for name in ("cat", "dog") for patient in range(5) for shot in "xyz"]
    )
    for pattern in ("_", r"(p\d)", r"^(.*)_"):
        found = groups_of(named, DataSpec(group_by="name", group_pattern=pattern))
        assert found is not None and found.names == ("p0", "p1", "p2", "p3", "p4") and found.alone == 0


def test_pictures_directly_in_their_class_folder_are_by_themselves() -> None:
    dataset = filed(["/d/cat/a.png", "/d/cat/b.png", "/d/cat/p/c.png", "/d/dog/p/d.png", "/d/dog/e.png"])
    groups = groups_of(dataset, DataSpec(group_by="folder"))
    assert groups is not None and groups.alone == 3 and groups.of.tolist() == [0, 1, 2, 2, 3]


TWO_FILES = filed(["/d/cat/a.png", "/d/dog/b.png"])


@pytest.mark.parametrize(
    ("dataset", "settings", "words", "path"),
    [
        (
            TWO_FILES,
            {"group_by": "folder"},
            "No picture lies in a folder",
            "data.group_by",
        ),
        (TWO_FILES, {"group_by": "name"}, "No file's name holds", "data.group_by"),
        (made([0, 1] * 4), {"group_by": "name"}, "no file each", "data.group_by"),
        (made([0, 1] * 4, [0] * 8), {}, "are one group", "data.group_by"),
        (made([0, 1] * 4, [0, 1] * 4), {}, "No group can be held back", "data.group_by"),
        (made([0, 1] * 4, [0, 1, 2, 3] * 2), {"folds": 5}, "4 groups for 5 folds", "data.folds"),
        (made([0, 0, 0, 1] * 2, [0, 1, 2, 3] * 2), {"folds": 2}, "class 'b' are in one group", "data.folds"),
        (made([0] * 8 + [1]), {"folds": 2}, "class 'b' has a single example", "data.folds"),
    ],
)
def test_what_groups_do_not_allow_is_said(dataset: Dataset, settings: dict[str, object], words: str, path: str) -> None:
    with pytest.raises(WorkbenchError, match=words) as caught:
        split(dataset, DataSpec(**settings))  # type: ignore[arg-type]
    assert caught.value.path == path
    split(dataset, DataSpec(group_by="none"))  # the way out


def problems(**edits: object) -> dict[str, str]:
    spec = ExperimentSpec().edited("data.source", PictureFolder(folder="/"))
    for path, value in edits.items():
        spec = spec.edited(path.replace("__", "."), value)
    return {problem.path: problem.message for problem in spec.problems() if problem.path.startswith("data.")}


def test_settings_that_contradict_each_other_are_problems() -> None:
    assert problems() == {}
    assert problems(data__group_by="name", data__group_pattern="(p\\d+)") == {}
    assert "no regular expression" in problems(data__group_by="name", data__group_pattern="(p")["data.group_pattern"]
    assert "empty" in problems(data__group_by="name", data__group_pattern="")["data.group_pattern"]
    assert "parentheses" in problems(data__group_by="name", data__group_pattern=r"\(a\)")["data.group_pattern"]
    assert "nothing to train on" in problems(data__test_fraction=0.8)["data.test_fraction"]
    assert "at most" in problems(data__folds=3, data__fold=4)["data.fold"]
    assert "has no effect" in problems(data__fold=4)["data.fold"]
    assert "cannot be combined" in problems(data__folds=3, ensemble={"kind": "independent"})["data.folds"]
    assert problems(data__folds=3, data__fold=1, ensemble={"kind": "independent"}) == {}
    digits = ExperimentSpec().edited("data.group_by", "folder")
    assert "has none" in next(iter(digits.problems())).message


def test_a_seed_divides_the_same_groups_in_every_state_of_the_program() -> None:
    """The looks at a test part are counted by its examples: they must not move with a version of the program."""
    dataset = made([number % 3 for number in range(24)], [number // 2 for number in range(24)])
    part = split(dataset, DataSpec(validation_fraction=0.25, test_fraction=0.25, split_seed=5))
    assert part.val.tolist() == [0, 1, 4, 5, 14, 15]
    assert part.test.tolist() == [8, 9, 16, 17, 18, 19]


def test_of_parts_that_lack_a_class_alike_the_one_that_lacks_most_takes_the_group() -> None:
    counts, targets = np.array([[0, 4], [2, 0]]), np.array([[1.0, 2.0], [1.0, 2.0]])
    first, second = divided(counts, targets, 0)
    assert first != second


def test_the_validation_share_is_one_of_all_examples_whatever_is_held_out_for_the_test() -> None:
    dataset = made([0, 1] * 50, range(100))
    part = split(dataset, DataSpec(validation_fraction=0.2, test_fraction=0.5))
    assert (len(part.val), len(part.test)) == (20, 50)


def test_of_a_class_that_is_all_wanted_for_validation_the_smallest_group_trains() -> None:
    dataset = made([0] * 10 + [1] * 10, [*[0] * 6, *[1] * 4, *range(2, 12)])
    part = split(dataset, DataSpec(validation_fraction=0.9))
    assert per_class(dataset, part.val)[:2].tolist() == [6, 9]


def test_the_test_share_keeps_away_from_the_sources_own_validation_part() -> None:
    """Neither an example nor a group of it is on the other side."""
    own = np.arange(40) >= 30
    dataset = made([0, 1] * 20, np.arange(40) // 4, validation=own)
    for seed in range(4):
        part = split(dataset, DataSpec(test_fraction=0.4, split_seed=seed))
        assert part.val.tolist() == list(range(30, 40)) and len(part.test) and part.test.max() < 28  # a group is 28–31


def test_with_folds_the_validation_share_takes_nothing_from_training() -> None:
    assert problems(data__folds=3, data__test_fraction=0.9) == {}


def test_validation_and_test_share_together_leave_each_class_something_to_train_on() -> None:
    dataset = made([0] * 4 + [1] * 40)
    part = split(dataset, DataSpec(validation_fraction=0.5, test_fraction=0.5))
    assert per_class(dataset, part.train)[:2].tolist() == [1, 1]


# --- Folders that are called as groups ---------------------------------------------------------------------------

ABOVE = [f"/d/patient_{p}/{name}/{i}.png" for p in range(6) for name in ("cat", "dog") for i in range(3)]
_BELOW = product(range(6), ("cat", "dog"), ("40X", "100X"), range(2))
BELOW = [f"/d/{name}/patient_{p}/{zoom}/{i}.png" for p, name, zoom, i in _BELOW]


@pytest.mark.parametrize("files", [ABOVE, BELOW], ids=["above the classes", "below them, with another level between"])
def test_folders_of_patients_are_the_groups_wherever_they_stand(files: list[str]) -> None:
    dataset = filed(files)
    parts = split(dataset, DataSpec(group_by="folder"))
    trained, held = ({files[i].partition("patient_")[2][0] for i in part} for part in (parts.train, parts.val))
    assert trained and held and not trained & held


@pytest.mark.parametrize("files", [ABOVE, BELOW])
def test_a_split_that_mixes_folders_of_patients_says_so_and_the_way_out_ends_it(files: list[str]) -> None:
    doubt = unused_groups(filed(files), DataSpec())
    assert doubt is not None and "patient_0, patient_1" in doubt.sentence
    for reading in doubt.readings:
        assert unused_groups(filed(files), DataSpec(group_by=reading.edits["data.group_by"])) is None


def test_nothing_is_said_of_folders_that_are_classes_or_no_groups() -> None:
    patients = ("patient_1", "patient_2")
    as_classes = filed([f"/d/{name}/{i}.png" for name in patients for i in range(3)], patients)
    days = filed([f"/d/{name}/{day}/{i}.png" for name in ("cat", "dog") for day in "ab" for i in range(3)])
    assert unused_groups(as_classes, DataSpec()) is None and unused_groups(days, DataSpec()) is None
