"""Races in the window's process: set up, run, edited while they run, kept, with fair rates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from workbench.bridge.runner import Runner, State
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.race_typing import RaceTyping
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import Notice
from workbench.engine.race.file import load
from workbench.engine.race.spec import Racer
from workbench.engine.race.standings import Standing
from workbench.engine.run_store.resumable import resumable

LONG = 60_000
QUICK = small_spec(loop__epochs=1)
#: A race of these ends when it is stopped.
ENDLESS = small_spec(loop__epochs=100_000)


class Bench:
    """The desk of races with its session, as the window has them, and its messages."""

    def __init__(self, runner: Runner, tasks: Tasks) -> None:
        self.store = SpecStore(QUICK)
        self.session = Session(self.store, runner)
        self.desk = RaceDesk(self.session, tasks)
        self.typing = RaceTyping(self.desk)
        self.told: list[str] = []
        self.desk.told.connect(lambda words, kind: self.told.append(words))

    def begin(self, *names: str) -> None:
        """Set up a race of the form's settings with a racer for each name."""
        self.desk.begin()
        self.desk.draft.remove([0])
        self.desk.add([Racer.of(name, {}) for name in names])

    def racer(self, at: int) -> Standing:
        assert self.desk.standings is not None
        return self.desk.standings.racers[at]


@pytest.fixture
def bench(qtbot: QtBot, runner: Runner, tasks: Tasks, workbench_home: Path) -> Iterator[Bench]:
    made = Bench(runner, tasks)
    yield made
    made.desk.fair.cancel()
    made.session.stop()
    qtbot.waitUntil(lambda: not made.session.is_active and tasks.current is None, timeout=LONG)


def raced(qtbot: QtBot, bench: Bench) -> None:
    """Race to the end."""
    with qtbot.waitSignal(bench.desk.ended, timeout=LONG):
        bench.desk.start()


def begun(qtbot: QtBot, bench: Bench, *names: str) -> None:
    """Begin a race that does not end by itself, and wait until all have trained a step."""
    bench.store.load(ENDLESS)
    bench.begin(*names)
    bench.desk.start()
    qtbot.waitUntil(lambda: all(bench.racer(at).step > 0 for at in range(len(names))), timeout=LONG)


# --- setting up ------------------------------------------------------------------------------------------------------


def test_a_race_begins_with_the_settings_of_the_form(bench: Bench) -> None:
    bench.store.load(QUICK.edited("loop.fastest", True))
    bench.desk.begin()
    assert bench.desk.draft.base == QUICK  # what one run would measure is not measured
    assert [racer.name for racer in bench.desk.racers] == ["As they are"]
    assert bench.desk.why_not == ""


def test_typed_racers_get_distinct_names_from_their_settings(bench: Bench) -> None:
    bench.desk.begin()
    assert bench.typing.add("", [("optimizer.lr", "0.5")]) == ""
    assert bench.typing.add("Slow", [("optimizer", "sgd"), ("optimizer.lr", "0.001")]) == ""
    assert bench.typing.add("Slow", [("loop.batch_size", "16")]) == ""
    assert [racer.name for racer in bench.desk.racers] == ["As they are", "Learning rate 0.5", "Slow", "Slow 2"]
    assert bench.typing.spec_of(2).optimizer.kind == "sgd"
    assert "Learning rate" in bench.typing.add("Bad", [("optimizer.lr", "fast")])
    assert len(bench.desk.racers) == 4


def test_a_setting_equal_to_the_base_is_removed_from_the_racer(bench: Bench) -> None:
    bench.desk.begin()
    bench.typing.add("One", [("optimizer.lr", "0.5"), ("loop.batch_size", "16")])
    assert bench.typing.change(1, "Two", [("optimizer.lr", "0.01")]) == ""
    assert bench.desk.racers[1] == Racer.of("Two", {"loop.batch_size": 16})


