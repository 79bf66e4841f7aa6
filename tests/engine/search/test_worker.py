"""Real trials: what a worker trains, what is left of one that was killed, and what may go wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine.helpers import small_spec
from tests.engine.search.studies import (
    DATA,
    base_that_can_diverge,
    no_memory_for_batches_of_64,
    small_plan,
    url_of,
    worked,
)
from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import EpochEnded, RunEnded
from workbench.engine.core.progress import finished
from workbench.engine.core.signals import Asked
from workbench.engine.run_store.resumable import last_event
from workbench.engine.run_store.run_folder import RunFolder, read_events
from workbench.engine.search.stored import Stored
from workbench.engine.search.study import Study, names
from workbench.engine.search.trial import Outcome, is_gone, this_worker
from workbench.engine.search.worker import Worker
from workbench.engine.shelf.shelf import Shelf
from workbench.engine.spec.toml import load

SLOW = small_spec(loop__epochs=3, data__examples_per_class=8, model__hidden=[4])


def settings_in(study: Study) -> list[Any]:
    return [dict(trial.values) for trial in study.trials()]


def test_trials_are_runs_of_their_settings_on_the_shelf(tmp_path: Path):
    study = worked(tmp_path, small_plan())
    trials = study.trials()
    assert [(trial.number, trial.state) for trial in trials] == [(n, "complete") for n in range(3)]
    assert settings_in(study) == [study.plan.point(n) for n in range(3)]
    for trial in trials:
        assert load(trial.folder / "spec.toml") == study.plan.space.spec(trial.values)
        assert last_event(trial.folder)["best_accuracy"] == trial.value == trial.reached
        assert trial.worker.endswith(f":{os.getpid()}") and trial.seconds > 0
    records = finished(Shelf(tmp_path / "kept").refresh())
    assert {record.about.name for record in records} == {f"Test: trial {n}" for n in range(3)}
    assert all(record.about.tags == ("search",) for record in records)
    study.close()


def test_two_workers_make_the_set_of_one(tmp_path: Path):
    """Each asks in turn; a trial added by hand in between takes none of the planned ones' places."""
    study = Study.create(small_plan(trials=4), "Test", url_of(tmp_path))
    other = Study.open("Test", url_of(tmp_path))
    workers = [Worker(each, tmp_path, DATA) for each in (study, other)]
    workers[0].one()
    study.add({"optimizer.lr": 0.05})
    for at in (1, 0, 1, 0):
        workers[at].one()
    trials = Study.open("Test", url_of(tmp_path)).trials()
    by_hand = [trial for trial in trials if trial.by_hand]
    assert len(by_hand) == 1 and by_hand[0].settings["optimizer.lr"] == 0.05
    planned = [dict(trial.values) for trial in trials if not trial.by_hand]
    assert planned == [study.plan.point(n) for n in range(4)]
    assert study.is_over(0.0)
    workers[1].one()  # it was too late: another has begun the last one
    assert len(other.trials()) == 5


def test_a_study_goes_on_with_a_longer_budget(tmp_path: Path):
    study = worked(tmp_path, small_plan(trials=1))
    again = Study.open("Test", study.url)
    again.set_budget(2, None)
    Worker(again, tmp_path / "kept", DATA).work()
    assert settings_in(again) == [again.plan.point(0), again.plan.point(1)]
    assert Study.open("Test", study.url).plan.trials == 2
    assert names(study.url) == ("Test",)


def test_no_trial_begins_after_the_minutes(tmp_path: Path):
    clock = iter([0.0, 0.0, 60.0, 119.0, 120.0])
    study = worked(tmp_path, small_plan(trials=None, minutes=2.0), clock=lambda: next(clock))
    assert len(study.trials()) == 3


