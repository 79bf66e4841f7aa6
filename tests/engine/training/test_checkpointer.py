"""When states are kept, which ones, and what becomes of a write that fails or takes long."""

from __future__ import annotations

import errno
import math
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.helpers import small_spec
from tests.engine.training.resuming import saved_each_step
from workbench.engine.core.events import Command, Edit, EpochEnded, Event, RunEnded, Stepped
from workbench.engine.nn.tensors import all_finite
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.run_store.manifest import steps_of
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training import checkpointer
from workbench.engine.training.checkpoint_writer import CheckpointWriter, Written
from workbench.engine.training.checkpointer import Checkpointer
from workbench.engine.training.saved_part import SavedRun
from workbench.engine.training.set_up import set_up


def up_to(spec: ExperimentSpec, place: Path, until: Callable[[Event], bool], **edits: Any) -> Path:
    """The folder of a run as it is at the event ``until``, with what was being written."""
    folder = RunFolder.create(spec, place)
    run, command = train(spec, folder), None
    event = next(run)
    while not until(event):
        command = edits["steer"](event) if "steer" in edits else None
        event = run.send(command)
    run.close()
    return folder.path


def after(step: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Stepped) and event.step == step


def test_the_first_state_is_kept_right_after_the_start(tmp_path: Path) -> None:
    folder = RunFolder.create(small_spec(), tmp_path)
    run = train(small_spec(), folder)
    while not after(1)(next(run)):
        pass
    for thread in threading.enumerate():
        if thread.name == "checkpoint":
            thread.join()
    kept = kept_state(folder.path)
    assert kept is not None and kept.step == 0 and kept.state["progress"]["measured_start"]
    run.close()


def test_within_a_long_epoch_a_state_is_kept_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At evaluations alone it would be kept once an epoch, however long that takes."""
    saved_each_step(monkeypatch)
    monkeypatch.setattr(checkpointer, "SAVE_EVERY", math.inf)
    path = up_to(small_spec(), tmp_path, after(6))
    kept = kept_state(path)
    assert kept is not None and kept.step == 5 and len(read_steps_from(path)[1]) == 5


@pytest.mark.parametrize(("seconds", "pause"), [(0.01, 5.0), (1.0, 20.0), (100.0, 30.0)])
def test_slow_writes_come_less_often_but_within_half_a_minute(
    seconds: float, pause: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now = 1000.0
    monkeypatch.setattr(checkpointer.time, "perf_counter", lambda: now)
    run = set_up(small_spec(), RunFolder.create(small_spec(), tmp_path))
    kept = Checkpointer(SavedRun(run))
    kept.was_read()
    list(kept._told(Written((), seconds)))
    assert not kept._is_late(checkpointer.SAVE_EVERY)
    now += pause - 0.01
    assert not kept._is_late(checkpointer.SAVE_EVERY)
    now += 0.02
    assert kept._is_late(checkpointer.SAVE_EVERY)


def test_a_state_that_was_read_from_the_folder_is_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that goes on and is stopped before its first step costs no write."""
    written: list[int] = []
    monkeypatch.setattr(RunFolder, "save", lambda self, copy: written.append(copy.step) or ())
    run = set_up(small_spec(), RunFolder.create(small_spec(), tmp_path))
    kept = Checkpointer(SavedRun(run))
    kept.was_read()
    list(kept.save())
    assert not written and not kept.is_due
    run.state.progress.step = 1
    list(kept.save())
    assert written == [1]


def test_a_write_that_is_under_way_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drive answers when it likes; steps go on, and no second write begins beside the first."""
    answered, begun = threading.Event(), []

    def slow(self: RunFolder, copy: Any) -> tuple[()]:
        begun.append(copy.step)
        answered.wait(30)
        return ()

    monkeypatch.setattr(checkpointer, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(checkpointer, "SAVE_WITHIN", 0.0)
    monkeypatch.setattr(RunFolder, "save", slow)
    folder = RunFolder.create(small_spec(), tmp_path)
    run = train(small_spec(), folder)
    while not after(15)(next(run)):
        pass
    assert begun == [0]
    answered.set()
    run.close()


def test_best_and_good_are_states_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CK15: the rate is raised after the first epoch, and the run diverges: both are from before."""
    saved_each_step(monkeypatch)

    def raise_rate(event: Event) -> Command | None:
        return Edit("optimizer.lr", 1e7) if isinstance(event, EpochEnded) and event.epochs_done == 1 else None

    path = up_to(small_spec(), tmp_path, lambda event: isinstance(event, RunEnded), steer=raise_rate)
    steps = steps_of(path)
    assert steps["good.pt"] == steps["best.pt"] == 7 < steps["last.pt"]
    for which in ("good", "best"):
        kept = kept_state(path, which)  # type: ignore[arg-type]
        assert kept is not None and kept.step == 7 and all_finite(kept.state["network"])
        assert max(float(each.abs().max()) for each in kept.state["network"].values()) < 100
    best = kept_state(path, "best")
    assert best is not None
    network, kept_best = best.state["network"], best.state["best_weights"]
    assert all(torch.equal(network[name], kept_best[name]) for name in network)


def test_good_shares_its_bytes_with_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved_each_step(monkeypatch)
    monkeypatch.setattr(checkpointer, "SAVE_WITHIN", math.inf)
    path = up_to(small_spec(), tmp_path, after(15))
    last, good = (path / "checkpoints" / name for name in ("last.pt", "good.pt"))
    assert steps_of(path)["good.pt"] == steps_of(path)["last.pt"] == 14
    assert last.samefile(good) and last.read_bytes() == good.read_bytes()


def test_a_drive_without_links_has_good_written_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    saved_each_step(monkeypatch)
    monkeypatch.setattr(checkpointer, "SAVE_WITHIN", math.inf)
    monkeypatch.setattr(os, "link", refused)
    path = up_to(small_spec(), tmp_path, after(15))
    last, good = (path / "checkpoints" / name for name in ("last.pt", "good.pt"))
    assert not last.samefile(good) and last.read_bytes() == good.read_bytes()


def test_a_best_state_whose_write_has_failed_is_written_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_each_step(monkeypatch)
    real, failed = CheckpointWriter.start, []

    def once(self: CheckpointWriter, write: Callable[[], Any]) -> None:
        def fails() -> Any:
            failed.append(True)
            raise OSError(errno.EIO, "Input/output error")

        real(self, write if failed or not (tmp_path / "now").exists() else fails)

    monkeypatch.setattr(CheckpointWriter, "start", once)

    def mark(event: Event) -> None:
        if isinstance(event, Stepped) and event.step == 7:
            (tmp_path / "now").touch()

    path = up_to(small_spec(), tmp_path / "runs", after(9), steer=mark)
    assert failed and steps_of(path)["best.pt"] == 7


def test_a_drive_that_does_not_answer_is_waited_for_only_so_long() -> None:
    """The emergency exit has only so much time; what was being written is asked for later, if there is a later."""
    answered, writer = threading.Event(), CheckpointWriter()
    threading.Timer(20, answered.set).start()  # without a limit it would end here, late

    def slow() -> tuple[()]:
        answered.wait()
        return ()

    writer.start(slow)
    assert writer.wait(0.01) is None and writer.is_busy and not answered.is_set()
    answered.set()
    ended = writer.wait()
    assert ended is not None and not ended.trouble and not writer.is_busy
