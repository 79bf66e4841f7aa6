"""Commands of a race in odd moments: twice, beyond the maximum, while it is stopping; and what its file keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.race.races import KINDS, Raced, race_spec
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Event, Notice, RunEnded, Stepped, Stop
from workbench.engine.core.race_events import AddRacer, DropRacer, EditRacer, HoldRacer, RaceChange, RacerEvent
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.race import keep, spec
from workbench.engine.race.keep import KeptRace, kept_runs
from workbench.engine.race.race import Race
from workbench.engine.race.spec import Racer
from workbench.engine.race.standings import Standings
from workbench.engine.run_store.run_folder import RunFolder


class Given:
    """Gives ``commands`` after the round ``at``, each as the answer to the event that the one before it caused."""

    def __init__(self, at: int, *commands: Command) -> None:
        self._at, self._left, self._has_begun = at, list(commands), False

    def __call__(self, event: Event) -> Command | None:
        self._has_begun = self._has_begun or (isinstance(event, Stepped) and event.step == self._at)
        return self._left.pop(0) if self._has_begun and self._left else None


def codes(raced: Raced) -> list[str]:
    return [event.code for event in raced.events if isinstance(event, Notice)]


@pytest.mark.parametrize("second", [DropRacer(1), HoldRacer(1, True), EditRacer(1, "optimizer.lr", 0.5)])
def test_a_racer_that_is_about_to_end_takes_no_more_commands(second: Command) -> None:
    raced = Raced(race_spec("CNN", "Adam"), commands=Given(2, DropRacer(1), second))
    assert codes(raced) == ["no_racer"]
    assert [change.does for change in raced.race.spec.tape] == ["drop"]
    assert raced.of("Adam").step == 2


def test_several_racers_are_dropped_after_one_round() -> None:
    raced = Raced(race_spec("CNN", "Adam", "SGD"), commands=Given(2, DropRacer(1), DropRacer(2)))
    assert [(each.step, each.state) for each in raced.standings.racers[1:]] == [(2, "stopped")] * 2
    ends = [event for event in raced.events if isinstance(event, RacerEvent) and isinstance(event.event, RunEnded)]
    assert [event.racer for event in ends] == [1, 2, 0], "each has ended once"


def test_a_racer_beyond_the_maximum_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "MOST_RACERS", 2)
    add = AddRacer("SGD", KINDS["SGD"])
    raced = Raced(race_spec("CNN"), commands=Given(1, add, add))
    assert codes(raced) == ["racer_refused"] and len(raced.race.spec.racers) == 2
    (said,) = (event.message for event in raced.events if isinstance(event, Notice))
    assert said == "A race has at most 2 racers, not 3."


def test_data_of_one_racer_stay_in_memory_for_another_that_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where other data were read in between."""
    loads: list[int] = []
    loading = Digits.loading

    def counted(self: Digits) -> object:
        loads.append(1)
        return loading(self)

    monkeypatch.setattr(Digits, "loading", counted)
    points = {"data.source": {"kind": "moons"}, "augmentations": [], "data.examples_per_class": None}
    plain = {**points, "model": {"kind": "mlp", "hidden": [4]}, "regularization": [], "loop.epochs": 1}
    race = replace(race_spec("CNN"), racers=(*race_spec("CNN").racers, Racer.of("Points", plain)))
    raced = Raced(race, commands=Given(1, AddRacer("SGD", KINDS["SGD"])))
    assert [each.state for each in raced.standings.racers] == ["finished"] * 3
    assert len(loads) == 1


def test_a_tape_that_lets_a_racer_join_twice_begins_it_once() -> None:
    tape = (RaceChange(2, "add", 1), RaceChange(3, "add", 1))
    raced = Raced(race_spec("CNN", "SGD", tape=tape))
    assert raced.of("SGD").joined == 2 and len(raced.race.tracks) == 2
    assert raced.race.spec.tape == tape[:1]


