"""The search as one run: its events, its stop, and what it leaves is that of the worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.helpers import small_spec
from tests.engine.search.studies import DATA, small_plan, url_of, worked
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, EpochEnded, Event, Notice, RunEnded, RunStarted, Stop
from workbench.engine.core.progress import Loading
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.search import repeats
from workbench.engine.search.job import SearchJob
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Trial


def driven(job: SearchJob, stop_at: Any = lambda event: False) -> list[Event]:
    events: list[Event] = []

    def commands(event: Event) -> Command | None:
        return Stop() if stop_at(event) else None

    drive(job.run(), commands, events.append)
    return events


def test_it_trains_what_a_worker_trains_and_then_the_repeats(tmp_path: Path):
    study = Study.create(small_plan(), "Job", url_of(tmp_path))
    told: list[Trial] = []
    events = driven(SearchJob(study, tmp_path / "runs", DATA, told.append))
    assert [(t.number, t.state) for t in told] == [(n, s) for n in range(3) for s in ("running", "complete")]
    assert sum(isinstance(event, RunStarted) for event in events) == 3 + 12
    assert [type(event) for event in events if isinstance(event, RunEnded)] == [RunEnded]
    assert events[-1].reason == "completed" and "The search has ended. Trial" in events[-1].message
    of_worker = worked(tmp_path, small_plan(), "Worker")
    assert [(t.number, t.value, t.values) for t in study.trials()] == [
        (t.number, t.value, t.values) for t in of_worker.trials()
    ]
    found = repeats.verdict(study)
    assert found is not None and [len(each.accuracies) for _, each in found.first] == [3, 3, 3]
    assert len(found.default.accuracies) == 3
    said = [event.message for event in events if isinstance(event, Notice) and event.code == repeats.BEGINS]
    begins = [f"For the noise of seeds, run {number} of 12: " for number in range(1, 13)]
    assert [words.startswith(begin) for words, begin in zip(said, begins, strict=True)] == [True] * 12
    assert driven(SearchJob(study, tmp_path / "runs", DATA))[0].message == events[-1].message  # nothing is left to do


@pytest.mark.parametrize("kind", [Loading, Notice, EpochEnded])
def test_stopped_anywhere_it_goes_on_and_nothing_is_lost(kind: type[Event], tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr(repeats, "SEEDS", 0)
    base = small_spec(loop__epochs=2, data__examples_per_class=8, model__hidden=[4])
    study = Study.create(small_plan(trials=2, base=base), "Job", url_of(tmp_path))
    events = driven(SearchJob(study, tmp_path, DATA), lambda event: isinstance(event, kind))
    assert events[-1].reason == "stopped"
    assert not [trial for trial in study.trials() if trial.state == "running"]
    driven(SearchJob(study, tmp_path, DATA))
    trials = study.trials()
    assert [trial.state for trial in trials] == ["complete"] * 2
    assert [dict(trial.values) for trial in trials] == [study.plan.point(0), study.plan.point(1)]
    assert len([path for path in tmp_path.iterdir() if (path / "spec.toml").is_file()]) == 2


def test_a_disk_that_takes_no_folder_ends_it_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from workbench.engine.core.atomic_write import CannotWrite

    def full(*arguments: Any, **options: Any) -> RunFolder:
        raise CannotWrite(tmp_path / "spec.toml", 100, OSError(28, "No space left on device"))

    monkeypatch.setattr(RunFolder, "create", full)
    study = Study.create(small_plan(), "Job", url_of(tmp_path))
    ended = driven(SearchJob(study, tmp_path, DATA))[-1]
    assert isinstance(ended, RunEnded) and ended.reason == "failed" and "disk is full" in ended.message
    assert [trial.state for trial in study.trials()] == ["waiting"]
