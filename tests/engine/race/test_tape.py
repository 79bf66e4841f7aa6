"""The tape of a race: which changes are due after a round, and what of it a file keeps."""

from __future__ import annotations

from workbench.engine.core.race_events import RaceChange
from workbench.engine.race.tape import RaceTape

ADD, HOLD, STOP = RaceChange(2, "add", 1), RaceChange(3, "hold", 0, 3), RaceChange(4, "stop", 0, 5)


def test_changes_are_due_after_their_round_and_once() -> None:
    tape = RaceTape([ADD, HOLD])
    assert [tape.due(round, lambda racer: 9) for round in range(5)] == [[], [], [ADD], [HOLD], []]
    assert tape.made == []


def test_a_change_of_a_round_that_was_passed_over_is_still_made() -> None:
    assert RaceTape([ADD, HOLD]).due(9, lambda racer: 9) == [ADD, HOLD]


def test_a_stop_waits_for_the_step_of_its_racer() -> None:
    for step, due in ((4, []), (5, [STOP]), (6, [STOP]), (None, [STOP])):
        assert RaceTape([STOP]).due(4, lambda racer, step=step: step) == due
    assert RaceTape([HOLD]).due(4, lambda racer: 0) == [HOLD], "only a stop comes within a round"


def test_of_changes_that_were_not_made_only_racers_that_join_are_kept() -> None:
    """Their settings are among those of the race: without the change they would be there from the start."""
    tape = RaceTape([HOLD, ADD])
    assert tape.all == (ADD,)
    assert tape.record(STOP) is STOP
    assert tape.all == (STOP, ADD)
