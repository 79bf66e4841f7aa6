"""What is wrong with pictures, disk or memory while the first epoch decodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.pictures.cached_pictures import Decoder, kept, source
from tests.engine.pictures.helpers import COUNT, Gate, needed_last, run, spec_of
from workbench.engine.core.events import Command, Event, Notice, RunEnded, RunStarted, Stepped, Stop
from workbench.engine.core.progress import Loading
from workbench.engine.data import split as split_module
from workbench.engine.pictures import (
    arriving_pictures,
    cache,
    cache_file,
    decode_entry,
)
from workbench.engine.pictures.turns import TURNS
from workbench.engine.run_store.run_folder import RunFolder


def test_unreadable_files_are_all_named_also_when_training_has_begun(root: Path, tmp_path: Path) -> None:
    spec = spec_of(root)
    _, late = needed_last(spec)
    bad = sorted(late)[:2]
    for name in bad:
        next(root.rglob(name)).write_bytes(b"no picture")
    folder = RunFolder.create(spec, tmp_path / "runs")
    recorder = run(spec, folder=folder)
    ended = recorder.events[-1]
    assert (ended.reason, ended.path) == ("failed", "data.source.skip_unreadable")
    assert ended.message.startswith(f"2 of {COUNT} pictures in {root} cannot be read: ")
    assert all(name in ended.message for name in bad)
    assert sum(isinstance(event, RunEnded) for event in recorder.events) == 1
    if folder.path.exists():  # the files may be reached before the first step, and then there is nothing to keep
        last = (folder.path / "events.jsonl").read_text().splitlines()[-1]
        assert json.loads(last)["reason"] == "failed"
    again = run(spec)  # now it is known before the start
    assert [type(event) for event in again.events if not isinstance(event, Loading)] == [RunEnded]
    assert again.events[-1].message == ended.message
    skipping = run(spec.edited("data.source.skip_unreadable", True))
    assert skipping.events[-1].reason == "completed"
    assert any("They are left out." in notice.message for notice in skipping.of(Notice))


def test_an_error_that_is_no_fault_of_a_file_ends_the_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(arriving_pictures, "decode_entry", broken)
    recorder = run(spec_of(root))
    assert recorder.events[-1].reason == "failed"
    assert "broken" in recorder.events[-1].message
    assert not TURNS.building


def test_a_class_without_pictures_to_train_on_is_told_before(root: Path) -> None:
    for file in (root / "dog").iterdir():
        (root / "validation" / "dog").mkdir(parents=True, exist_ok=True)
        file.rename(root / "validation" / "dog" / file.name)
    (root / "train" / "cat").mkdir(parents=True)
    (root / "train" / "dog").mkdir()
    for file in (root / "cat").iterdir():
        file.rename(root / "train" / "cat" / file.name)
    for name in ("cat", "dog"):
        (root / name).rmdir()
    recorder = run(spec_of(root))
    assert recorder.events[-1].reason == "failed"
    assert not recorder.of(RunStarted)
    assert not TURNS.building


def test_a_full_disk_costs_the_cache_alone_and_is_told_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_file, "_write", full)
    recorder = run(spec_of(root, loop__epochs=3))
    assert recorder.events[-1].reason == "completed"
    told = [n.message for n in recorder.of(Notice) if n.code == "data_note"]
    assert told == ["The decoded pictures cannot be kept for the next time: No space left on device."]
    assert kept(".index") == kept(".tmp") == []


def test_without_memory_for_all_they_are_read_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_fits", lambda wanted: False)
    recorder = run(spec_of(root))
    kinds = [type(event) for event in recorder.events]
    assert recorder.events[-1].reason == "completed"
    assert Loading not in kinds[kinds.index(RunStarted) :]


def test_stop_is_stop_also_when_a_bad_file_was_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split_module, "REFRESH_EXAMPLES", 8)
    spec = spec_of(root, averaging=[{"kind": "ema"}])
    _, late = needed_last(spec)
    bad, *rest = sorted(late)
    next(root.rglob(bad)).write_bytes(b"no picture")
    gate = Gate(set(rest))
    monkeypatch.setattr(decode_entry, "read_both", gate)
    steps = 0

    def stop(event: Event) -> Command | None:
        nonlocal steps
        steps += isinstance(event, Stepped)
        return Stop() if steps and isinstance(event, Loading) else None

    recorder = run(spec, stop)
    gate.opened.set()
    assert recorder.events[-1].reason == "stopped"


def test_memory_that_is_not_there_leaves_no_lock(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*arguments: Any) -> Any:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(arriving_pictures.ArrivingPictures, "__init__", none_left)
        assert run(spec_of(root)).events[-1].reason == "failed"
    assert not TURNS.building
    assert run(spec_of(root)).events[-1].reason == "completed"


def test_a_damaged_picture_among_more_than_is_wanted_is_decoded_anew(root: Path, decoder: Decoder) -> None:
    whole = source(root).load()
    decoder.taken()
    with kept(".pixels")[0].open("r+b") as stream:
        stream.seek(8 * 8 * 3 * 7)
        stream.write(b"\x01\x02\x03\x04")
    picture_cache_checked, cache_file.CHECKED = cache_file.CHECKED, 8 * 8 * 3 * 2  # two of sixty are looked at
    try:
        source(root).corrections().exclude(["cat/00.png"])
        less = source(root).load()
    finally:
        cache_file.CHECKED = picture_cache_checked
    assert np.array_equal(less.inputs, whole.inputs[1:])
    assert len(decoder.taken()) == 1
