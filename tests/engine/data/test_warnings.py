"""What is said of data without a window: copies across parts, classes that validation lacks, one class for all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.engine.catalog.datasets.test_idx_faults import idx
from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.__main__ import main
from workbench.engine.core.progress import finished
from workbench.engine.data import warnings as module
from workbench.engine.data.checks import preflight
from workbench.engine.data.understand import Understood, understand_path
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import save


def said(root: Path, **settings: object) -> Understood:
    edits = [(f"data.{name}", value) for name, value in settings.items()]
    found: Understood = finished(understand_path(root, edits))
    assert found.refused is None
    return found


def filled(root: Path, counts: Mapping[str, int]) -> Path:
    pictures(root, counts)
    return root


def test_sound_data_has_no_warning(tmp_path: Path) -> None:
    assert said(filled(tmp_path, {"cat": 30, "dog": 30})).warnings == ()


def test_copies_in_training_and_another_part_are_said(tmp_path: Path) -> None:
    filled(tmp_path, {f"{part}/{name}": 6 for part in ("train", "val", "test") for name in ("cat", "dog")})
    for part, count in (("val", 3), ("test", 1)):
        for index in range(count):
            (tmp_path / part / "cat" / f"{index}.png").write_bytes((tmp_path / f"train/cat/{index}.png").read_bytes())
    leaks = [text for text in said(tmp_path).warnings if "also in training" in text]
    assert [text.partition(", e.g. ")[0] for text in leaks] == [
        "3 validation pictures are also in training",
        "1 test picture is also in training",
    ]
    assert str(tmp_path / "test" / "cat" / "0.png") in leaks[1] and str(tmp_path / "train/cat/0.png") in leaks[1]


def test_copies_within_a_part_are_no_leak(tmp_path: Path) -> None:
    filled(tmp_path, {f"{part}/{name}": 6 for part in ("train", "val") for name in ("cat", "dog")})
    (tmp_path / "train" / "cat" / "again.png").write_bytes((tmp_path / "train/cat/0.png").read_bytes())
    assert said(tmp_path).warnings == ()


def test_a_class_of_one_picture_is_said_and_one_with_another_picture_is_not(tmp_path: Path) -> None:
    filled(tmp_path, {"cat": 30, "dog": 30, "owl": 30})
    for name, count in (("dog", 30), ("owl", 29)):
        for index in range(count):
            (tmp_path / name / f"{index}.png").write_bytes((tmp_path / name / "0.png").read_bytes())
    found = said(tmp_path)
    alone = [text for text in found.warnings if "are the same" in text]
    assert alone == ["All 30 pictures of 'dog' are the same: there is one to learn from."]
    assert found.spec is not None
    checked = [each for each in finished(preflight(found.spec)).findings if each.code == "one_picture"]
    assert [each.sentence for each in checked] == ["All 30 pictures of 'dog' are the same."]
    assert len(checked[0].files) == 30


def test_the_same_picture_in_two_classes_is_said_also_where_all_copies_train(tmp_path: Path) -> None:
    filled(tmp_path, {f"{part}/{name}": 6 for part in ("train", "val") for name in ("cat", "dog")})
    (tmp_path / "train/dog/again.png").write_bytes((tmp_path / "train/cat/0.png").read_bytes())
    for name in ("cat", "dog"):
        (tmp_path / "train" / name / "empty.png").touch()  # equal, but no picture
    (text,) = [text for text in said(tmp_path, **{"source.skip_unreadable": True}).warnings if "in two classes" in text]
    assert text.startswith("1 picture is in two classes, e.g. ") and text.endswith("(dog): no model can learn both.")


def test_what_was_not_looked_for_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, {"cat": 30, "dog": 30})
    monkeypatch.setattr(module, "MOST_FILES", 59)
    assert said(tmp_path).warnings == ("Whether pictures are in two parts was not looked for: 60 files are too many.",)


@pytest.mark.parametrize(
    ("counts", "settings", "words"),
    [
        ({"cat": 30, "dog": 30, "elk": 2}, {}, "No validation example is of: elk."),
        ({"cat": 30, "dog": 20}, {}, "Fewer than 5 validation examples are of: dog."),
        ({"cat": 30, "dog": 30}, {"validation_fraction": 0.0}, "No example validates"),
        ({"cat": 600, "dog": 30}, {}, "95"),
    ],
)
def test_classes_of_which_little_can_be_seen_are_said(
    tmp_path: Path, counts: Mapping[str, int], settings: Mapping[str, object], words: str
) -> None:
    (found,) = said(filled(tmp_path, counts), **settings).warnings
    assert found.startswith(words)


def test_a_run_without_a_window_begins_with_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = filled(tmp_path / "data", {"cat": 30, "dog": 20})
    spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(root), "size": 8})
    save(spec.edited("loop.epochs", 1), tmp_path / "spec.toml")
    code = main([str(tmp_path / "spec.toml"), "--runs", str(tmp_path / "kept")])
    out = capsys.readouterr().out
    assert code == 0 and out.startswith("Warning: Fewer than 5 validation examples are of: dog.")
    assert out.count("Reading pictures") <= 1
    assert main(["check", str(root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == [
        "Fewer than 5 validation examples are of: dog. Their accuracy says little."
    ]


def test_a_table_that_contradicts_some_folders_is_said(tmp_path: Path) -> None:
    filled(tmp_path, {f"{part}/{name}": 6 for part in ("train", "valid") for name in ("cat", "dog")})
    rows = [f"cat/{index}.png, {int(index == 0)}, {int(index > 0)}, 0" for index in range(6)]
    rows += [f"dog/{index}.png, 0, 0, 1" for index in range(6)]
    texts(tmp_path, {"train/_classes.csv": "\n".join(["filename, Unlabeled, cat, dog", *rows])})
    (fact,) = (fact.sentence for fact in said(tmp_path).facts if "_classes.csv" in fact.sentence)
    assert fact == (
        "train/_classes.csv gives 1 picture another class than their folders do, which are used: "
        "0.png (Unlabeled in the table, cat by its folder)."
    )


def test_the_file_of_corrections_is_no_file_that_is_left_out(tmp_path: Path) -> None:
    from workbench.engine.pictures.corrections import CorrectionsFile

    filled(tmp_path, {"cat": 30, "dog": 30})
    CorrectionsFile(tmp_path).exclude([tmp_path / "cat" / "0.png"])
    assert said(tmp_path).left_out == {"cat/0.png": "left out by you"}


def test_copies_in_arrays_are_said_by_the_check_and_by_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Row 3 of validation is row 2 of training, and two rows of the test are rows of training."""
    made = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (90, 8, 8), np.uint8)
    train, val, test = made[:60], made[60:75].copy(), made[75:].copy()
    val[2], test[0], test[5] = train[1], train[4], train[4]
    labels = {f"{part}_labels": np.arange(size) % 2 for part, size in (("train", 60), ("val", 15), ("test", 15))}
    file = tmp_path / "set.npz"
    np.savez(file, train_images=train, val_images=val, test_images=test, **labels)
    leaks = (
        "1 validation example is also in training, e.g. number 63 equals number 2: measured on them, memory passes for "
        "learning.",
        "2 test examples are also in training, e.g. number 1 equals number 5: measured on them, memory passes for "
        "learning.",
    )
    assert said(file).warnings == leaks
    spec = ExperimentSpec().edited("data.source", {"kind": "npz", "file": str(file)}).edited("loop.epochs", 1)
    save(spec.edited("model", {"kind": "mlp", "hidden": [4]}), tmp_path / "a.toml")
    assert main([str(tmp_path / "a.toml"), "--runs", str(tmp_path / "runs")]) == 0
    told = capsys.readouterr().out
    assert all(f"Warning: {leak}" in told for leak in leaks)


