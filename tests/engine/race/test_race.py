"""Racers are ordinary runs: bit-equal to their runs alone, also when other racers join, leave or fail."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.engine.race.races import KINDS, Raced, alone, files, folder_of, numbers, race_spec
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Command,
    Edit,
    EpochEnded,
    EvalProgress,
    Event,
    Notice,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.core.race_events import AddRacer, DropRacer, EditRacer, HoldRacer, RaceChange, RacerEvent
from workbench.engine.data.store import DataStore
from workbench.engine.race.spec import RaceSpec
from workbench.engine.race.standings import Standing
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.resumable import resumable
from workbench.engine.run_store.run_folder import read_tape
from workbench.engine.shelf.about import read_about
from workbench.engine.train import train

ALL = tuple(KINDS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Raced:
    """A race of all racers without live changes."""
    return Raced(race_spec(*ALL), tmp_path_factory.mktemp("race"))


@pytest.fixture(scope="module")
def by_itself(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Standing]:
    """Each racer's settings trained alone, once."""

    @cache
    def trained(name: str) -> Standing:
        return alone(race_spec(name).spec_of(0), tmp_path_factory.mktemp("alone"))

    return trained


def at_round(commands: dict[int, Command]) -> Callable[[Event], Command | None]:
    """Commands that are given after some rounds, each once."""
    left = dict(commands)

    def give(event: Event) -> Command | None:
        return left.pop(event.step, None) if isinstance(event, Stepped) else None

    return give


def assert_same(one: Standing, other: Standing) -> None:
    assert numbers(one) == numbers(other)
    assert files(folder_of(one)) == files(folder_of(other))


@pytest.mark.parametrize("name", ALL)
def test_each_racer_is_bit_equal_to_its_run_alone(
    name: str, whole: Raced, by_itself: Callable[[str], Standing]
) -> None:
    assert_same(whole.of(name), by_itself(name))


def test_racers_begin_with_the_same_weights_and_see_the_same_batches() -> None:
    spec = RaceSpec(race_spec("SGD").base, (*race_spec("SGD").racers, *race_spec("Adam").racers))
    raced = Raced(RaceSpec(spec.spec_of(0), tuple(type(r)(n, {}) for r, n in zip(spec.racers, "ab", strict=True))))
    assert numbers(raced.of("a")) == numbers(raced.of("b"))


def test_racers_that_join_or_leave_do_not_affect_the_others(
    tmp_path: Path, by_itself: Callable[[str], Standing]
) -> None:
    commands = at_round({3: AddRacer("SGD", KINDS["SGD"]), 4: DropRacer(1)})
    raced = Raced(race_spec("Adam", "CNN"), tmp_path, commands)
    assert_same(raced.of("Adam"), by_itself("Adam"))
    assert_same(raced.of("SGD"), by_itself("SGD"))
    assert (raced.of("SGD").joined, raced.of("SGD").state) == (3, "finished")
    assert (raced.of("CNN").step, raced.of("CNN").state, raced.of("CNN").words) == (4, "stopped", "stopped")
    assert raced.ended.reason == "completed"


def test_a_diverged_racer_has_a_tombstone_and_the_others_continue(whole: Raced) -> None:
    wild = whole.of("Wild")
    assert (wild.state, wild.ended and wild.ended.code) == ("diverged", "diverged")
    assert wild.words.startswith(f"† step {wild.step}, diverged")
    assert [whole.of(name).state for name in ALL[:3]] == ["finished"] * 3
    assert whole.ended.reason == "completed"
    assert whole.ended.message.endswith("Diverged or failed: Wild.")


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device"), ValueError("a fault")])
def test_an_error_ends_only_its_racer(error: Exception, by_itself: Callable[[str], Standing]) -> None:
    raced = Raced(race_spec("SGD", "Adam"), spoilt={"SGD": error})
    assert (raced.of("SGD").state, raced.of("SGD").words) == ("failed", "† step 0, ended by an error")
    assert raced.of("SGD").ended is not None and raced.of("SGD").ended.message
    assert numbers(raced.of("Adam")) == numbers(by_itself("Adam"))


def test_a_racer_whose_folder_is_gone_is_kept_elsewhere_and_says_so(tmp_path: Path, workbench_home: Path) -> None:
    def remove(event: Event) -> Command | None:
        if isinstance(event, RacerEvent) and event.racer == 0 and _closes_epoch(event):
            shutil.rmtree(next(path for path in (tmp_path / "race").iterdir() if "adam" in path.name))
        return None

    raced = Raced(race_spec("Adam", "SGD"), tmp_path / "race", remove)
    gone, other = raced.of("Adam").ended, raced.of("SGD").ended
    assert gone is not None and gone.not_kept
    (kept,) = runs_folder().iterdir()
    assert f"The run is kept in {kept} instead." in gone.message
    assert other is not None and other.reason == "completed" and not other.not_kept


