"""The command: a table for people, JSON for programs, files that are kept, exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.race.races import race_spec
from workbench.engine.__main__ import main
from workbench.engine.core.events import EpochEnded, Measured, RunEnded
from workbench.engine.core.progress import Job
from workbench.engine.core.race_events import RaceChange, RacerEvent
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.fair_rates import FairRate
from workbench.engine.race.command import _with_fair_rates
from workbench.engine.race.file import load, save
from workbench.engine.race.keep import KeptRace, kept_runs
from workbench.engine.race.race import Race
from workbench.engine.race.spec import Racer
from workbench.engine.race.standings import Standings, table


@pytest.fixture
def file(tmp_path: Path) -> Path:
    tape = (RaceChange(2, "add", 2), RaceChange(3, "drop", 1))
    save(race_spec("Adam", "CNN", "Wild", tape=tape), tmp_path / "race.toml")
    return tmp_path / "race.toml"


@pytest.mark.usefixtures("workbench_home")
def test_the_table_says_how_each_has_done(file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["race", str(file), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    rows = {line.split()[0]: line for line in said.splitlines() if line.startswith(("Adam ", "CNN ", "Wild "))}
    assert "finished" in rows["Adam"] and "±" in rows["Adam"]
    assert "3" in rows["CNN"] and "stopped" in rows["CNN"]
    assert "† step" in rows["Wild"] and "diverged" in rows["Wild"]
    assert "Steps are counted to a loss of" in said
    assert "of one seed" in said


@pytest.mark.usefixtures("workbench_home")
def test_programs_get_the_same_as_json_and_the_race_is_kept(
    file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert main(["race", str(file), "--json", "--target-loss", "100", "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [racer["state"] for racer in found["racers"]] == ["finished", "stopped", "diverged"]
    assert found["racers"][0]["steps_to_target"] == 4
    assert [Path(racer["folder"]).parent for racer in found["racers"]] == [out] * 3
    assert [(change["round"], change["does"]) for change in found["changes"]] == [(2, "add"), (3, "drop")]
    assert load(Path(found["file"])) == replace(load(file), target_loss=100.0)
    assert main(["race", str(file), "--json", "--without-changes", "--out", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


@pytest.mark.usefixtures("workbench_home")
def test_a_wrong_file_is_refused_with_its_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "race.toml").write_text("[[racers]]\nname = 'a'\n[racers.settings]\n'loop.epochs' = 0")
    assert main(["race", str(tmp_path / "race.toml")]) == 2
    assert "epochs" in capsys.readouterr().err


@pytest.mark.usefixtures("workbench_home")
def test_where_no_run_can_be_kept_the_race_fails(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("a file")
    assert main(["race", str(file), "--out", str(tmp_path / "out")]) == 1
    assert "Cannot keep runs" in capsys.readouterr().out


@pytest.mark.usefixtures("workbench_home")
def test_the_file_of_a_race_that_is_killed_has_what_was_changed(tmp_path: Path) -> None:
    spec = race_spec("Adam", "CNN", tape=(RaceChange(2, "drop", 1),))
    data = DataStore()
    kept = KeptRace(Race(spec, kept_runs("", tmp_path / "runs", lambda number: StepStore(), data), data), tmp_path)
    run = kept.run()
    while not isinstance(next(run), RaceChange):
        assert kept.file is not None
        assert load(kept.file).tape == ()
    run.close()  # equivalent to a kill: nothing is written afterwards
    assert [change.does for change in load(kept.file).tape] == ["drop"]


@pytest.mark.parametrize("loss", ["0", "-1", "inf", "nan", "low"])
def test_a_target_that_no_loss_can_have_is_refused(loss: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["race", str(file), f"--target-loss={loss}"])
    assert "--target-loss" in capsys.readouterr().err


def test_fair_rates_are_given_in_two_digits_to_the_racers_that_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = (0.0316227766, 1.0)
    found = FairRate("Adam", rates, (1.0, 2.5), 2.0), FairRate("CNN", rates, (3.0, 2.5), 2.0)

    def tried(*_given: object) -> Job[tuple[FairRate, ...]]:
        yield from ()
        return found

    monkeypatch.setattr("workbench.engine.experiments.fair_rates.fair_rates", tried)
    race = race_spec("Adam", "CNN")
    with_rates = _with_fair_rates(race)
    assert with_rates.spec_of(0).optimizer.lr == 0.032
    assert with_rates.racers[1] == race.racers[1], "it keeps its own"


def measured(loss: float) -> Measured:
    return Measured(loss, 0.5, 400, 0.1, 0.025)


def test_the_target_is_what_all_that_have_not_diverged_reach() -> None:
    standings = Standings([Racer("a"), Racer("b"), Racer("c")])
    for racer, losses in ((0, (2.0, 0.5, 0.1)), (1, (2.0, 1.0, 0.4))):
        for epoch, loss in enumerate(losses):
            row = EpochEnded(epoch, 10 * epoch, 1.0, 0.1, None, None, None, measured(loss), epoch > 0, 0, 1.0)
            standings.fold(RacerEvent(racer, row))
    standings.fold(RacerEvent(2, RunEnded("failed", 3, 0, 1.0, "It diverged.", code="diverged")))
    assert standings.target == 0.4
    assert [each.steps_to(0.4) for each in standings.racers] == [20, 20, None]
    assert [each.steps_to(0.6) for each in standings.racers] == [10, 20, None]
    assert "c      3      –                –                –     † step 3, diverged" in table(standings)
