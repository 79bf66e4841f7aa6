"""The first epoch over new pictures begins while the others are still being decoded, and computes the same."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.helpers import Recorder, nothing, small_spec
from tests.engine.pictures.test_cache import Decoder, decoder, kept, noise, source  # noqa: F401 - a fixture
from workbench.engine.catalog.datasets import picture_load
from workbench.engine.catalog.datasets.base import Dataset
from workbench.engine.core import responsive_io
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, EpochEnded, Event, Notice, RunEnded, RunStarted, Stepped, Stop
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.randomness import permutation
from workbench.engine.data import split as split_module
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import Split, measured_part, refreshed_on, split
from workbench.engine.pictures import (
    arriving_pictures,
    background_decoder,
    cache,
    cache_file,
    decode_entry,
    request,
    turns,
)
from workbench.engine.pictures.background_decoder import Arriving, UnreadableFiles
from workbench.engine.pictures.decode import read_both
from workbench.engine.pictures.turns import TURNS
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

COUNT = 60


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """60 pictures of two classes; the preprocessing measures 8 of them, so most of them may come late."""
    monkeypatch.setattr(picture_load, "MEASURED_ON", 8)
    for number in range(COUNT):
        noise(tmp_path / "data" / ("cat", "dog")[number % 2] / f"{number:02}.png", number)
    return tmp_path / "data"


def spec_of(root: Path, **edits: Any) -> ExperimentSpec:
    plain: dict[str, Any] = {
        "data__examples_per_class": None,
        "data__source": {"kind": "folder", "folder": str(root), "size": 8, "colour": "rgb"},
        "data__validation_fraction": 0.2,
        "loop__batch_size": 8,
        "loop__epochs": 2,
    }
    return small_spec(**(plain | edits))


def run(
    spec: ExperimentSpec, commands: Callable[[Event], Command | None] = nothing, folder: RunFolder | None = None
) -> Recorder:
    recorder = Recorder()
    drive(train(spec, folder, recorder.steps), commands, recorder.events.append)
    return recorder


def needed_last(spec: ExperimentSpec) -> tuple[Split, set[str]]:
    """The split, and the names of the pictures that only the last batches of the first epoch need."""
    data = spec.data.source.load()
    cache_file.remove_unused()
    for file in kept(".index") + kept(".pixels"):
        file.unlink()
    parts = split(data, spec.data)
    order = parts.train[permutation(len(parts.train), spec.loop.seed, 0)]
    early = {*measured_part(parts.train, 8, spec.data.split_seed), *parts.train_eval, *parts.val, *order[:16]}
    if spec.averaging and len(parts.train) > split_module.REFRESH_EXAMPLES:
        early |= {*refreshed_on(parts.train, spec.loop.seed)}
    return parts, {Path(data.files[row]).name for row in order if row not in early}


class Gate:
    """Holds back some files until it is opened."""

    def __init__(self, names: set[str]) -> None:
        self.names, self.opened, self.decoded = names, threading.Event(), 0
        self.gave_up = False

    def __call__(self, file: Path, size: int, gray: bool, *how: Any) -> Any:
        if file.name in self.names and not self.opened.wait(30):
            self.gave_up = True
            raise AssertionError("the gate was not opened")
        found = read_both(file, size, gray, *how)
        self.decoded += 1
        return found


# --- The same numbers -------------------------------------------------------------------------------------------

HEAD = {"kind": "transfer", "weights": "letters", "freezing": {"kind": "line"}}


@pytest.mark.parametrize(
    "edits",
    [
        {},
        {"optimizer": {"kind": "gradient_descent", "lr": 0.1}},
        {"averaging": [{"kind": "ema"}]},
        {"data__examples_per_class": 5},
        {"ensemble": {"kind": "independent", "members": 2}},
        {"preprocessing": {"kind": "zero_centre", "mean": "image"}},
        {"model": HEAD},
    ],
    ids=lambda edits: "-".join(edits) or "plain",
)
def test_new_pictures_and_kept_ones_give_the_same_bits(
    root: Path,
    decoder: Decoder,  # noqa: F811
    edits: dict[str, Any],
) -> None:
    spec = spec_of(root, **edits)
    first, decoded = run(spec), len(decoder.taken())
    again, decoded_again = run(spec), len(decoder.taken())
    assert first.events[-1].reason == "completed"
    assert first.numbers() == again.numbers()
    assert len(kept(".index")) == 1
    # One that needs only some of them may end before the others are decoded.
    assert (decoded > 0 and (decoded, decoded_again) == (COUNT, 0)) or "data__examples_per_class" in edits


def test_the_arrival_of_pictures_changes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(root)
    first = run(spec)
    for file in kept(".index"):
        file.unlink()
    backwards: list[int] = []
    real = Arriving.prefer
    monkeypatch.setattr(Arriving, "prefer", lambda self, rows: real(self, rows[::-1]) or backwards.append(len(rows)))
    assert run(spec).numbers() == first.numbers()
    assert backwards


# --- Side by side -----------------------------------------------------------------------------------------------


def test_steps_are_made_while_pictures_are_still_decoded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(root)
    _, late = needed_last(spec)
    assert len(late) > 10
    gate = Gate(late)
    monkeypatch.setattr(decode_entry, "read_both", gate)
    decoded_at: list[int] = []

    def watch(event: Event) -> Command | None:
        if isinstance(event, Stepped):
            decoded_at.append(gate.decoded)
            if len(decoded_at) == 2:
                gate.opened.set()
        return None

    recorder = run(spec, watch)
    assert recorder.events[-1].reason == "completed"
    assert decoded_at[1] <= COUNT - len(late)
    assert gate.decoded == COUNT
    told = recorder.of(Loading)
    assert (told[-1].done, told[-1].total) == (COUNT, COUNT)
    kinds = [type(event) for event in recorder.events]
    assert kinds.index(RunStarted) < len(kinds) - kinds[::-1].index(Loading)
    assert [e.epochs_done for e in recorder.of(EpochEnded)] == [0, 1, 2]


def test_stop_acts_while_a_step_waits_and_what_is_decoded_is_kept(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = spec_of(root)
    _, late = needed_last(spec)
    gate = Gate(late)
    monkeypatch.setattr(decode_entry, "read_both", gate)
    steps = 0

    def stop(event: Event) -> Command | None:
        nonlocal steps
        steps += isinstance(event, Stepped)
        return Stop() if steps and isinstance(event, Loading) and event.done < COUNT else None

    recorder = run(spec, stop)
    gate.opened.set()
    assert recorder.events[-1].reason == "stopped"
    counter = Decoder()
    monkeypatch.setattr(decode_entry, "read_both", counter)
    finished(spec.data.source.loading())
    assert 0 < len(counter.taken()) <= len(late)


def test_a_drive_that_falls_silent_meanwhile_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(root)
    _, late = needed_last(spec)
    gate = Gate(late)
    monkeypatch.setattr(decode_entry, "read_both", gate)
    for module in (responsive_io, background_decoder):
        monkeypatch.setattr(module, "SILENCE", 0.3)

    def open_when_told(event: Event) -> Command | None:
        if isinstance(event, Loading) and "no answer for" in event.words:
            gate.opened.set()
        return None

    recorder = run(spec, open_when_told)
    words = [e.words for e in recorder.of(Loading) if "no answer" in e.words]
    assert any(name in words[0] for name in late)
    assert recorder.events[-1].reason == "completed"


# --- What is wrong with files -----------------------------------------------------------------------------------


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


def test_two_runs_on_the_same_new_pictures_decode_each_once(root: Path, decoder: Decoder) -> None:  # noqa: F811
    spec = spec_of(root, loop__epochs=1)
    found: list[Recorder] = []
    threads = [threading.Thread(target=lambda: found.append(run(spec))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [each.events[-1].reason for each in found] == ["completed", "completed"]
    assert found[0].numbers() == found[1].numbers()
    assert len(decoder.taken()) == COUNT


def test_a_preview_hands_over_to_a_run_what_it_has_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train pressed while the window still reads the pictures: the run need not wait until all are decoded."""
    spec = spec_of(root)
    _, late = needed_last(spec)
    late -= {"00.png", "02.png", "04.png"}  # those that a preview reads first
    gate, counter = Gate(late), Decoder()
    monkeypatch.setattr(cache, "REPORT_EVERY", 0.0)

    def read(file: Path, size: int, gray: bool, *how: Any) -> Any:
        counter.files.append(file.name)
        return gate(file, size, gray, *how)

    monkeypatch.setattr(decode_entry, "read_both", read)
    preview = spec.data.source.loading()
    next(told for told in preview if told.done >= 2)
    found: list[Dataset] = []
    thread = threading.Thread(target=lambda: found.append(finished(preview)))
    stepped: list[bool] = []

    def watch(event: Event) -> Command | None:
        if isinstance(event, Loading) and not thread.is_alive() and not found:
            thread.start()
        if isinstance(event, Stepped):
            stepped.append(bool(found))
            gate.opened.set()
        return None

    recorder = run(spec, watch)
    thread.join(60)
    assert recorder.events[-1].reason == "completed"
    assert stepped[0] is False and len(found[0].labels) == COUNT
    decoded = counter.taken()
    assert len(decoded) <= COUNT + 1 + 64, "what was decoded ahead may be decoded again, no more"


