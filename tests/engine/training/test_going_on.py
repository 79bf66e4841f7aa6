"""The parts of going on: rows that are given back, commands that wait, edits at the kept step, states of a kind."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tests.engine.helpers import small_spec
from tests.engine.training.resuming import killed, saved_each_step
from tests.engine.training.test_resume import after
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Edit, Edited, Event, Resumed, Stepped
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import COLUMNS, StepStore
from workbench.engine.data.examples import Examples
from workbench.engine.run_store.kept_state import KeptState
from workbench.engine.run_store.log_cut import LogCut
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.train import train
from workbench.engine.training.going_on import due_edits, fill, steered


@pytest.mark.parametrize(
    ("first", "count", "at", "begins", "known", "lost"),
    [(0, 8, 5, 0, 5, 0), (0, 3, 5, 0, 3, 2), (2, 8, 5, 2, 3, 0), (5, 8, 5, 5, 0, 0), (7, 8, 5, 5, 0, 0)],
)
def test_rows_up_to_the_kept_step_are_given_back(
    first: int, count: int, at: int, begins: int, known: int, lost: int
) -> None:
    """The last case: the file of the steps was lost and begun anew behind the state."""
    rows = np.arange(count * len(COLUMNS), dtype=np.float64).reshape(count, len(COLUMNS))
    steps = StepStore()
    said = fill(steps, first, rows, at)
    got_first, got = steps.read(0)
    assert (steps.count, got_first, len(got)) == (at, begins, known + lost)
    assert np.array_equal(got[:known], rows[:known]) and np.isnan(got[known:]).all()
    assert said == ([f"The figures of {lost} steps before it are lost."] if lost else [])


class _Going:
    """A run that yields ``events`` and notes how each of them was answered; and the folder that is told."""

    def __init__(self, *events: Event) -> None:
        self._events, self.answers = events, list[Command | None]()
        self.told: list[tuple[str, int]] = []

    def run(self) -> Generator[Event, Command | None, None]:
        for event in self._events:
            self.answers.append((yield event))

    @property
    def folder(self) -> RunFolder:
        return cast(RunFolder, SimpleNamespace(went_on=lambda name, step: self.told.append((name, step))))


def test_commands_wait_until_it_goes_on_and_then_come_in_their_order() -> None:
    """First the edits that are due at the step, then those it goes on with, then what the user has done meanwhile."""
    again, with_it = Edited(4, "optimizer.lr", 0.1, 0.2), Edit("optimizer.lr", 0.3)
    one, two = Edit("optimizer.lr", 0.4), Edit("optimizer.lr", 0.5)
    reading, resumed = Loading(0, 0, "Reading"), Resumed(4, "last.pt", "equal", "", (again,))
    going = _Going(reading, reading, resumed, *(Stepped(4) for _ in range(4)))
    run = steered(going.run(), Tape((again,)), (with_it,), going.folder)
    commands = iter([one, two])
    next(run)
    for _ in range(6):
        run.send(next(commands, None))
    assert list(run) == []
    assert going.answers == [None, None, Edit("optimizer.lr", 0.2), with_it, one, two, None]
    assert going.told == [("last.pt", 4)]


@pytest.mark.parametrize(("measured_step", "waits"), [(4, False), (3, True)])
def test_only_edits_at_the_kept_step_do_not_wait_for_an_evaluation_that_was_made(
    measured_step: int, waits: bool
) -> None:
    state: dict[str, Any] = {"progress": {"step": 4, "measured_step": measured_step}}
    edits = tuple(Edited(step, "optimizer.lr", 0.1, 0.2, measured=True) for step in (4, 8))
    due = due_edits(LogCut(edits=edits), KeptState("last.pt", state))
    assert [(edit.step, edit.measured) for edit in due] == [(4, waits), (8, True)]


def test_without_a_state_of_the_wanted_kind_it_does_not_begin_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the run has reached would be lost."""
    saved_each_step(monkeypatch)
    path = killed(small_spec(augmentations=[]), tmp_path, after(2))
    for name in ("good.pt", "best.pt", "previous.pt"):
        (path / "checkpoints" / name).unlink(missing_ok=True)
    before = (path / "events.jsonl").read_bytes(), (path / "checkpoints" / "last.pt").read_bytes()
    spec, folder, start = reopened(path, which="good")
    with pytest.raises(WorkbenchError, match="has kept no state of this kind"):
        list(train(spec, folder, start=start))
    assert before == ((path / "events.jsonl").read_bytes(), (path / "checkpoints" / "last.pt").read_bytes())


def test_the_proof_leaves_the_examples_to_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a folder of pictures some may still have to be read when the proof has ended."""
    saved_each_step(monkeypatch)
    path = killed(small_spec(augmentations=[]), tmp_path, after(3))
    closed: list[Examples] = []
    monkeypatch.setattr(Examples, "close", lambda self: closed.append(self))
    spec, folder, start = reopened(path)
    run = train(spec, folder, start=start)
    resumed = next(event for event in run if isinstance(event, Resumed))
    assert resumed.proof == "equal" and not closed
    run.close()
    assert len(closed) == 1