def test_a_race_of_which_no_racer_reaches_its_end_has_failed() -> None:
    raced = Raced(race_spec("SGD"), spoilt={"SGD": MemoryError()})
    assert raced.ended.reason == "failed"
    assert "not enough memory" in raced.ended.message


def test_a_live_edit_of_one_racer_is_that_of_its_run_alone(tmp_path: Path) -> None:
    raced = Raced(race_spec("Adam", "SGD"), tmp_path / "race", at_round({2: EditRacer(0, "optimizer.lr", 0.5)}))
    edited = raced.of("Adam")
    tape = read_tape(Path(folder_of(edited)))[1]
    assert [(each.step, each.path, each.new) for each in tape] == [(2, "optimizer.lr", 0.5)]
    assert_same(edited, alone(race_spec("Adam").spec_of(0), tmp_path / "alone", Tape(tape)))
    assert numbers(raced.of("SGD")) == numbers(alone(race_spec("SGD").spec_of(0), tmp_path / "other"))


def test_an_edit_that_is_refused_is_not_on_the_tape() -> None:
    raced = Raced(race_spec("Adam"), commands=at_round({2: EditRacer(0, "loop.batch_size", 8)}))
    assert raced.race.spec.tape == ()
    assert [notice.code for notice in raced.of("Adam").history.notices] == ["edit_refused"]


def test_a_held_racer_makes_no_steps_until_it_goes_on(by_itself: Callable[[str], Standing]) -> None:
    raced = Raced(race_spec("Adam", "CNN"), commands=at_round({2: HoldRacer(0, True), 5: HoldRacer(0, False)}))
    rounds = next(event.step for event in reversed(raced.events) if isinstance(event, Stepped))
    assert numbers(raced.of("Adam")) == numbers(by_itself("Adam"))
    assert rounds == raced.of("Adam").step + 3 + 1  # the last turn of a run is its end


def test_commands_within_a_round_are_executed_after_it() -> None:
    def ask(event: Event) -> Command | None:
        is_it = isinstance(event, RacerEvent) and event.racer == 0 and _closes_epoch(event)
        return EditRacer(1, "optimizer.lr", 0.2) if is_it else None

    raced = Raced(race_spec("CNN", "Adam"), commands=ask)
    said = [event.code for event in raced.events if isinstance(event, Notice)]
    (edit,) = raced.race.spec.tape
    assert said == ["after_round"]
    assert (edit.round, edit.step) == (5, 5)  # the CNN's last turn is its evaluation


def test_racers_resume_when_all_remaining_ones_are_held() -> None:
    raced = Raced(race_spec("Adam", "CNN"), commands=at_round({1: HoldRacer(0, True)}))
    assert raced.of("Adam").state == "finished"


@pytest.mark.parametrize("command", [DropRacer(7), HoldRacer(7, True), EditRacer(7, "optimizer.lr", 0.1)])
def test_what_concerns_a_racer_that_is_not_there_is_refused(command: Command) -> None:
    raced = Raced(race_spec("CNN"), commands=at_round({1: command}))
    assert [event.code for event in raced.events if isinstance(event, Notice)] == ["no_racer"]
    assert raced.race.spec.tape == ()


def test_a_racer_that_cannot_be_trained_may_not_join() -> None:
    raced = Raced(race_spec("CNN"), commands=at_round({1: AddRacer("Bad", {"optimizer.nothing": 1})}))
    assert [event.code for event in raced.events if isinstance(event, Notice)] == ["racer_refused"]
    assert len(raced.race.spec.racers) == 1


def test_a_joining_racer_with_a_taken_name_gets_another() -> None:
    raced = Raced(race_spec("CNN"), commands=at_round({1: AddRacer("CNN", KINDS["CNN"])}))
    assert [racer.name for racer in raced.race.spec.racers] == ["CNN", "CNN 2"]


# --- the tape --------------------------------------------------------------------------------------------------------


def test_a_recorded_race_replays_bit_equal() -> None:
    changes: dict[int, Command] = {
        1: AddRacer("SGD", KINDS["SGD"]),
        2: EditRacer(0, "optimizer.lr", 0.02),
        3: HoldRacer(0, True),
        4: DropRacer(1),
        5: HoldRacer(0, False),
    }
    first = Raced(race_spec("Adam", "CNN"), commands=at_round(changes))
    again = Raced(first.race.spec)
    assert [change.does for change in first.race.spec.tape] == ["add", "edit", "hold", "drop", "go_on"]
    assert again.race.spec == first.race.spec
    for name in ("Adam", "CNN", "SGD"):
        assert numbers(again.of(name)) == numbers(first.of(name))
        assert again.of(name).joined == first.of(name).joined