# --- Found by a review ------------------------------------------------------------------------------------------


def test_a_run_that_lacks_nothing_holds_nothing(root: Path) -> None:
    """More than half left out: the cache is written anew, nothing is decoded, and previews need not wait."""
    source(root).load()
    source(root).corrections().exclude([f"{name}/{n:02}.png" for n in range(36) for name in (("cat", "dog")[n % 2],)])
    building: list[int] = []

    def watch(event: Event) -> Command | None:
        if isinstance(event, RunStarted):
            building.append(len(TURNS.building))
            assert len(source(root).load().labels) == COUNT - 36
        return None

    assert run(spec_of(root), watch).events[-1].reason == "completed"
    assert building == [0]


@pytest.mark.parametrize("when", ["at the start", "after a step"])
def test_stop_acts_while_averages_wait_for_pictures(root: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    if when == "after a step":
        monkeypatch.setattr(split_module, "REFRESH_EXAMPLES", 8)
    spec = spec_of(root, averaging=[{"kind": "ema"}])
    _, late = needed_last(spec)
    gate = Gate(late)
    monkeypatch.setattr(decode_entry, "read_both", gate)
    steps, loads = 0, 0

    def stop(event: Event) -> Command | None:
        nonlocal steps, loads
        steps += isinstance(event, Stepped)
        loads += isinstance(event, Loading)
        stops = loads > 4 if when == "at the start" else steps > 0 and isinstance(event, Loading)
        return Stop() if stops else None

    recorder = run(spec, stop)
    assert recorder.events[-1].reason == "stopped"
    assert not gate.gave_up, "it waited for pictures after the stop"
    gate.opened.set()


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


def test_when_all_have_come_nothing_is_said_to_be_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last picture may come while the run is held at a word about the reading."""
    from workbench.engine.run_store.history import History

    spec = spec_of(root)
    _, late = needed_last(spec)
    gate = Gate(late)
    monkeypatch.setattr(decode_entry, "read_both", gate)
    history, after = History(), []

    def wait_for_all(event: Event) -> Command | None:
        history.fold(event)
        if isinstance(event, Loading) and history.started is not None and not gate.opened.is_set():
            gate.opened.set()
            while gate.decoded < COUNT:
                time.sleep(0.001)
            time.sleep(0.05)
        if isinstance(event, Stepped) and gate.decoded == COUNT:
            after.append(history.loading)
        return None

    assert run(spec, wait_for_all).events[-1].reason == "completed"
    assert after and after[-1] is None and after.count(None) >= len(after) - 1


def test_waiting_for_pictures_is_no_time_of_training(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock on which nothing takes time but each wait for a picture."""
    now = [0.0]
    monkeypatch.setattr("workbench.engine.training.command_channel.time", SimpleNamespace(perf_counter=lambda: now[0]))
    lacks = Arriving.lacks

    def lacks_for_ten_seconds(self: Arriving, *arguments: Any, **named: Any) -> bool:
        waits = lacks(self, *arguments, **named)
        now[0] += 10.0 if waits else 0.0
        return waits

    monkeypatch.setattr(Arriving, "lacks", lacks_for_ten_seconds)
    spec = spec_of(root)
    _, late = needed_last(spec)
    gate = Gate(late)
    monkeypatch.setattr(decode_entry, "read_both", gate)

    def open_late(event: Event) -> Command | None:
        if now[0] >= 30.0:
            gate.opened.set()
        return None

    ended = run(spec, open_late).events[-1]
    assert gate.opened.is_set() and ended.reason == "completed"
    assert ended.seconds == 0.0


def test_a_wish_that_is_not_repeated_is_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is paused while it waits for a preview must not keep others from reading."""
    key = request.Wanted(root, "train", (), 8, False).key
    monkeypatch.setattr(turns, "HURRY", 0.0)
    TURNS.hurry(key)
    assert len(source(root).load().labels) == COUNT


def test_a_damaged_picture_among_more_than_is_wanted_is_decoded_anew(root: Path, decoder: Decoder) -> None:  # noqa: F811
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


# --- The parts --------------------------------------------------------------------------------------------------


def begun(source_: Any) -> Dataset:
    loading = source_.beginning()
    dataset: Dataset = finished(loading)
    return dataset


def test_a_device_with_its_own_memory_is_given_what_has_come(root: Path) -> None:
    """``cpu:0`` stands for it: the rows are copied there, not shared."""
    whole = begun_and_ended(root)
    for file in kept(".index"):
        file.unlink()
    dataset = begun(source(root))
    examples = Examples(dataset, "cpu:0")
    assert examples.inputs.data_ptr() != torch.from_numpy(dataset.inputs).data_ptr()
    rows = np.array([3, 50, 7])
    x, y = examples.batch(rows)
    assert torch.equal(x, torch.from_numpy(whole.inputs[rows]).float() / 255)
    assert y.tolist() == whole.labels[rows].tolist()
    while examples.arriving is not None:
        examples.lacks(np.arange(COUNT))
    assert np.array_equal(examples.inputs.numpy(), whole.inputs)
    examples.close()


def begun_and_ended(root: Path) -> Dataset:
    return source(root).load()


class Slow:
    """Decodes a row when it is told to."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.permits = threading.Semaphore(0)

    def __call__(self, row: int) -> str:
        self.order.append(row)
        assert self.permits.acquire(timeout=30)
        return ""


def test_rows_that_are_waited_for_come_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_decoder, "usual_workers", lambda: 1)
    slow, kept_rows = Slow(), []
    files = [Path(f"/{i}") for i in range(10)]
    pictures = Arriving(
        files,
        np.arange(10) == 0,
        slow,
        lambda done: kept_rows.append(done.sum()) or "",
        lambda bad: UnreadableFiles(""),
    )
    pictures.prefer(np.array([7, 0, 5]))
    assert not pictures.lacks(np.array([0]))
    while not slow.order:
        time.sleep(0.001)
    assert pictures.lacks(np.array([3, 9]))
    slow.permits.release(10)
    while pictures.progress().done < 10:
        time.sleep(0.001)
    assert not pictures.lacks(np.arange(10))
    pictures.close()
    assert slow.order == [7, 3, 9, 5, 1, 2, 4, 6, 8]
    assert kept_rows == [10]
    assert pictures.progress() == Loading(10, 10, "Reading pictures")