def test_while_a_race_is_stopping_nothing_is_changed(tmp_path: Path) -> None:
    """A command that comes while the racers save is answered, but never obeyed."""
    asked = Given(3, Stop(), AddRacer("SGD", KINDS["SGD"]), HoldRacer(1, True))
    raced = Raced(race_spec("CNN", "Adam"), tmp_path, asked)
    assert [change.does for change in raced.race.spec.tape] == ["stop", "stop"]
    assert codes(raced) == ["after_round"] * 2 and len(raced.race.spec.racers) == 2
    assert (raced.ended.reason, raced.ended.message) == ("stopped", "Stopped: a race of 2 racers, 3 rounds.")


def test_the_end_counts_the_time_of_all_racers() -> None:
    raced = Raced(race_spec("CNN", "Adam"))
    seconds = [each.ended.seconds for each in raced.standings.racers if each.ended is not None]
    assert raced.ended.seconds == sum(seconds) > max(seconds) > 0


def test_a_race_in_which_one_reaches_its_end_has_not_failed() -> None:
    raced = Raced(race_spec("CNN", "SGD"), spoilt={"SGD": MemoryError()})
    assert (raced.ended.reason, raced.ended.message.endswith("Diverged or failed: SGD.")) == ("completed", True)


def test_racers_keep_no_states_to_go_back_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies of the state, of each racer, would be kept in memory, and are never asked for."""
    made: list[RunFolder] = []
    create = RunFolder.create

    def seen(*given: object) -> RunFolder:
        made.append(create(*given))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(RunFolder, "create", seen)
    Raced(race_spec("CNN"), tmp_path)
    assert [folder.goes_back for folder in made] == [False]


# --- its file --------------------------------------------------------------------------------------------------------


def kept_race(folder: Path) -> KeptRace:
    race = race_spec("CNN", "SGD", tape=(RaceChange(2, "drop", 1),))
    data = DataStore()
    return KeptRace(Race(race, kept_runs("", folder / "runs", lambda number: StepStore(), data), data), folder)


def test_trouble_of_one_writing_is_gone_after_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, seen, save = kept_race(tmp_path / "out"), list[str](), keep.save

    def failing(*given: object) -> None:
        if len(seen) < 1:
            raise WorkbenchError("The disk is full.")
        save(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(keep, "save", failing)
    for _ in kept.run():
        seen.append(kept.trouble)
    assert seen[0] == "The disk is full." and kept.trouble == "" and kept.file is not None
    assert [path for path in (tmp_path / "out").iterdir() if path.is_file()] == [kept.file], "one file, each time"


def test_a_place_that_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    kept = kept_race(tmp_path / "out")
    next(kept.run())
    assert kept.file is None and kept.trouble.startswith(f"Cannot write {tmp_path / 'out'}: ")


def test_races_of_the_same_moment_have_files_of_their_own(tmp_path: Path) -> None:
    from datetime import datetime

    now = datetime(2030, 1, 2, 3, 4, 5)
    for name in ("2030-01-02_03-04-05_two-words.toml", "2030-01-02_03-04-05_two-words_2.toml"):
        free = keep._free_place(tmp_path, " Two: words! ", now)
        assert free.name == name
        free.touch()
    assert keep._free_place(tmp_path, "?", now).name == "2030-01-02_03-04-05_race.toml"


def test_the_command_fails_where_a_run_is_not_kept_or_an_error_has_ended_one() -> None:
    from workbench.engine.race.command import _is_well

    whole = RunEnded("completed", 3, 0, 1.0, "Finished.")
    for end, well in (
        (whole, True),
        (replace(whole, reason="stopped"), True),
        (replace(whole, not_kept="its weights"), False),
        (replace(whole, reason="failed", code="diverged"), True),
        (replace(whole, reason="failed", code="out_of_memory"), False),
    ):
        found = Standings(race_spec("CNN", "SGD").racers)
        found.fold(RacerEvent(1, end))
        assert _is_well(found, whole) is well
        assert not _is_well(found, replace(whole, reason="failed"))