def test_each_change_of_the_set_up_is_undone_by_one_step(bench: Bench) -> None:
    bench.desk.begin()
    first = bench.desk.draft.spec
    bench.desk.add(bench.typing.values("optimizer.lr", "0.1, 0.3"))
    second = bench.desk.draft.spec
    bench.desk.draft.remove([0, 1])
    bench.desk.draft.undo()
    assert bench.desk.draft.spec == second
    bench.desk.draft.undo()
    assert bench.desk.draft.spec == first
    bench.desk.draft.redo()
    assert bench.desk.draft.spec == second
    bench.desk.draft.undo()
    bench.desk.draft.set_words(title="Another")
    assert not bench.desk.draft.can_redo


def test_more_racers_than_there_may_be_are_refused(bench: Bench) -> None:
    bench.desk.begin()
    trouble = bench.desk.add([Racer.of("One", {})] * 12)
    assert trouble == "A race has at most 12 racers: with these it would have 13."
    assert len(bench.desk.racers) == 1


def test_a_race_that_cannot_begin_says_why(bench: Bench) -> None:
    bench.desk.begin()
    bench.typing.add("Empty", [("data.validation_fraction", "0"), ("data.source", "folder")])
    assert "Folder" in bench.desk.why_not and "(racer Empty)" in bench.desk.why_not
    bench.desk.start()
    assert not bench.desk.is_racing


# --- racing ----------------------------------------------------------------------------------------------------------


def test_a_race_is_run_and_kept(qtbot: QtBot, bench: Bench) -> None:
    bench.begin("One", "Two")
    bench.desk.draft.change(1, Racer.of("Two", {"optimizer.lr": 1e5}))
    raced(qtbot, bench)
    assert [bench.racer(at).state for at in range(2)] == ["finished", "diverged"]
    (kept,) = (runs_folder().parent / "races").iterdir()
    assert load(kept) == bench.desk.draft.spec
    assert f"Kept in {kept}." in bench.told[-1]
    assert bench.session.history.started is None  # it is no run of the form
    assert not bench.desk.is_racing and bench.desk.state is State.IDLE
    assert bench.session.job_words == ""


def test_standings_go_when_the_racers_are_changed_and_come_back_with_them(qtbot: QtBot, bench: Bench) -> None:
    bench.begin("One")
    raced(qtbot, bench)
    standings = bench.desk.standings
    assert standings is not None
    bench.typing.add("Two", [])
    assert bench.desk.standings is None
    bench.desk.draft.undo()
    assert bench.desk.standings is standings
    assert bench.desk.why_not == ""


def test_racers_join_are_edited_held_and_dropped_during_a_race(qtbot: QtBot, bench: Bench) -> None:
    begun(qtbot, bench, "One", "Two")
    assert bench.typing.add("Late", [("optimizer.lr", "0.5")]) == ""
    qtbot.waitUntil(lambda: bench.racer(2).step > 0 and bench.racer(2).joined > 0, timeout=LONG)
    assert bench.typing.edit(0, [("optimizer.lr", "0.25")]) == ""
    qtbot.waitUntil(lambda: bench.typing.spec_of(0).optimizer.lr == 0.25, timeout=LONG)
    qtbot.waitUntil(lambda: bench.racer(0).rate == 0.25, timeout=LONG)
    assert bench.desk.drop(1)
    qtbot.waitUntil(lambda: bench.racer(1).state == "stopped", timeout=LONG)
    assert bench.desk.hold(2, True)
    qtbot.waitUntil(lambda: bench.racer(2).is_held, timeout=LONG)
    with qtbot.waitSignal(bench.desk.ended, timeout=LONG):
        bench.desk.stop()
    spec = bench.desk.draft.spec
    assert spec is not None
    assert [change.does for change in spec.tape] == ["add", "edit", "drop", "hold", "stop", "stop"]
    folder = bench.racer(1).history.started
    assert folder is not None and isinstance(resumable(Path(folder.folder)), int)