def test_that_arrays_are_too_large_to_look_for_copies_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (60, 8, 8), np.uint8)
    np.savez(tmp_path / "set.npz", images=made, labels=np.arange(60) % 2)
    assert said(tmp_path / "set.npz").warnings == ()
    monkeypatch.setattr(module, "MOST_IN_MEMORY", made.nbytes - 1)
    text = "Whether examples are in two parts was not looked for: 60 examples are too many."
    assert said(tmp_path / "set.npz").warnings == (text,)


@pytest.mark.parametrize(("odd", "is_said"), [(2, True), (3, False)])
def test_a_table_that_says_the_folders_classes_for_more_than_half_is_said_to_contradict_the_rest(
    odd: int, is_said: bool, tmp_path: Path
) -> None:
    """Two of six is most of them the same; where it is half, the table means something else."""
    filled(tmp_path, {"train/cat": 3, "train/dog": 3, "valid/cat": 3, "valid/dog": 3})
    names = [f"{name}/{index}.png" for name in ("cat", "dog") for index in range(3)]
    rows = [f"{each},{int(at < odd)},{int(at >= odd and at < 3)},{int(at >= 3)}" for at, each in enumerate(names)]
    texts(tmp_path, {"train/_classes.csv": "\n".join(["filename,Unlabeled,cat,dog", *rows])})
    assert any("another class than their folders" in fact.sentence for fact in said(tmp_path).facts) == is_said


@pytest.mark.parametrize(
    ("side", "labels", "words"),
    [
        (6, 10, ""),
        (9, 10, "cannot be measured: its examples are 9×9 gray, and those to train on 6×6 gray."),
        (6, 9, "cannot be measured: "),
    ],
)
def test_a_test_part_that_cannot_be_measured_is_said_before_training(
    tmp_path: Path, side: int, labels: int, words: str
) -> None:
    random = np.random.Generator(np.random.PCG64(0))
    for part, each, count in (("train", 6, 100), ("t10k", side, labels)):
        pictures_of_part = random.integers(0, 256, (100 if part == "train" else 10, each, each), np.uint8)
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(pictures_of_part))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx((np.arange(count) % 10).astype(np.uint8)))
    found = [text for text in said(tmp_path).warnings if "measured" in text]
    assert len(found) == bool(words) and all(words in text for text in found)
