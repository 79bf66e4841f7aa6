"""What a model card and a score say of odd runs: a smallest class, folds, pictures that are not square."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.engine.export.made import run_of, weights
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.text import percent
from workbench.engine.export.about import shareable
from workbench.engine.export.card import card, licence_files
from workbench.engine.export.score import scores_of
from workbench.engine.export.subject import Subject, origin_at, subject_at
from workbench.engine.run_store.finished_runs import opened
from workbench.engine.shelf.read_record import read_record
from workbench.engine.spec.experiment import ExperimentSpec


def class_folders(root: Path, **counts: int) -> Path:
    for name, count in counts.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            pixels = np.full((9, 9), number, np.uint8)
            pixels[:4] += ord(name[0])
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on 49 pictures of one class and 60 of another, with a part for the test."""
    root = class_folders(tmp_path_factory.mktemp("data") / "pets", rat=49, cat=60)
    source = {"kind": "folder", "folder": str(root), "size": 8}
    edits: dict[str, Any] = {
        "data__source": source,
        "data__examples_per_class": None,
        "loop__epochs": 6,
        "optimizer__lr": 1.0,
    }
    return run_of(tmp_path_factory.mktemp("runs"), **edits, data__test_fraction=0.2)


def with_spec(subject: Subject, **changes: Any) -> Subject:
    """As if it had been trained with other settings of the data."""
    trained = subject.origin.trained
    assert trained is not None
    spec = trained.spec
    for name, value in changes.items():
        spec = spec.edited(f"data.{name}", value)
    return replace(subject, origin=replace(subject.origin, trained=replace(trained, spec=spec)))


def test_the_smallest_class_is_named_where_its_figures_are_uncertain(
    few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = subject_at(few)
    assert "- The smallest class, rat, has 49 examples: its figures are uncertain." in card(subject)
    counts = {"classes": ["rat", "cat"], "counts": [50, 60]}
    monkeypatch.setattr("workbench.engine.export.about.fingerprint_of", lambda origin: counts)
    assert "smallest class" not in card(subject)


def test_that_no_test_was_made_is_said_only_of_runs_that_were_measured(few: Path, tmp_path: Path) -> None:
    said = "No test part was measured"
    assert said not in card(subject_at(few))
    assert said in card(subject_at(few / "last.safetensors")), "the test was of the best weights"
    assert said not in card(subject_at(weights(tmp_path / "own.safetensors", (3, 8, 8))))


def test_pictures_have_a_width_and_a_height(tmp_path: Path) -> None:
    made = {
        shape: card(subject_at(weights(tmp_path / f"{shape[0]}.safetensors", shape)))
        for shape in ((1, 12, 9), (3, 8, 10))
    }
    assert "- Input: gray pictures of 9 × 12 pixels" in made[1, 12, 9]
    assert "- Input: colour pictures of 10 × 8 pixels" in made[3, 8, 10]
    points = weights(tmp_path / "points.safetensors", (2,), model={"kind": "mlp", "hidden": [9]})
    assert "- Input: points with 2 coordinates" in card(subject_at(points))


def test_a_run_that_goes_on_is_said_to(few: Path) -> None:
    subject = subject_at(few)
    record = subject.origin.record
    assert record is not None and "still training" not in card(subject)
    going = replace(subject, origin=replace(subject.origin, record=replace(record, status="running")))
    assert going.origin.record is not None and going.origin.record.is_live
    assert "still training when this was written" in card(going)


def test_folds_are_said_by_their_numbers(few: Path) -> None:
    subject = subject_at(few)
    assert "- Fold 1 of 5 validates, by the split seed 0" in card(with_spec(subject, folds=5))
    assert "- Fold 3 of 5 validates, by the split seed 4" in card(with_spec(subject, folds=5, fold=3, split_seed=4))
    assert "validates, by" not in card(subject) and f"- {percent(0.2)} are held out for the test" in card(subject)


def test_corrections_and_the_share_that_validates_are_said(few: Path) -> None:
    subject = subject_at(few)
    trained = subject.origin.trained
    assert trained is not None and trained.sizes is not None and "Corrections" not in card(subject)
    train, val = trained.sizes
    share = f"- {val} of {train + val} training and validation examples validate ({percent(val / (train + val))})"
    assert share in card(subject)
    source = trained.spec.data.source
    assert isinstance(source, PictureFiles)
    try:
        source.corrections().relabel(("rat/0.png", "rat/1.png"), "cat")
        source.corrections().exclude(("rat/2.png",))
        said = card(subject)
    finally:
        source.corrections().where.unlink(missing_ok=True)
    assert "when this was written: 2 pictures given another class (cat: 2)" in said
    assert "when this was written: 1 picture left out" in said


def test_seeds_are_compared_from_two_on(few: Path) -> None:
    subject, record = subject_at(few), read_record(few)
    assert record is not None
    one, two = card(subject, (record,)), card(subject, (record, record))
    assert "how much another seed would change is not known" in one and "The same settings" not in one
    assert "The same settings with 2 seeds" in two and "how much another seed" not in two


def test_a_licence_beside_the_data_is_found_for_folders_and_for_files(tmp_path: Path) -> None:
    (tmp_path / "LICENSE.txt").touch()
    (tmp_path / "COPYING").mkdir()
    for name in ("set.npz", "pets"):
        kind, setting = ("npz", "file") if name.endswith("npz") else ("folder", "folder")
        place = tmp_path if kind == "folder" else tmp_path / name
        spec = ExperimentSpec().edited("data.source", {"kind": kind, setting: str(place)})
        assert licence_files(spec) == (tmp_path / "LICENSE.txt",)


# --- scores ----------------------------------------------------------------------------------------------------------


def test_each_file_of_weights_has_its_own_score(few: Path) -> None:
    record = read_record(few)
    assert record is not None and record.best is not None and record.last is not None
    assert record.best.val is not None and record.last.val is not None
    validation = {name: scores_of(origin_at(few / name))[0] for name in ("best.safetensors", "last.safetensors", "")}
    for name, point, is_choice in (
        ("best.safetensors", record.best.val, True),
        ("last.safetensors", record.last.val, False),
        ("", record.best.val, True),
    ):
        found = validation[name]
        assert (found.accuracy, found.loss, found.is_choice) == (point.accuracy, point.loss, is_choice)
    assert record.best.val.loss != record.last.val.loss, "two epochs of this run are not alike"
    assert [score.part for score in scores_of(origin_at(few))] == ["validation", "test"]
    assert [score.part for score in scores_of(origin_at(few / "best.safetensors"))] == ["validation"]


def test_of_several_measurements_on_the_test_part_the_last_counts(few: Path, tmp_path: Path) -> None:
    run = shutil.copytree(few, tmp_path / "again")
    log = run / "events.jsonl"
    lines = log.read_text().splitlines()
    (own,) = (json.loads(line) for line in lines if '"MeasuredOnTest"' in line)
    own["measured"]["accuracy"] = 0.125
    log.write_text("\n".join([*lines[:-1], json.dumps(own), lines[-1], ""]))
    assert scores_of(origin_at(run))[1].accuracy == 0.125


# --- what is left out of a file that is passed on --------------------------------------------------------------------


def test_neither_the_data_nor_a_trained_network_is_named_by_its_folder(few: Path) -> None:
    spec = opened(few).spec
    assert shareable(spec).at("data.source.folder") == "pets"
    again = spec.edited("model", {"kind": "transfer", "weights": "/mine/secret/best.safetensors"})
    assert shareable(again).at("model.weights") == "best.safetensors"
    assert again.at("model.weights") == "/mine/secret/best.safetensors", "a copy is changed"
