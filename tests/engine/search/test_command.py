"""The command: the array alone on standard output, exit codes, going on, and what it says of noise and edges."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from tests.engine.helpers import small_spec
from tests.engine.search.studies import small_plan
from workbench.engine.__main__ import main
from workbench.engine.search import command, repeats
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Trial
from workbench.engine.search.warnings import edges, finer, time_left
from workbench.engine.shelf.read_record import read_record
from workbench.engine.spec.toml import load, save

pytestmark = pytest.mark.usefixtures("workbench_home")


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """A search of four trials, each of which takes a tenth of a second."""
    save(small_spec(loop__epochs=1, data__examples_per_class=8, model__hidden=[4]), tmp_path / "spec.toml")
    kept = ["--storage", f"sqlite:///{tmp_path / 'db' / 's.sqlite'}", "--study", "Rates", "--runs", str(tmp_path / "r")]
    return ["search", str(tmp_path / "spec.toml"), "--field", "optimizer.lr=0.001:0.1", "--trials", "4", *kept]


def output(capsys: pytest.CaptureFixture[str], arguments: list[str], code: int = 0) -> tuple[str, str]:
    assert main(arguments) == code
    said = capsys.readouterr()
    return said.out, said.err


def test_programs_get_an_array_of_the_trials_alone_and_people_the_noise(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out, err = output(capsys, [*arguments, "--json", "--set", "optimizer.beta1=0.8"])
    trials = json.loads(out)
    assert [trial["number"] for trial in trials] == [0, 1, 2, 3]
    for trial in trials:
        assert set(trial) >= {"number", "state", "value", "settings", "folder", "worker"}
        spec = load(Path(trial["folder"]) / "spec.toml")
        assert trial["state"] == "complete" and trial["settings"] == {"optimizer.lr": spec.optimizer.lr}
        assert spec.optimizer.beta1 == 0.8 and trial["value"] == read_record(Path(trial["folder"])).best_accuracy
    runs = [path for path in (tmp_path / "r").iterdir() if path.is_dir()]
    assert len(runs) == 4 + 3 * 3 + 3  # the first three and the experiment itself, with three seeds each
    repeated = [read_record(path) for path in runs if str(path) not in {trial["folder"] for trial in trials}]
    assert sorted(record.seed for record in repeated) == sorted([1, 2, 3] * 4)
    best = sorted(trials, key=lambda trial: (-trial["value"], trial["number"]))[:3]
    for trial in best:
        found = [r.best_accuracy for r in repeated if r.setting("optimizer.lr") == trial["settings"]["optimizer.lr"]]
        assert f"Trial {trial['number']}: {100 * fmean(found):.1f} ± {100 * stdev(found):.1f} % (3 seeds)" in err
    assert f"Trial {best[0]['number']} is " in err and "Welch's t-test" in err and "Without the search: " in err

    went_on, _ = output(capsys, ["search", *arguments[4:], "--json"])
    assert json.loads(went_on) == trials
    assert len([path for path in (tmp_path / "r").iterdir() if path.is_dir()]) == len(runs)


def test_the_same_command_goes_on_and_another_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "SEEDS", 1)
    out, _ = output(capsys, [*arguments, "--trials", "1"])
    assert "1 trial: 1 complete." in out
    out, _ = output(capsys, [*arguments, "--trials", "2"])
    assert "2 trials: 2 complete." in out
    _, err = output(capsys, [*arguments, "--sampler", "tpe"], code=2)
    assert "There is a study Rates already" in err
    _, err = output(capsys, [arguments[0], *arguments[6:], "--set", "loop.epochs=2"], code=2)
    assert "without --set" in err


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (["--field", "optimizer.lr=1:0.1"], "inverted range"),
        (["--field", "optimizer.fire"], "is not a known setting"),
        (["--set", "loop.epochs=0"], "must be from 1"),
        (["--field", "loop.epochs=1,2", "--trials", "0"], "at least one trial"),
        (["--grace", "2"], "--grace must be at least 10 seconds"),
        (["--grace", "nan"], "--grace must be at least 10 seconds"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_kept(
    changes: list[str], reason: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    url = ["--storage", f"sqlite:///{tmp_path / 's.sqlite'}"]
    out, err = output(capsys, ["search", "--field", "loop.batch_size=8:16", "--trials", "1", *url, *changes], code=2)
    assert out == "" and reason in err and not (tmp_path / "s.sqlite").exists()


def test_without_fields_or_a_study_it_says_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--field PATH" in output(capsys, ["search", "--trials", "3"], code=2)[1]
    assert "There is no study Nobody" in output(capsys, ["search", "--study", "Nobody"], code=2)[1]


def test_no_complete_trial_is_exit_code_1(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    wild = ["--set", "optimizer={kind='sgd', lr=1.0}", "--set", "model.batch_norm='off'", "--json"]
    arguments[3] = "optimizer.lr=1000000:10000000"
    out, err = output(capsys, [*arguments, *wild], code=1)
    assert {trial["state"] for trial in json.loads(out)} == {"failed"} and "No trial is complete." in err


def ended(number: int, value: float | None, **values: Any) -> Trial:
    state = "failed" if value is None else "complete"
    return Trial(number, state, value, values, values, seconds=10.0)


def test_the_best_at_the_edge_of_its_range_is_said_and_the_finer_search_goes_beyond() -> None:
    plan = small_plan(("optimizer.lr=0.0001:0.1", "model.batch_norm=off,after"), trials=4)
    name = {"model.batch_norm": "off"}
    middle = (ended(0, 0.9, **{"optimizer.lr": 0.003}, **name), ended(1, None, **{"optimizer.lr": 0.1}, **name))
    assert edges(plan, middle) == ()
    best = ended(2, 0.95, **{"optimizer.lr": 0.099}, **name)
    more = (ended(3, 0.5, **{"optimizer.lr": 0.01}, **name), ended(4, 0.6, **{"optimizer.lr": 0.02}, **name))
    assert edges(plan, (best,)) == () == edges(plan, (*middle, best, more[0], replace(more[1], state="running")))
    (said,) = edges(plan, (*middle, best, *more))
    assert "upper edge of the range of Learning rate (0.099 of 0.0001 to 0.1, logarithmic)" in said
    closer = finer(plan, middle)
    assert closer is not None and [field.path for field in closer.fields] == ["optimizer.lr"]
    assert closer.base.at("model.batch_norm") == "off"
    (field,) = closer.fields
    assert field.high / field.low == pytest.approx(1000**0.25, rel=1e-3) and field.low < 0.003 < field.high
    beyond = finer(plan, (ended(2, 0.95, **{"optimizer.lr": 0.099}, **name),))
    assert beyond is not None and beyond.fields[0].high > 0.1
    assert finer(plan, ()) is None


def test_the_time_that_is_left_is_that_of_the_trials_that_are_left() -> None:
    plan = small_plan(trials=10)
    assert time_left(plan, ()) == ""
    assert time_left(plan, (ended(0, 0.5), ended(1, None))) == "8 trials at 10.0 s each: about 80 s left."
    assert time_left(replace(plan, trials=2), (ended(0, 0.5), ended(1, None))) == ""


def test_beyond_four_fields_the_advice_is_said_with_the_measured_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = ("optimizer.lr", "optimizer.beta1", "optimizer.beta2", "optimizer.eps", "optimizer.weight_decay")
    study = Study.create(small_plan(fields), "Many", f"sqlite:///{tmp_path / 's.sqlite'}")
    lines = command._Lines(study)
    lines.begin()
    said = capsys.readouterr().out
    assert "3,125 combinations. The lecture tries not to search more than four at a time." in said
    study.close()
