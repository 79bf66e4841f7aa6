"""Standings folded from events that are written by hand: every number and word of a racer's row."""

from __future__ import annotations

import math

import pytest

from workbench.engine.core.events import EpochEnded, Event, Measured, Notice, RunEnded, RunStarted
from workbench.engine.core.race_events import RaceChange, RacerEvent
from workbench.engine.core.step_store import StepStore
from workbench.engine.race.spec import Racer
from workbench.engine.race.standings import Standings, row_of, standing_object, table

DIVERGED = RunEnded("failed", 9, 0, 1.5, "It diverged.", code="diverged")


def at(epoch: int, loss: float, is_train: bool = False) -> EpochEnded:
    """An evaluation after ten steps for each epoch."""
    found = Measured(loss, 0.5, 400, 0.1, 0.025)
    parts = (found, None) if is_train else (None, found)
    return EpochEnded(epoch, 10 * epoch, 1.0, 0.1, None, None, *parts, epoch > 0, 0, 1.0)


def standings(*events: tuple[int, Event], target: float | None = None, steps: StepStore | None = None) -> Standings:
    """Two racers, a and b, and what has happened to them."""
    found = Standings([Racer("a"), Racer("b")], lambda number: steps or StepStore(), target)
    for number, event in events:
        found.fold(RacerEvent(number, event))
    return found


def test_the_evaluation_before_the_first_step_counts_for_nothing() -> None:
    found = standings((0, at(0, 0.1)), (0, at(1, 0.9)), (0, at(2, 0.5)))
    assert found.racers[0].lowest == 0.5
    assert [found.racers[0].steps_to(target) for target in (0.9, 0.5, 0.1)] == [10, 20, None]


def test_without_validation_the_training_loss_is_taken() -> None:
    found = standings((0, at(1, 0.9, is_train=True)), (0, at(2, 0.4, is_train=True)), (1, at(1, 0.7)))
    assert [each.lowest for each in found.racers] == [0.4, 0.7]
    assert found.racers[0].steps_to(0.4) == 20 and found.racers[0].best is None


def test_the_target_leaves_out_racers_that_have_diverged_and_yields_to_the_races_own() -> None:
    events = (0, at(1, 0.4)), (1, at(1, 3.0)), (1, DIVERGED)
    assert standings(*events[:2]).target == 3.0
    assert standings(*events).target == 0.4
    assert standings(*events).target_words.endswith("loss of 0.40, the lowest that all reach, at evaluations.")
    assert standings(*events, target=2.0).target == 2.0
    assert "all reach" not in standings(*events, target=2.0).target_words
    assert standings().target is None and standings().target_words == ""


def test_a_racer_whose_loss_has_grown_too_large_has_diverged_before_its_end() -> None:
    found = standings((0, at(1, 0.4)), (1, at(1, 3.0)), (1, Notice(4, "diverged", "Too large.")))
    assert found.racers[1].has_diverged and not found.racers[1].has_failed and found.target == 0.4


@pytest.mark.parametrize(
    ("notices", "said"),
    [
        ((), "† step 9, diverged"),
        ((Notice(8, "diverged", ""),), "† step 9, diverged"),  # the step with the 0-based number 8 is the ninth
        ((Notice(7, "diverged", ""), Notice(8, "diverged", "")), "† step 9, diverged at step 8"),
        ((Notice(2, "slow", ""), Notice(4, "diverged", "")), "† step 9, diverged at step 5"),
    ],
)
def test_the_step_at_which_a_racer_has_diverged_is_said_where_it_went_on(
    notices: tuple[Notice, ...], said: str
) -> None:
    found = standings(*((0, each) for each in notices), (0, DIVERGED)).racers[0]
    assert (found.words, found.tombstone, found.state) == (said, "† step 9", "diverged")


def test_an_error_is_no_divergence() -> None:
    found = standings((0, RunEnded("failed", 3, 0, 1.0, "No room."))).racers[0]
    assert (found.words, found.state) == ("† step 3, ended by an error", "failed")


def test_numbers_of_the_last_step_and_the_count_that_the_end_says() -> None:
    """Steps behind the last one that counted are in the store of a racer that diverged."""
    steps = StepStore()
    found = standings(steps=steps)
    assert (found.racers[0].step, found.racers[0].loss, found.racers[0].rate) == (0, None, None)
    for number in range(11):
        steps.append(2.0 - number / 10, 0.25, 0.125, 7.0, 0.5)
    assert (found.racers[0].step, found.racers[0].loss, found.racers[0].rate) == (11, 1.0, 0.125)
    found.fold(RacerEvent(0, DIVERGED))
    assert (found.racers[0].step, row_of(found.racers[0], None).steps) == (9, "9")


def test_states_follow_the_changes() -> None:
    found = standings()
    one, other = found.racers
    assert (one.state, one.words) == ("waiting", "waits")
    started = RunStarted({}, "cpu", "", 1, 1, 1, 1, 1, ("0", "1"), (1, 8, 8), 1, "", "f")
    found.fold(RacerEvent(0, started))
    found.fold(RaceChange(7, "add", 1, 0))
    assert (one.state, other.joined, other.words) == ("racing", 7, "waits, joined after round 7")
    for does, state in (("hold", "held"), ("go_on", "racing"), ("edit", "racing"), ("drop", "stopping")):
        found.fold(RaceChange(8, does, 0, 8))  # type: ignore[arg-type]
        assert one.state == state
    found.fold(RacerEvent(0, RunEnded("stopped", 8, 0, 1.0, "Stopped.")))
    assert (one.state, standing_object(one, None)["folder"]) == ("stopped", "f")
    assert [change.does for change in found.changes] == ["add", "hold", "go_on", "edit", "drop"]


def test_a_loss_that_is_no_number_is_never_the_lowest() -> None:
    found = standings((0, at(1, math.nan)), (0, at(2, math.inf)), (0, at(3, 1.5)))
    assert found.racers[0].lowest == 1.5 and found.racers[0].steps_to(10.0) == 30
    assert standings((0, at(1, math.inf))).target is None


def test_the_table_says_of_how_many_examples_its_errors_are() -> None:
    assert "one standard error over 400 examples, of one seed" in table(standings((0, at(1, 0.5))))
    assert "standard error" not in table(standings())