def _at_end_of_epoch(event: Event) -> bool:
    return isinstance(event, RacerEvent) and event.racer == 1 and _closes_epoch(event)


def _within_evaluation(event: Event) -> bool:
    return isinstance(event, EvalProgress) and event.step > 0 and event.words.startswith("SGD")


@pytest.mark.parametrize("when", [_at_end_of_epoch, _within_evaluation])
def test_a_stop_within_a_round_replays_to_the_same_bits(when: Callable[[Event], bool], tmp_path: Path) -> None:
    def stop(event: Event) -> Command | None:
        return Stop() if when(event) else None

    first = Raced(race_spec("Adam", "SGD", "CNN"), tmp_path / "first", stop)
    assert (first.ended.reason, {each.step for each in first.standings.racers}) == (
        "stopped",
        {4, 5, 6},
    )  # Adam has had its turn
    again = Raced(first.race.spec, tmp_path / "again")
    for name in ("Adam", "SGD", "CNN"):
        assert again.of(name).step == first.of(name).step
        assert numbers(again.of(name)) == numbers(first.of(name))
        assert files(folder_of(again.of(name))) == files(folder_of(first.of(name)))


def _closes_epoch(event: RacerEvent) -> bool:
    return isinstance(event.event, EpochEnded) and event.event.epochs_done == 1


def test_a_stopped_racer_resumes_bit_equal_to_an_uninterrupted_one(
    tmp_path: Path, by_itself: Callable[[str], Standing]
) -> None:
    raced = Raced(race_spec("Adam", "CNN"), tmp_path, at_round({3: Stop()}))
    path = Path(folder_of(raced.of("Adam")))
    assert resumable(path) == 3
    spec, folder, start = reopened(path)
    assert drive(train(spec, folder, start=start), lambda event: None, lambda event: None).reason == "completed"
    assert files(str(path)) == files(folder_of(by_itself("Adam")))


def test_a_racer_stopped_before_it_began_has_no_folder(tmp_path: Path) -> None:
    raced = Raced(race_spec("Adam", "SGD"), tmp_path, lambda event: Stop())
    assert raced.ended.reason == "stopped"
    assert [each.state for each in raced.standings.racers] == ["stopped", "stopped"]
    assert len(list(tmp_path.iterdir())) == 1


# --- what is shared, and what is not ---------------------------------------------------------------------------------


def test_the_data_is_read_once_and_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.catalog.datasets.digits import Digits

    loads: list[int] = []
    loading = Digits.loading

    def counted(self: Digits) -> object:
        loads.append(1)
        return loading(self)

    monkeypatch.setattr(Digits, "loading", counted)
    Raced(race_spec("Adam", "CNN"), data=DataStore(), commands=at_round({1: AddRacer("SGD", {})}))
    assert len(loads) == 1


def test_each_racer_computes_with_its_own_number_of_threads() -> None:
    import torch

    seen: dict[int, set[int]] = {0: set(), 1: set()}
    spec = race_spec("CNN", "SGD")
    racers = (
        type(spec.racers[0]).of("one", {**KINDS["CNN"], "loop.threads": 1}),
        type(spec.racers[0]).of("two", {**KINDS["CNN"], "loop.threads": 2}),
    )

    def look(event: Event) -> Command | None:
        if isinstance(event, RacerEvent) and not isinstance(event.event, RunStarted):
            seen[event.racer].add(torch.get_num_threads())
        return None

    threads = torch.get_num_threads()
    try:
        Raced(RaceSpec(spec.base, racers), commands=look)
    finally:
        torch.set_num_threads(threads)
    assert seen == {0: {1}, 1: {2}}


def test_the_runs_are_named_after_the_race(whole: Raced) -> None:
    about, trouble = read_about(Path(folder_of(whole.of("Adam"))))
    assert (about.name, about.tags, trouble) == ("Test: Adam", ("race",), "")


def test_changes_are_said_with_the_round_and_the_step() -> None:
    raced = Raced(race_spec("Adam", "CNN"), commands=at_round({2: DropRacer(1), 3: Edit("optimizer.lr", 0.1)}))
    assert [event for event in raced.events if isinstance(event, RaceChange)] == [RaceChange(2, "drop", 1, 2)]
    assert [event.code for event in raced.events if isinstance(event, Notice)] == ["one_run_only"]