KILLED = """
import os, sys
from pathlib import Path
from tests.engine.search.studies import DATA, url_of
from workbench.engine.core.events import EpochEnded
from workbench.engine.search.study import Study
from workbench.engine.search.worker import Worker

def killed(steps):
    def sink(event):
        if isinstance(event, EpochEnded) and event.epochs_done == 2:
            os.kill(os.getpid(), 9)
    return sink

folder = Path(sys.argv[1])
Worker(Study.open("Test", url_of(folder)), folder, DATA, sink_of=killed).work()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL, which this test sends")
def test_what_a_killed_process_left_is_gone_on_with_and_none_is_lost_or_twice(tmp_path: Path):
    plan = small_plan(base=SLOW, trials=2)
    study = Study.create(plan, "Test", url_of(tmp_path))
    died = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, timeout=100, check=False)
    assert died.returncode == -9, died.stderr.decode()
    (left,) = study.trials()
    assert left.state == "running" and left.folder is not None
    Worker(study, tmp_path, DATA).work()
    trials = study.trials()
    assert [(trial.number, trial.state) for trial in trials] == [(0, "complete"), (1, "complete")]
    assert trials[0].folder == left.folder
    assert settings_in(study) == [plan.point(0), plan.point(1)]
    epochs = [event.epochs_done for event in read_events(left.folder) if isinstance(event, EpochEnded)]
    assert epochs == [0, 1, 2, 3]
    assert len([path for path in tmp_path.iterdir() if (path / "spec.toml").is_file()]) == 2


def test_a_trial_whose_run_had_ended_before_the_kill_is_told_and_not_trained_again(tmp_path: Path):
    study = worked(tmp_path, small_plan(trials=1))
    other = Study.create(small_plan(trials=1), "Other", study.url)
    trial = other.optuna.ask()
    ended = study.trials()[0].folder
    other.began(trial, ended)
    other.put_back(trial)
    Worker(other, tmp_path / "kept", DATA).work()
    (found,) = other.trials()
    assert (found.state, found.value, found.folder) == ("complete", study.trials()[0].value, ended)
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_stopped_in_a_trial_it_waits_and_goes_on(tmp_path: Path):
    plan = small_plan(base=SLOW, trials=1)
    study, asked = Study.create(plan, "Test", url_of(tmp_path)), Asked()

    def stop(event: Any) -> None:
        if isinstance(event, EpochEnded) and event.epochs_done == 1:
            asked.ask()

    Worker(study, tmp_path, DATA, asked, sink_of=lambda steps: stop).work()
    (waiting,) = study.trials()
    assert waiting.state == "waiting" and dict(waiting.values) == plan.point(0)
    Worker(study, tmp_path, DATA).work()
    (trial,) = study.trials()
    assert trial.state == "complete" and trial.folder == waiting.folder
    assert [e.epochs_done for e in read_events(trial.folder) if isinstance(e, EpochEnded)] == [0, 1, 2, 3]


def test_a_diverging_trial_fails_with_its_reason_and_the_study_goes_on(tmp_path: Path):
    base = base_that_can_diverge(epochs=1)
    study = worked(tmp_path, small_plan(("optimizer.lr=0.1,10000000.0",), base=base, sampler="grid", trials=2))
    by_rate = {trial.settings["optimizer.lr"]: trial for trial in study.trials()}
    assert by_rate[0.1].state == "complete"
    assert by_rate[1e7].state == "failed" and by_rate[1e7].value is None and "iverged" in by_rate[1e7].words
    assert [each.state.name for each in study.frozen()].count("PRUNED") == 1  # so that TPE learns of it


def test_a_trial_without_memory_fails_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    no_memory_for_batches_of_64(monkeypatch)
    study = worked(tmp_path, small_plan(("loop.batch_size=16,64",), sampler="grid", trials=2))
    states = {trial.settings["loop.batch_size"]: (trial.state, trial.words) for trial in study.trials()}
    assert states[16] == ("complete", "")
    assert states[64][0] == "failed" and "memory" in states[64][1]


def test_settings_that_do_not_fit_each_other_fail_that_trial(tmp_path: Path):
    base = small_spec(data__examples_per_class=8, loop__epochs=1)
    fields = ("loop.batch_size=1,16", "model.batch_norm=off,after")
    study = worked(tmp_path, small_plan(fields, base=base, sampler="grid", trials=4))
    assert sorted(trial.state for trial in study.trials()) == ["complete"] * 3 + ["failed"]
    for trial in study.trials():
        wrong = [each for each in study.plan.space.spec(trial.values).problems() if each.severity == "error"]
        assert (trial.state == "failed") == bool(wrong), trial
        assert not wrong or (trial.words == str(wrong[0]) and trial.folder is None)


def test_a_full_disk_ends_the_search_and_the_trial_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    study, real = Study.create(small_plan(trials=2), "Test", url_of(tmp_path)), RunFolder.create

    def full(*arguments: Any, **options: Any) -> RunFolder:
        if study.trials()[-1].number == 1:
            raise CannotWrite(tmp_path / "spec.toml", 100, OSError(28, os.strerror(28)))
        return real(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "create", full)
        with pytest.raises(WorkbenchError, match="disk is full"):
            Worker(study, tmp_path, DATA).work()
    assert [trial.state for trial in study.trials()] == ["complete", "waiting"]
    Worker(study, tmp_path, DATA).work()
    assert [trial.state for trial in study.trials()] == ["complete", "complete"]
    assert settings_in(study) == [study.plan.point(0), study.plan.point(1)]


def test_hopeless_trials_end_early_and_say_so(tmp_path: Path):
    base = replace_optimizer(small_spec(loop__epochs=3, data__examples_per_class=30, model__hidden=[16]))
    values = ",".join(["0.01", "0.011", "0.012", "0.013", "0.014", "0.000000002", "0.000000001"])
    plan = small_plan((f"optimizer.lr={values}",), base=base, sampler="grid", trials=7, pruning="median")
    plan = replace(plan, seed=next(s for s in range(999) if last_two_are_hopeless(replace(plan, seed=s))))
    study = worked(tmp_path, plan)
    states = [trial.state for trial in study.trials()]
    assert states[:5] == ["complete"] * 5 and "pruned" in states[5:]
    pruned = next(trial for trial in study.trials() if trial.state == "pruned")
    assert pruned.value is None and pruned.reached is not None and "hopeless by Median" in pruned.words
    assert last_event(pruned.folder)["reason"] == "stopped"


def replace_optimizer(spec: Any) -> Any:
    return spec.edited("optimizer", {"kind": "adam", "lr": 0.01})


def last_two_are_hopeless(plan: Any) -> bool:
    return all(plan.point(n)["optimizer.lr"] < 1e-3 for n in (5, 6))


def test_tpe_chooses_by_itself_and_the_same_again(tmp_path: Path):
    """Behind its ten random trials it looks near the good ones; what it draws follows from the trials alone, with a
    restart before each trial and without any."""
    found = []
    for name in ("a", "b"):
        study = Study.create(small_plan(trials=14, sampler="tpe", seed=2), name, url_of(tmp_path))
        for _ in range(14):
            if name == "b":
                study = Study.open(name, url_of(tmp_path))  # as after a restart
            worker = Worker(study, tmp_path / name, DATA)
            worker._outcome = lambda run, lease: judged(run)  # type: ignore[method-assign]
            worker.one()
        found.append(settings_in(study))
    assert found[0] == found[1] and len({point["optimizer.lr"] for point in found[0]}) == 14


def judged(run: Any) -> Any:
    value = 1 - abs(run.settings["optimizer.lr"] - 0.01)
    return run.outcome(RunEnded("completed", 1, 1, 0.1, "", best_accuracy=value)) or Outcome("failed")


def test_trials_read_at_once_are_those_that_optuna_reads(tmp_path: Path):
    """Of every state, with choices, whole numbers, and settings that only some trials have."""
    fields = ("optimizer.lr=0.001:0.1", "optimizer=adam,momentum", "optimizer.momentum=0.5:0.9", "loop.batch_size=8:64")
    study = Study.create(small_plan(fields, trials=8), "Test", url_of(tmp_path))
    worker = Worker(study, tmp_path, DATA)
    states = iter(["complete", "failed", "pruned", "failed", "complete"])

    def outcome(run: Any, lease: Any) -> Outcome:
        state = next(states)
        value = 0.5 if state == "complete" else None
        study.began(run._trial, tmp_path / str(run.number))
        return Outcome(state, value, 0.4, 1.5, "words", diverged=run.number == 3)

    worker._outcome = outcome  # type: ignore[method-assign]
    for _ in range(5):
        worker.one()
    study.optuna.ask()
    study.add({"optimizer.lr": 0.01, "optimizer": study.plan.fields[1].choices[0]})
    found = study.trials()
    assert found == tuple(Stored.of(frozen).trial(study.plan.fields) for frozen in study.frozen())
    assert [trial.state for trial in found] == [
        "complete", "failed", "pruned", "failed", "complete", "running", "waiting"
    ]  # fmt: skip
    assert [dict(trial.values) for trial in found[:5]] == [study.plan.point(number) for number in range(5)]
    assert [dict(trial.settings) for trial in found] == [
        dict(Stored.of(frozen).trial(study.plan.fields).settings) for frozen in study.frozen()
    ]
    assert found[6].by_hand and found[6].settings == {"optimizer.lr": 0.01, "optimizer": "adam"}


def test_settings_added_by_hand_must_be_of_the_study(tmp_path: Path):
    study = Study.create(small_plan(), "Test", url_of(tmp_path))
    for settings in ({"optimizer.lr": 5.0}, {"loop.epochs": 2}, {"optimizer.lr": "much"}):
        with pytest.raises(SpecError):
            study.add(settings)
    assert study.trials() == ()


def test_a_database_that_is_none_is_named(tmp_path: Path):
    (tmp_path / "studies.sqlite").write_bytes(b"no database at all" * 99)
    with pytest.raises(WorkbenchError, match=r"studies\.sqlite does not answer: file is not a database"):
        names(url_of(tmp_path))
    for url in ("nonsense", "mysql://user:secret@host/studies"):
        with pytest.raises(WorkbenchError) as refused:
            names(url)
        assert "sqlite:///FILE" in refused.value.message and "secret" not in refused.value.message
    missing = tmp_path / "nowhere.sqlite"
    for ask in (lambda: names(f"sqlite:///{missing}"), lambda: Study.open("Test", f"sqlite:///{missing}")):
        with pytest.raises(WorkbenchError, match=r"^There is no file .*nowhere\.sqlite\.$"):
            ask()
    assert not missing.exists()


def test_a_process_that_has_ended_is_known():
    mine = this_worker()
    assert not is_gone(mine) and is_gone({**mine, "began": mine["began"] - 99}) and is_gone({**mine, "process": 2**30})
    assert not is_gone({**mine, "host": "elsewhere", "process": 2**30})


def test_the_room_is_imported_without_optuna():
    code = "import workbench.engine.search.command, workbench.engine.search.study, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True)
    assert not {"optuna", "sqlalchemy", "torch"} & set(loaded.stdout.split())


def test_who_came_too_late_takes_no_place_of_a_study_that_gets_longer(tmp_path: Path):
    study = Study.create(small_plan(trials=2), "Test", url_of(tmp_path))
    late = Worker(Study.open("Test", study.url), tmp_path, DATA)
    worker = Worker(study, tmp_path, DATA)
    worker.work()
    late.one()  # both had seen that one was left
    study.set_budget(4, None)
    late.work()  # it takes over the new budget
    assert [trial.number for trial in study.trials()] == [0, 1, 3, 4]
    assert settings_in(study) == [study.plan.point(number) for number in range(4)]
