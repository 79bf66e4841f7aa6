"""The owner of loaded data: read once, shared by all, looked at again when something has changed."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.engine.pictures.cached_pictures import Decoder
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core import array_holder
from workbench.engine.core.progress import finished
from workbench.engine.data.browse import catalogue
from workbench.engine.data.checks import preflight
from workbench.engine.data.store import DataStore
from workbench.engine.pictures import decode_entry, folder_scans
from workbench.engine.report.data_summary import data_summary
from workbench.engine.spec.experiment import ExperimentSpec


def aged(root: Path, seconds: float = 60.0) -> None:
    """Let every folder have changed some time ago: the scan of one that has just changed is not believed."""
    for folder in (root, *(each for each in root.rglob("*") if each.is_dir())):
        then = folder.stat().st_mtime - seconds
        os.utime(folder, (then, then))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six pictures of two classes below train, two below test."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    folder = tmp_path / "pets"
    for part, count in (("train", 3), ("test", 1)):
        for label, name in enumerate(("cat", "dog")):
            (folder / part / name).mkdir(parents=True)
            for number in range(count):
                shade = np.full((9, 9, 3), 80 * label + 10 * number + len(part), np.uint8)
                Image.fromarray(shade).save(folder / part / name / f"{number}.png")
    aged(folder)
    return folder


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> Decoder:
    counter = Decoder()
    monkeypatch.setattr(decode_entry, "read_both", counter)
    return counter


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were listed."""
    found: list[Path] = []
    real = os.scandir

    def scandir(folder: Any) -> Any:
        found.extend([Path(folder)] if isinstance(folder, str | Path) else [])
        return real(folder)

    monkeypatch.setattr(folder_scans.os, "scandir", scandir)
    return found


def source(root: Path) -> PictureFolder:
    return PictureFolder(folder=str(root), size=8)


def spec_of(root: Path) -> ExperimentSpec:
    return ExperimentSpec().edited("data.source", source(root)).edited("data.validation_fraction", 0.34)


def test_all_who_look_at_a_folder_list_and_decode_it_once(root: Path, decoder: Decoder, scanned: list[Path]) -> None:
    data, spec = DataStore(), spec_of(root)
    folders = [each for each in (root, *root.rglob("*")) if each.is_dir()]
    scanned.clear()
    assert data.recognised([root]).kind == "folder"
    summary = data_summary(spec, data)
    report = finished(preflight(spec, data))
    found = finished(catalogue(spec, data))
    run = finished(data.beginning(spec.data.source))
    assert (summary.train, len(found), len(run.labels)) == (4, 8, 6) and report.can_start
    assert sorted(each for each in scanned if each.is_relative_to(root)) == sorted(folders)
    assert len(decoder.taken()) == 8


def test_one_array_is_shared_and_a_run_that_trains_on_it_can_be_joined(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_holder, "KEEP_BELOW", 1)
    data = DataStore()
    preview = data.loaded(source(root))
    inputs = finished(data.beginning(source(root))).inputs
    assert inputs is preview.inputs
    with data.run():
        assert data.loaded(source(root)).inputs is inputs


def test_a_large_set_is_dropped_while_a_run_trains_on_another(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_holder, "KEEP_BELOW", 1)
    data = DataStore()

    def is_in_memory() -> bool:
        gc.collect()
        return data._recalled(source(root)) is not None

    with data.run():
        with data.reader():
            data.loaded(source(root))
            assert is_in_memory(), "the sheet and the model's table still need it"
        assert not is_in_memory()
    data.loaded(source(root))
    assert is_in_memory()
    data.loaded(Digits())
    assert not is_in_memory()


def test_small_sets_stay_while_a_run_trains(root: Path) -> None:
    data = DataStore()
    with data.run():
        inputs = data.loaded(source(root)).inputs
        again = data.loaded(source(root)).inputs
    assert again is inputs


@pytest.mark.parametrize("what", ["added", "removed", "changed"])
def test_a_folder_that_changed_is_noticed_by_a_run_and_by_a_preview_that_is_told(
    root: Path, decoder: Decoder, what: str
) -> None:
    data = DataStore()
    before = data.loaded(source(root))
    decoder.taken()
    file = root / "train" / "cat" / "2.png"
    if what == "added":
        Image.new("RGB", (9, 9), "red").save(root / "train" / "cat" / "3.png")
    elif what == "removed":
        file.unlink()
    else:
        Image.new("RGB", (9, 9), "red").save(file)
    assert data.loaded(source(root)).inputs is before.inputs, "what is shown changes when it is asked for"
    now = finished(data.fresh(source(root)))
    assert len(now.labels) == {"added": 7, "removed": 5, "changed": 6}[what]
    assert decoder.taken() == {"added": ["3.png"], "removed": [], "changed": ["2.png"]}[what]
    assert data.loaded(source(root)).inputs is now.inputs
    data.outdate()
    assert data.loaded(source(root)).inputs is now.inputs


def test_corrections_change_the_set_without_decoding_or_listing_its_classes_again(
    root: Path, decoder: Decoder, scanned: list[Path]
) -> None:
    data = DataStore()
    data.loaded(source(root))
    decoder.taken(), scanned.clear()
    source(root).corrections().exclude(["train/cat/0.png"])
    data.outdate()
    assert len(data.loaded(source(root)).labels) == 5
    assert decoder.taken() == []
    assert {each for each in scanned if each.is_relative_to(root)} <= {root}


def test_a_folder_that_changed_just_before_its_scan_is_scanned_again(root: Path, scanned: list[Path]) -> None:
    data, cats = DataStore(), root / "train" / "cat"
    os.utime(cats)
    data.scans.items(cats), data.scans.items(cats)
    assert scanned == [cats, cats]
    aged(cats)
    scanned.clear()
    data.scans.items(cats), data.scans.items(cats)
    assert scanned == [cats]
    data.forget()
    data.scans.items(cats)
    assert scanned == [cats, cats]


def test_an_archive_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, loads, load = tmp_path / "set.npz", [], ArrayFile._read
    monkeypatch.setattr(ArrayFile, "_read", lambda self, *how: loads.append(1) or load(self, *how))
    pictures, labels = np.zeros((6, 8, 8), np.uint8), np.arange(6) % 2
    np.savez(file, x=pictures, y=labels)
    data, archive = DataStore(), ArrayFile(file=str(file))
    first = data.loaded(archive)
    assert finished(data.fresh(archive)).inputs is first.inputs and len(loads) == 1
    np.savez(file, x=pictures[:4], y=labels[:4])
    assert len(finished(data.beginning(archive)).labels) == 4 and len(loads) == 2


def test_two_threads_that_ask_for_the_same_archive_read_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, loads, load, gate = tmp_path / "set.npz", [], ArrayFile._read, threading.Event()
    np.savez(file, x=np.zeros((6, 8, 8), np.uint8), y=np.arange(6) % 2)

    def slow(self: ArrayFile, *how: Any) -> Any:
        loads.append(1)
        gate.wait(30)
        return load(self, *how)

    monkeypatch.setattr(ArrayFile, "_read", slow)
    data, archive, found = DataStore(), ArrayFile(file=str(file)), []
    threads = [threading.Thread(target=lambda: found.append(finished(data.fresh(archive)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(30)
    assert found[0].inputs is found[1].inputs and len(loads) == 1
