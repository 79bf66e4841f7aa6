"""A run that is killed and goes on, and what of it must be equal to one that was never stopped."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.golden.digest import digest_of
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, Edit, Evaluated, Event, Resumed, RunEnded, Stepped
from workbench.engine.run_store.history import History
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training import checkpointer
from workbench.engine.training.checkpoint_writer import CheckpointWriter

Until = Callable[[Event], bool]
#: (finished steps, path, value): live edits, each as the answer to that step.
Edits = Sequence[tuple[int, str, Any]]


def nothing(event: Event) -> Command | None:
    return None


def saved_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every state is written at once, before the next step, so that a test knows what is there."""
    start = CheckpointWriter.start

    def at_once(self: CheckpointWriter, write: Any) -> None:
        start(self, write)
        assert self._thread is not None
        self._thread.join()

    monkeypatch.setattr(CheckpointWriter, "start", at_once)
    monkeypatch.setattr(checkpointer, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(checkpointer, "SAVE_WITHIN", 0.0)
    monkeypatch.setattr(checkpointer, "_SHARE", math.inf)


def steering(edits: Edits) -> Callable[[Event], Command | None]:
    """Makes each edit once, in its order; one whose step is negative comes behind the evaluation at that step."""
    left = list(edits)

    def command(event: Event) -> Command | None:
        if left:
            step, path, value = left[0]
            is_due = isinstance(event, Stepped) if step > 0 else type(event).__name__ == "EpochEnded"
            if is_due and getattr(event, "step", -1) == abs(step):
                del left[0]
                return Edit(path, value)
        return None

    return command


def whole(spec: ExperimentSpec, parent: Path, edits: Edits = ()) -> tuple[Path, History]:
    """An uninterrupted run: its folder and its history."""
    folder, history = RunFolder.create(spec, parent), History()
    drive(train(spec, folder, history.steps), steering(edits), history.fold)
    return folder.path, history


def killed(spec: ExperimentSpec, parent: Path, until: Until, edits: Edits = ()) -> Path:
    """The folder as a killed process leaves it: at the event ``until``, which is not answered any more."""
    folder = RunFolder.create(spec, parent)
    return _cut_off(train(spec, folder), folder.path, parent, until, steering(edits))


def killed_everywhere(
    spec: ExperimentSpec, parent: Path, untils: dict[str, Until], edits: Edits = ()
) -> dict[str, Path]:
    """The folders, by the names in ``untils``, as a kill at the first event of each would leave the same run."""
    folder, left, kept = RunFolder.create(spec, parent), dict(untils), dict[str, Path]()

    def copied(event: Event) -> None:
        for name in [name for name, until in left.items() if until(event)]:
            del left[name]
            kept[name] = shutil.copytree(folder.path, parent / name / folder.path.name)

    drive(train(spec, folder), steering(edits), copied)
    assert not left
    return kept


def killed_again(path: Path, until: Until, edits: Edits = ()) -> Path:
    """A run that goes on and is killed once more."""
    spec, folder, start = reopened(path)
    return _cut_off(train(spec, folder, start=start), path, path.parent, until, steering(edits))


def _cut_off(run: Any, path: Path, parent: Path, until: Until, command: Callable[[Event], Command | None]) -> Path:
    event = next(run)
    while not until(event):
        assert not isinstance(event, RunEnded)
        event = run.send(command(event))
    kept = parent / "kept-aside"
    shutil.copytree(path, kept)
    run.close()
    shutil.rmtree(path, ignore_errors=True)
    kept.rename(path)
    return path


def gone_on(path: Path, edits: Edits = (), changes: Sequence[tuple[str, Any]] = ()) -> tuple[Resumed, History]:
    """The run in ``path`` goes on to its end: what it said, and its history."""
    spec, folder, start = reopened(path, changes)
    history, said = History(), []

    def fold(event: Event) -> None:
        history.fold(event)
        said.extend([event] if isinstance(event, Resumed) else [])

    ended = drive(train(spec, folder, history.steps, start=start), steering(edits), fold)
    assert ended.reason != "failed", ended.message + ended.details
    (resumed,) = said
    return resumed, history


#: Events that depend on when something was written.
_BY_TIME = ("WeightsSaved", "Resumed")
#: Notices about faults of the disk.
_OF_FAULTS = ("save_failed", "saved_again", "log_failed")
_TIMES = ("seconds", "images_per_second", "folder", "path_of_run")


def log_of(path: Path) -> list[dict[str, Any]]:
    """The lines of the log without times and places."""
    lines = [json.loads(line) for line in (path / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = [line for line in lines if line["event"] not in _BY_TIME and line.get("code") not in _OF_FAULTS]
    return [{name: each for name, each in line.items() if name not in _places(line)} for line in kept]


def _places(line: dict[str, Any]) -> tuple[str, ...]:
    return (*_TIMES, "path") if line["event"] in ("Certified",) else _TIMES


def assert_same(got: Path, want: Path, got_history: History, want_history: History) -> None:
    """Files, log and history of a run that went on, and of one that was never stopped."""
    assert digest_of(got) == digest_of(want)
    members = sorted(each.name for each in want.glob("member-*"))
    for each in ("", *members):
        assert log_of(got / each) == log_of(want / each)
        assert read_steps_from(got / each)[1][:, :4].tobytes() == read_steps_from(want / each)[1][:, :4].tobytes()
    assert measured(got_history) == measured(want_history)


def measured(history: History) -> Any:
    """What the curves show, without times."""
    evaluations = [_timeless(each) for each in history.evaluations]
    more = [replace(each, seconds=()) for each in history.ensemble]
    notices = [each for each in history.notices if each.code not in _OF_FAULTS]
    steps = history.steps.read(0)[1][:, :4].tobytes()
    return steps, evaluations, more, history.folds, history.edits, notices, history.tested


def _timeless(event: Evaluated) -> Evaluated:
    return replace(event, seconds=0.0, images_per_second=0.0)


@contextmanager
def left_out(monkeypatch: pytest.MonkeyPatch, part: str) -> Iterator[None]:
    """Within it a kept state is read without the part at the dotted path ``part``; what a fresh run has stays."""
    from workbench.engine.training.state import TrainState

    restore = TrainState.restore

    def partly(self: TrainState, saved: dict[str, Any]) -> None:
        fresh, head = self.state(), part.partition(".")
        mended = dict(saved)
        if head[2]:
            mended[head[0]] = dict(saved[head[0]]) | {head[2]: fresh[head[0]][head[2]]}
        else:
            mended[part] = fresh[part]
        restore(self, mended)

    with monkeypatch.context() as patch:
        patch.setattr(TrainState, "restore", partly)
        yield
