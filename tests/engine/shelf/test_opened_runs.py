"""Runs opened from the disk: all of their curves, whatever became of the run, and how far the reading is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.shelf.made_runs import curve, ended, evaluated, make_run, started
from workbench.engine.core.events import Resumed
from workbench.engine.core.progress import Returned, finished
from workbench.engine.shelf.opened import opening


def test_a_run_that_went_on_has_its_evaluations_from_before(tmp_path: Path) -> None:
    before, after = curve((0.4, 0.5)), [evaluated(3, 0.6), ended()]
    run = make_run(tmp_path, events=[started(), *before, Resumed(20, "last.pt", "equal", "It goes on."), *after])
    epochs = [each.epochs_done for each in finished(opening(run))[0].evaluations]
    assert epochs == [each.epochs_done for each in [*before, after[0]]]


def test_how_far_the_log_is_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.engine.shelf.opened._SAID_EVERY", 1)
    run = make_run(tmp_path, accuracies=(0.5, 0.6))
    size = (run / "events.jsonl").stat().st_size
    job = Returned(opening(run))
    said = list(job)
    assert said[0].done == 0 and said[-1].done == size and {each.total for each in said} == {size}
    assert len(said) > 3 and len(job.result[0].evaluations) == len(finished(opening(run))[0].evaluations)
