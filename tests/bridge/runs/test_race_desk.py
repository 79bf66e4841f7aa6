"""The desk of races and its dialogs' words, given events by hand: what is said, kept, forgotten and replayed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from workbench.bridge.runner import Runner, State
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.race_typing import RaceTyping
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.events import Edited, EvalProgress, Notice, RunEnded, RunStarted
from workbench.engine.core.progress import Loading
from workbench.engine.core.race_events import AFTER_ROUND, RaceChange, RacerEvent
from workbench.engine.race.file import save
from workbench.engine.race.ready import ready_races
from workbench.engine.race.spec import Racer, RaceSpec
from workbench.engine.race.standings import Standings

LONG = 60_000
BASE = small_spec(loop__epochs=1)
TWO = RaceSpec(BASE, (Racer.of("One", {}), Racer.of("Two", {"optimizer.lr": 0.5})))
WHOLE = RunEnded("completed", 3, 0, 1.0, "Finished.")


class Heard:
    """A desk and what it says."""

    def __init__(self, runner: Runner, tasks: Tasks) -> None:
        self.session = Session(SpecStore(BASE), runner)
        self.desk = RaceDesk(self.session, tasks)
        self.typing = RaceTyping(self.desk)
        self.told: list[tuple[str, str]] = []
        self.opened: list[Path] = []
        self.desk.told.connect(lambda words, kind: self.told.append((words, kind)))
        self.desk.opened_path.connect(self.opened.append)

    def race(self, standings: Standings | None = None) -> Standings:
        """As if a race of TWO were on."""
        self.desk.draft.put(TWO)
        self.desk.standings = standings or Standings(TWO.racers)
        self.desk._raced, self.desk.is_racing = TWO, True
        return self.desk.standings


@pytest.fixture
def heard(qtbot: QtBot, runner: Runner, tasks: Tasks, workbench_home: Path) -> Heard:
    return Heard(runner, tasks)


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_of_the_users_own_is_remembered_and_one_of_the_program_is_not(heard: Heard, tmp_path: Path) -> None:
    assert heard.desk.open(ready_races()[0].path) and heard.opened == []
    save(TWO, tmp_path / "race.toml")
    assert heard.desk.open(tmp_path / "race.toml")
    heard.desk.save(tmp_path / "other.toml")
    assert heard.opened == [tmp_path / "race.toml", tmp_path / "other.toml"]


def test_recorded_changes_are_replayed_only_where_that_is_chosen(heard: Heard, tmp_path: Path) -> None:
    tape = (RaceChange(1, "drop", 1),)
    save(replace(TWO, tape=tape), tmp_path / "race.toml")
    heard.desk.open(tmp_path / "race.toml")
    assert heard.desk.replays and heard.desk._to_race.tape == tape
    heard.desk.set_replays(False)
    assert heard.desk._to_race == TWO
    heard.desk.set_replays(True)
    heard.desk.draft.set_words(title="Another")
    assert heard.desk.replays, "a title changes nothing of the race"
    heard.desk.draft.remove([1])
    assert not heard.desk.replays, "its changes are gone"


def test_after_a_race_its_changes_are_not_replayed_unasked(heard: Heard) -> None:
    heard.race()
    heard.desk.replays = True
    heard.desk._on_ended(WHOLE)
    assert not heard.desk.replays and not heard.desk.is_racing


@pytest.mark.parametrize(
    ("reason", "trouble", "kind"),
    [("completed", "", "info"), ("completed", "The disk is full.", "warning"), ("failed", "", "error")],
)
def test_the_end_is_said_with_what_was_kept(heard: Heard, reason: str, trouble: str, kind: str) -> None:
    heard.race()
    kept: Any = SimpleNamespace(went=TWO, trouble=trouble, file=Path("races/one.toml"))
    heard.desk._maker = SimpleNamespace(kept=kept)  # type: ignore[assignment]
    heard.desk._on_ended(replace(WHOLE, reason=reason))  # type: ignore[arg-type]
    assert heard.told == [(f"Finished. {trouble or 'Kept in races/one.toml.'}", kind)]


# --- while it is on --------------------------------------------------------------------------------------------------


def test_a_racer_that_comes_too_late_is_not_shown(heard: Heard) -> None:
    """The race has ended in its thread, and the window has not heard of it yet."""
    standings = heard.race()
    assert heard.typing.add("Late", [("optimizer.lr", "0.25")]) == "The race has ended; nothing was added."
    assert [each.racer.name for each in standings.racers] == ["One", "Two"]


def test_an_edit_that_comes_too_late_says_so(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.race()
    changes = [("optimizer.lr", "0.25"), ("loop.batch_size", "16")]
    assert heard.typing.edit(0, changes) == "The race has ended; nothing was changed."
    answers = [True, True, True, False]
    monkeypatch.setattr(heard.desk, "edit", lambda *given: answers.pop(0))
    assert heard.typing.edit(0, changes) == ""
    assert heard.typing.edit(0, changes) == "The race has ended; nothing was changed."


def test_the_round_is_the_largest_that_any_racer_has_reached(heard: Heard) -> None:
    standings = heard.race()
    assert heard.desk.round == 0
    for _ in range(3):
        standings.racers[0].history.steps.append(1.0, 0.5, 0.1, 1.0, 0.1)
    heard.desk._on_events([RaceChange(5, "add", 1)])
    assert heard.desk.round == 5
    standings.racers[1].history.steps.append(1.0, 0.5, 0.1, 1.0, 0.1)
    assert heard.desk.round == 6 and RaceDesk.state.fget is not None


def test_that_a_command_waits_is_said_only_where_nothing_goes_on(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.race()
    notices = [Notice(3, AFTER_ROUND, "Later.", "info"), Notice(3, "no_racer", "Gone.", "warning")]
    heard.desk._on_events(notices)
    assert heard.told == [("Gone.", "warning")]
    monkeypatch.setattr(RaceDesk, "state", property(lambda desk: State.PAUSED))
    heard.desk._on_events(notices)
    assert heard.told[1:] == [("Later.", "info"), ("Gone.", "warning")]


def test_only_what_takes_long_is_said_beside_the_round(heard: Heard) -> None:
    heard.race()
    for event, doing in (
        (Loading(1, 9, "Reading the data"), "Reading the data"),
        (EvalProgress(3, 1, 9, "One: validation", 0.1), ""),
        (EvalProgress(3, 5, 9, "One: validation", 0.9), "One: validation"),
        (WHOLE, "One: validation"),
        (RaceChange(3, "hold", 0), ""),
    ):
        heard.desk._on_events([event])
        assert heard.desk.doing == doing


def test_a_racer_that_trains_has_its_live_changes(heard: Heard) -> None:
    standings = heard.race()
    started = RunStarted({}, "cpu", "", 1, 1, 1, 1, 1, ("0", "1"), (1, 8, 8), 1, "")
    for event in (started, Edited(2, "optimizer.lr", 0.5, 0.25)):
        heard.desk._on_events([RacerEvent(1, event)])
    assert standings.racers[1].history.edits
    assert heard.typing.spec_of(1).optimizer.lr == 0.25
    assert heard.typing.spec_of(0).optimizer.lr == BASE.optimizer.lr


def test_a_changed_setting_is_applied_behind_the_others(heard: Heard) -> None:
    """The rate of an optimizer that is chosen after it was typed before."""
    heard.desk.draft.put(RaceSpec(BASE, (Racer.of("One", {"optimizer.lr": 0.5, "optimizer": {"kind": "sgd"}}),)))
    assert heard.typing.change(0, "One", [("optimizer.lr", "0.25")]) == ""
    assert heard.typing.spec_of(0).optimizer.lr == 0.25
    assert list(heard.desk.racers[0].settings) == ["optimizer", "optimizer.lr"]
