"""Stale trials and repeats: how they are detected and taken over, and what a process does that has lost its lease."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from tests.engine.helpers import small_spec
from tests.engine.search.studies import DATA, small_plan, url_of
from tests.engine.search.test_job import driven
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EpochEnded, Notice, RunEnded
from workbench.engine.run_store.resumable import last_event
from workbench.engine.search import claims, worker
from workbench.engine.search import study as module
from workbench.engine.search.job import SearchJob
from workbench.engine.search.on_this_machine import finding
from workbench.engine.search.sampling import prepare
from workbench.engine.search.storage_errors import PATIENCE, DatabaseAway
from workbench.engine.search.stored import running_trials
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Outcome, this_worker
from workbench.engine.search.watch import Watch
from workbench.engine.search.worker import Worker


def test_of_several_that_see_a_lost_trial_one_puts_it_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The second has seen it lost too, but by then it is trained again, though nobody has said so yet."""
    study = Study.create(small_plan(trials=1), "Test", url_of(tmp_path))
    other = Study.open("Test", study.url)
    trial = study.optuna.ask()
    study.began(trial, tmp_path)
    storage, gone = study.storage, {**this_worker(), "began": 0.0}
    storage.set_trial_user_attr(trial._trial_id, "began", {"folder": str(tmp_path), "worker": gone})
    seen_by_both = running_trials(storage.engine, study.name)
    assert study.put_back_lost() == 0
    assert [each.state for each in study.trials()] == ["waiting"]
    taken = study.optuna.ask()
    assert taken.number == trial.number and study.folder_of(taken) == tmp_path
    with monkeypatch.context() as patched:
        patched.setattr(module, "running_trials", lambda engine, name: seen_by_both)
        other.put_back_lost()
    assert [each.state for each in study.trials()] == ["running"]
    assert other.put_back_lost() == 1  # it is waited for


def test_a_trial_that_another_process_has_taken_is_not_reported(tmp_path: Path):
    study = Study.create(small_plan(trials=1), "Test", url_of(tmp_path))
    worker = Worker(study, tmp_path, DATA)

    def taken(run: Any, lease: Any) -> Outcome:
        study.began(run._trial, tmp_path)
        elsewhere = {**this_worker(), "process": 1}
        study.storage.set_trial_user_attr(run._trial._trial_id, "began", {"folder": "", "worker": elsewhere})
        return Outcome("complete", 0.5, 0.5)

    worker._outcome = taken  # type: ignore[method-assign]
    worker.one()
    (trial,) = study.trials()
    assert (trial.state, trial.value) == ("running", None)


def test_on_one_machine_a_process_that_holds_still_is_told_from_a_clock_that_jumps(tmp_path: Path):
    """Its heartbeats count as they are seen by a clock that nobody sets, whatever time they say."""
    study, other = Study.create(small_plan(trials=1), "Test", url_of(tmp_path)), Study.open("Test", url_of(tmp_path))
    now = [0.0]
    other.watch.clock = lambda: now[0]
    trial = study.optuna.ask()
    lease = study.lease(trial)
    study.began(trial, None)
    study.storage.send(lease)
    with study.storage.engine.begin() as connection:  # an hour ago, by the clock as it is now
        connection.execute(text("UPDATE trial_heartbeats SET heartbeat = datetime('now', '-1 hour')"))
    assert other.put_back_lost() == 1
    now[0] += 50
    study.storage.send(lease)
    assert other.put_back_lost() == 1
    now[0] += 59
    assert other.put_back_lost() == 1 and study.is_mine(trial)
    now[0] += 2
    assert other.put_back_lost() == 0 and not study.is_mine(trial)
    study.storage.send(lease)
    assert lease.is_lost and [each.state for each in study.trials()] == ["waiting"]


def test_a_repeat_is_claimed_by_one_and_taken_over_where_it_is_silent(tmp_path: Path):
    study, other = Study.create(small_plan(), "Test", url_of(tmp_path)), Study.open("Test", url_of(tmp_path))
    now = [0.0]
    other.watch.clock = lambda: now[0]
    parent = psutil.Process(os.getppid())
    mine = claims.take(study, "repeat 0 1")
    assert mine is not None
    mine.keep(folder="somewhere", worker={**this_worker(), "process": parent.pid, "began": parent.create_time()})
    assert claims.take(other, "repeat 0 1") is None
    now[0] += 59
    mine.keep()
    assert claims.take(other, "repeat 0 1") is None
    now[0] += 61
    taken = claims.take(other, "repeat 0 1")
    assert taken is not None and claims.said_of(taken.text)["folder"] == "somewhere"
    mine.keep()
    assert mine.is_lost
    taken.release(ended={"accuracy": 0.5, "error": 0.1, "examples": 9})
    mine.release(ended={})
    released = claims.read(study)["repeat 0 1"]
    taken.keep()  # a late heartbeat
    assert claims.read(study)["repeat 0 1"] == released
    assert claims.said_of(claims.read(study)["repeat 0 1"])["ended"]["accuracy"] == 0.5


def test_what_was_said_first_stays(tmp_path: Path):
    study, other = Study.create(small_plan(), "Test", url_of(tmp_path)), Study.open("Test", url_of(tmp_path))
    assert claims.first_said(study, "data", {"size": 8}) == {"size": 8}
    assert claims.first_said(other, "data", {"size": 9}) == claims.first_said(study, "data", None) == {"size": 8}


