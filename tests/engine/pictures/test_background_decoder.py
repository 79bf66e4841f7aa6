"""The first epoch over new pictures begins while the others are still being decoded, and computes the same."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.engine.helpers import Recorder
from tests.engine.pictures.cached_pictures import Decoder, kept, source
from tests.engine.pictures.helpers import COUNT, Gate, needed_last, run, spec_of
from workbench.engine.catalog.datasets.base import Dataset
from workbench.engine.core import responsive_io
from workbench.engine.core.events import Command, EpochEnded, Event, RunStarted, Stepped, Stop
from workbench.engine.core.progress import Loading, finished
from workbench.engine.data import split as split_module
from workbench.engine.pictures import (
    background_decoder,
    cache,
    decode_entry,
    request,
    turns,
)
from workbench.engine.pictures.background_decoder import Arriving
from workbench.engine.pictures.turns import TURNS

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
    decoder: Decoder,
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


def test_two_runs_on_the_same_new_pictures_decode_each_once(root: Path, decoder: Decoder) -> None:
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


# --- What is waited for ------------------------------------------------------------------------------------------


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


# --- A picture that is left out ---------------------------------------------------------------------------------


def test_leaving_a_picture_out_and_taking_it_back_writes_nothing(root: Path, decoder: Decoder) -> None:
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
