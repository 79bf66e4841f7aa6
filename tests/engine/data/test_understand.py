"""A doubt refuses a run, says how to choose, and is gone then; a folder that is gone is called so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures, split, texts
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event, Notice
from workbench.engine.core.progress import finished
from workbench.engine.data.augmented_copies import PATTERN
from workbench.engine.data.own_data import OwnData
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import understand, understand_path
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import save
from workbench.engine.train import train


def small(root: Path) -> ExperimentSpec:
    spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(root), "size": 8})
    return spec.edited("model", {"kind": "mlp", "hidden": [4]}).edited("loop.epochs", 1)


def magnifications(root: Path) -> ExperimentSpec:
    pictures(root, {f"{size}/{name}": 3 for size in ("10x", "40x") for name in ("healthy", "sick")})
    return small(root)


def test_no_run_starts_before_a_reading_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = magnifications(tmp_path / "set")
    save(spec, tmp_path / "a.toml")
    assert main([str(tmp_path / "a.toml"), "--runs", str(tmp_path / "runs")]) == 2
    said = capsys.readouterr().err
    assert 'data.source.classes = "second_level"' in said and 'data.source.left_out = "40x"' in said
    assert not (tmp_path / "runs").exists()
    with pytest.raises(WorkbenchError, match="either level") as caught:
        next(train(spec))
    assert caught.value.path == "data.source"


def test_what_the_refusal_offers_can_be_given_to_set_as_it_stands(tmp_path: Path) -> None:
    save(magnifications(tmp_path / "set"), tmp_path / "a.toml")
    chosen = 'data.source.classes = "second_level"'
    assert main([str(tmp_path / "a.toml"), "--set", chosen, "--runs", str(tmp_path / "runs")]) == 0


def test_a_run_says_what_is_left_out(tmp_path: Path) -> None:
    pictures(tmp_path, split(5, 2) | {"test1": 3, "": 1})
    said: list[Event] = []
    drive(train(small(tmp_path)), lambda event: None, said.append)
    (notice,) = [event for event in said if isinstance(event, Notice) and event.code == "data_note"]
    assert "test1 (its pictures lie in no class folder)" in notice.message and "0.png (beside" in notice.message


def test_a_folder_that_is_gone_is_called_so_and_nothing_is_advised_that_harms(tmp_path: Path) -> None:
    root = tmp_path / "drive" / "set"
    pictures(root, {"cat": 40, "dog": 40})
    for skips in (False, True):
        source = PictureFolder(folder=str(root), size=8, skip_unreadable=skips)
        steps = DataStore().steps(source)
        listing = finished(steps.listing())
        (tmp_path / "drive").rename(tmp_path / "away")
        with pytest.raises(WorkbenchError) as caught:
            steps.dataset(listing, finished(steps.decoding(listing)))
        assert caught.value.message.startswith(f"The folder {root} is gone.")
        assert "Skip" not in caught.value.message and "Remove" not in caught.value.message
        (tmp_path / "away").rename(tmp_path / "drive")


def test_settings_of_one_set_are_not_those_of_the_next(tmp_path: Path) -> None:
    now = PictureFolder(folder="/old", size=64, colour="gray", skip_empty=True, skip_unreadable=True, left_out="x")
    assert OwnData("new", "folder", (("folder", "/new"),)).source(now) == PictureFolder(
        folder="/new", size=64, colour="gray"
    )
    assert OwnData("old", "folder", (("folder", "/old"),)).source(now) == now


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("parts", "train: nowhere", "no folder 'nowhere'"),
        ("parts", "training", "not understood"),
        ("parts", "validation: val", "no folder to train on"),
    ],
)
def test_parts_that_are_not_there_are_refused(tmp_path: Path, setting: str, value: str, words: str) -> None:
    pictures(tmp_path, split(3, 2))
    found = finished(understand(small(tmp_path).edited(f"data.source.{setting}", value)))
    assert found.refused is not None and words in found.refused


def test_parts_can_be_named(tmp_path: Path) -> None:
    pictures(tmp_path, {f"{name}/{kind}": 3 for name in ("a (1)", "b, c", "d") for kind in ("cat", "dog")})
    spec = small(tmp_path).edited("data.source.parts", "train: a (1) | b, c; test: d")
    found = finished(understand(spec))
    assert dict(found.parts) == {"train": 10, "validation": 2, "test": 6} and found.refused is None
    files = spec.data.source.load().files
    assert not any(Path(file).is_relative_to(tmp_path / "d") for file in files)


def test_the_root_taken_away_while_it_is_listed(tmp_path: Path) -> None:
    pictures(tmp_path / "set", {"cat": 2, "dog": 2})
    source = PictureFolder(folder=str(tmp_path / "set"), size=8)
    layout = source.layout
    shutil.rmtree(tmp_path / "set")
    with pytest.raises(WorkbenchError, match="there is no folder"):
        layout(DataStore().scans)


def test_many_files_of_one_kind_are_counted(tmp_path: Path) -> None:
    pictures(tmp_path, {"cat": 3, "dog": 3})
    for number in range(30):
        (tmp_path / "cat" / f"{number}.txt").write_text("x")
    (tmp_path / "dog" / "a.txt").write_text("x")
    left_out = finished(understand(small(tmp_path))).left_out
    assert left_out == {"cat/*.txt": "a text, not read (30 files)", "dog/a.txt": "a text, not read"}


def test_what_is_wrong_elsewhere_refuses_a_check_and_is_not_said_of_the_data(tmp_path: Path) -> None:
    pictures(tmp_path / "set", split(5, 2))
    spec = small(tmp_path / "set").edited("ensemble", {"kind": "snapshots"})
    wrong = [problem.message for problem in spec.problems() if problem.severity == "error"]
    save(spec, tmp_path / "a.toml")
    assert wrong and finished(understand(spec)).refused is None
    found = finished(understand_path(tmp_path / "a.toml"))
    assert found.refused is not None and wrong[0] in found.refused and found.classes


def test_counts_are_those_of_training_and_validation_without_the_test_share(tmp_path: Path) -> None:
    pictures(tmp_path, {"cat": 10, "dog": 20})
    found = finished(understand(small(tmp_path).edited("data.test_fraction", 0.2)))
    assert found.refused is None and dict(found.classes) == {"cat": 8, "dog": 16}
    assert found.parts["test"] == 6 and found.parts["train"] + found.parts["validation"] == 24


def test_files_that_are_skipped_are_left_out_of_the_counts_and_refuse_where_they_are_not(tmp_path: Path) -> None:
    pictures(tmp_path, {"cat": 10, "dog": 10})
    (tmp_path / "cat" / "broken.png").write_bytes(b"no picture")
    found = finished(understand(small(tmp_path).edited("data.source.skip_unreadable", True)))
    assert found.refused is None and found.classes["cat"] == 10 and "cat/broken.png" in found.left_out
    assert "broken.png" in str(finished(understand(small(tmp_path))).refused)


def test_a_doubt_about_classes_is_said_before_what_the_split_lacks(tmp_path: Path) -> None:
    spec = magnifications(tmp_path).edited("data.group_by", "name").edited("data.group_pattern", "?")
    assert "either level" in str(finished(understand(spec)).refused)


def test_a_second_folder_that_is_left_out_does_not_bring_back_the_first(tmp_path: Path) -> None:
    pictures(tmp_path, {"cat": 5, "dog": 5, "dog - Copy": 5, "test": 3})
    spec = small(tmp_path)
    for left_out in ("test", "test | dog - Copy"):
        doubt = next(each for each in finished(understand(spec)).doubts if each.is_refused)
        reading = next(each for each in doubt.readings if each.settings[0][0] == "left_out")
        assert reading.settings == (("left_out", left_out),)
        spec = spec.edited("data.source.left_out", left_out)
    found = finished(understand(spec))
    assert found.refused is None and dict(found.classes) == {"cat": 5, "dog": 5}


def test_copies_that_groups_keep_together_are_not_said(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        for index in range(12):
            pictures(tmp_path, {name: 1}, f"{name}{index // 3}_jpg.rf.{10**31 + index}.png")
    spec = small(tmp_path)
    (doubt,) = finished(understand(spec)).doubts
    assert "augmented copies" in doubt.sentence and not doubt.is_refused
    said: list[Event] = []
    drive(train(spec), lambda event: None, said.append)
    assert any(isinstance(event, Notice) and doubt.sentence in event.message for event in said)
    (reading,) = doubt.readings
    for path, value in reading.edits.items():
        spec = spec.edited(path, value)
    assert not finished(understand(spec)).doubts
    grouped = spec.edited("data.group_pattern", PATTERN).edited("data.group_by", "name")
    assert finished(understand(grouped)).doubts == ()


def test_what_keeps_copies_in_tables_together_says_that_the_other_tables_are_not_read(tmp_path: Path) -> None:
    for part, copies in (("train", (0, 1)), ("valid", (2,))):
        files = [(f"{i}_jpg.rf.{10**31 + 100 * i + copy}.png", i % 2) for i in range(12) for copy in copies]
        for file, _ in files:
            pictures(tmp_path, {part: 1}, file)
        rows = "".join(f"{file},{is_dog},{1 - is_dog}\n" for file, is_dog in files)
        texts(tmp_path, {f"{part}/_classes.csv": f"filename,dog,cat\n{rows}"})
    (doubt,) = finished(understand_path(tmp_path)).doubts
    (reading,) = doubt.readings
    after = finished(understand_path(tmp_path, tuple(reading.edits.items())))
    assert reading.label.startswith("Use the training table alone") and sum(after.parts.values()) == 24
    assert not after.doubts


def test_a_run_that_mixes_folders_of_patients_begins_with_a_sentence(tmp_path: Path) -> None:
    pictures(tmp_path, {f"{name}/patient_{p}": 2 for name in ("cat", "dog") for p in range(6)})
    spec = small(tmp_path).edited("data.source.classes", "folders")
    (doubt,) = finished(understand(spec)).doubts
    said: list[Event] = []
    drive(train(spec), lambda event: None, said.append)
    assert any(isinstance(event, Notice) and doubt.sentence in event.message for event in said)