def test_silence_is_longer_than_the_grace_period():
    now = [100.0]
    watch = Watch(lambda: now[0])
    assert not watch.is_silent("trial", "first", 10.0)
    now[0] += 10.0
    assert not watch.is_silent("trial", "first", 10.0)
    now[0] += 0.1
    assert watch.is_silent("trial", "first", 10.0)
    assert not watch.is_silent("trial", "second", 10.0)
    assert not watch.is_silent("another", "first", 10.0)


def taken_by(other: Study) -> None:
    """``other`` takes the trial that is being trained, whose process it believes lost."""
    other.storage.grace, now = 1.0, [0.0]
    other.watch.clock = lambda: now[0]
    other.put_back_lost()
    now[0] += 2
    assert other.put_back_lost() == 0
    other.lease(other.optuna.ask())


def test_a_search_whose_trial_was_taken_stops_it_at_once_without_a_result(tmp_path: Path):
    base = small_spec(loop__epochs=50, data__examples_per_class=8, model__hidden=[4])
    study = Study.create(small_plan(base=base, trials=1), "Test", url_of(tmp_path))
    other = Study.open("Test", study.url)
    said: list[str] = []

    def stop(event: Any) -> bool:
        if isinstance(event, EpochEnded) and event.epochs_done == 1:
            lease = study.storage.lease
            assert lease is not None
            taken_by(other)
            study.storage.send(lease)
        said.extend([event.message] if isinstance(event, Notice) else [])
        return bool(said)

    driven(SearchJob(study, tmp_path / "runs", DATA), stop)
    assert said and "was taken over by another worker" in said[0]
    (trial,) = study.trials()
    assert (trial.state, trial.value) == ("running", None)
    (run,) = (tmp_path / "runs").iterdir()
    assert last_event(run)["reason"] == "stopped"


@pytest.mark.parametrize("make", [Worker, SearchJob])
def test_an_end_that_comes_after_that_of_another_is_not_recorded(make: Any, tmp_path: Path):
    """The other has even reported the end of the trial, in the moment before this one does."""
    study = Study.create(small_plan(trials=1), "Test", url_of(tmp_path))
    other, real = Study.open("Test", study.url), study.ended

    def late(trial: Any, outcome: Any) -> None:
        taken_by(other)
        other.optuna.tell(trial.number, 0.25)
        real(trial, outcome)

    study.ended = late  # type: ignore[method-assign]
    made = make(study, tmp_path, DATA)
    made.one() if make is Worker else driven(made, lambda event: isinstance(event, Notice))
    (trial,) = study.trials()
    assert (trial.state, trial.value) == ("complete", 0.25)


def test_a_fault_of_the_search_is_no_trial_of_another_worker(tmp_path: Path):
    said: list[str] = []
    made = Worker(Study.create(small_plan(trials=1), "Test", url_of(tmp_path)), tmp_path, DATA, say=said.append)

    def broken(run: Any, lease: Any) -> Outcome:
        raise ValueError("a fault")

    made._outcome = broken  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="a fault"):
        made.one()
    assert said == []


@pytest.mark.parametrize("make", [Worker, SearchJob])
def test_a_database_that_does_not_answer_is_given_up_after_the_time_that_is_said(
    make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """However long each try takes: here ten minutes."""
    study, now, tries = Study.create(small_plan(), "Test", url_of(tmp_path)), [0.0], []

    def away() -> int:
        tries.append(now[0])
        now[0] += 600
        raise DatabaseAway("The database does not answer.")

    monkeypatch.setattr(worker, "_AGAIN", 0.0)
    monkeypatch.setattr("workbench.engine.search.job._LOOK", 0.0)
    study.put_back_lost = away  # type: ignore[method-assign]
    made = make(study, tmp_path, DATA, clock=lambda: now[0])
    if make is Worker:
        with pytest.raises(WorkbenchError, match="does not answer"):
            made.work()
    else:
        ended = driven(made)[-1]
        assert isinstance(ended, RunEnded) and ended.message == "The database does not answer."
    assert tries == [0.0, 600.0, 1200.0, PATIENCE, PATIENCE + 600]


def test_the_time_of_one_outage_is_not_counted_for_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The first is while the data are looked for, the second, long after the first has ended, at the first trial."""
    study, now = Study.create(small_plan(trials=1), "Test", url_of(tmp_path)), [0.0]
    made = SearchJob(study, tmp_path, DATA, clock=lambda: now[0])
    monkeypatch.setattr("workbench.engine.search.job._LOOK", 0.0)

    def fails_once(real: Any) -> Any:
        outages = iter([True])

        def call(*given: Any, **named: Any) -> Any:
            if next(outages, False):
                now[0] += 2 * PATIENCE
                raise DatabaseAway("The database does not answer.")
            return real(*given, **named)

        return call

    monkeypatch.setattr("workbench.engine.search.job.finding", fails_once(finding))
    monkeypatch.setattr("workbench.engine.search.job.prepare", fails_once(prepare))
    monkeypatch.setattr("workbench.engine.search.repeats.SEEDS", 1)
    driven(made)
    assert [each.state for each in study.trials()] == ["complete"]