def test_while_it_is_paused_racers_are_changed_without_a_step(qtbot: QtBot, bench: Bench) -> None:
    begun(qtbot, bench, "One")
    bench.session.step_one()  # it holds at the end of a round, not within an evaluation
    qtbot.waitUntil(lambda: bench.desk.state is State.PAUSED, timeout=LONG)
    step = bench.racer(0).step
    bench.typing.edit(0, [("optimizer.lr", "0.25")])
    qtbot.waitUntil(lambda: bool(bench.racer(0).history.edits), timeout=LONG)
    assert bench.racer(0).step == step
    bench.desk.pause_or_resume()
    qtbot.waitUntil(lambda: bench.racer(0).step > step, timeout=LONG)


def test_a_pause_ends_also_where_the_run_before_has_diverged(qtbot: QtBot, bench: Bench) -> None:
    bench.session.history.fold(Notice(3, "diverged", "It diverged.", "error"))
    begun(qtbot, bench, "One")
    bench.session.step_one()
    qtbot.waitUntil(lambda: bench.desk.state is State.PAUSED, timeout=LONG)
    step = bench.racer(0).step
    bench.desk.pause_or_resume()
    qtbot.waitUntil(lambda: bench.racer(0).step > step, timeout=LONG)


def test_a_racer_that_is_refused_changes_nothing(qtbot: QtBot, bench: Bench) -> None:
    begun(qtbot, bench, "One")
    assert "Folder" in bench.typing.add("Bad", [("data.source", "folder")])
    assert len(bench.desk.racers) == 1


def test_no_race_begins_while_a_run_trains(qtbot: QtBot, bench: Bench) -> None:
    bench.store.load(ENDLESS)
    bench.begin("One")
    bench.session.train()
    qtbot.waitUntil(lambda: bench.session.history.steps.count > 0, timeout=LONG)
    assert "A run is training" in bench.desk.why_not
    bench.desk.start()
    assert not bench.desk.is_racing


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_race_that_has_run_replays_from_its_file(qtbot: QtBot, bench: Bench, tmp_path: Path) -> None:
    begun(qtbot, bench, "One", "Two")
    bench.desk.drop(1)
    qtbot.waitUntil(lambda: bench.racer(1).state == "stopped", timeout=LONG)
    with qtbot.waitSignal(bench.desk.ended, timeout=LONG):
        bench.desk.stop()
    steps = [bench.racer(at).step for at in range(2)]
    bench.desk.save(tmp_path / "race.toml")
    assert bench.desk.open(tmp_path / "race.toml")
    assert bench.desk.replays
    raced(qtbot, bench)
    assert [bench.racer(at).step for at in range(2)] == steps


def test_a_file_that_is_no_race_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.desk.begin()
    before = bench.desk.draft.spec
    (tmp_path / "race.toml").write_text("[[racers]]\nname = 3")
    assert not bench.desk.open(tmp_path / "race.toml")
    assert bench.desk.draft.spec == before
    assert "race.toml was not opened" in bench.told[-1]


# --- fair rates ------------------------------------------------------------------------------------------------------


def test_fair_rates_are_found_and_used_as_one_change(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.bridge.runs import race_desk
    from workbench.engine.experiments.fair_rates import FairTest

    test = FairTest(low=1e-3, high=10.0, rates=3, steps=4, seeds=1)
    monkeypatch.setattr(race_desk, "FairTest", lambda: test)
    bench.begin("One", "Two")
    bench.desk.find_rates()
    qtbot.waitUntil(lambda: len(bench.desk.rates) == 2, timeout=LONG)
    before = bench.desk.draft.spec
    best = [rate.best for rate in bench.desk.rates]
    bench.desk.use_rates()
    assert [racer.settings.get("optimizer.lr") for racer in bench.desk.racers] == best
    assert bench.desk.rates == ()  # they belong to other settings
    bench.desk.draft.undo()
    assert bench.desk.draft.spec == before