def test_closing_keeps_what_is_done_once() -> None:
    slow, kept_rows = Slow(), []
    files = [Path(f"/{i}") for i in range(100)]
    pictures = Arriving(
        files,
        np.zeros(100, bool),
        slow,
        lambda done: kept_rows.append(done.sum()) or "",
        lambda bad: UnreadableFiles(""),
    )
    assert pictures.lacks(np.arange(100))
    slow.permits.release(30)
    while pictures.progress().done < 30:
        pass
    pictures.close()
    pictures.close()
    slow.permits.release(100)
    assert len(kept_rows) == 1 and 30 <= kept_rows[0] < 100


# --- A picture that is left out ---------------------------------------------------------------------------------


def test_leaving_a_picture_out_and_taking_it_back_writes_nothing(root: Path, decoder: Decoder) -> None:  # noqa: F811
    whole = source(root).load()
    decoder.taken()
    before = {file: file.stat().st_mtime_ns for file in kept(".pixels")}
    corrections = source(root).corrections()
    name = "cat/02.png"
    corrections.exclude([name])
    less = source(root).load()
    assert len(less.labels) == COUNT - 1
    kept_rows = [not file.endswith(name) for file in whole.files]
    assert np.array_equal(less.inputs, whole.inputs[kept_rows])
    corrections.exclude([name], False)
    assert np.array_equal(source(root).load().inputs, whole.inputs)
    assert decoder.taken() == []
    assert {file: file.stat().st_mtime_ns for file in kept(".pixels")} == before
