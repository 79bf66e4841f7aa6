"""A run that grows is read on from where it was read, and is then what a whole reading gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.engine.helpers import record, small_spec
from tests.engine.shelf.made_runs import curve, ended, evaluated, lines, make_run, started
from tests.engine.training.resuming import gone_on, killed, killed_again, measured
from workbench.engine.core.events import Event, Stepped
from workbench.engine.core.progress import finished
from workbench.engine.core.step_store import COLUMNS
from workbench.engine.shelf.opened import news_since, opening
from workbench.engine.spec.experiment import ExperimentSpec


def with_rows(folder: Path, count: int, first: int = 0) -> None:
    head = {"columns": COLUMNS, "dtype": "<f8"} | ({"first": first} if first else {})
    rows = np.arange(first, first + count, dtype="<f8")[:, None] + np.zeros(len(COLUMNS))
    (folder / "steps.bin").write_bytes(json.dumps(head).encode() + b"\n" + rows.astype("<f8").tobytes())


@pytest.mark.parametrize("first", [0, 40])
def test_what_has_come_since_is_all_that_is_read(tmp_path: Path, first: int) -> None:
    folder = make_run(tmp_path, events=[started(), *curve((0.4, 0.5))])
    with_rows(folder, 10, first)
    history, mark = finished(opening(folder))
    assert history.steps.count == first + 10 and len(history.evaluations) == 3
    with (folder / "events.jsonl").open("ab") as file:
        file.write(lines([evaluated(3, 0.6, is_best=True), ended()]) + b'{"event": "Epo')  # a torn last line
    with_rows(folder, 25, first)
    news = news_since(mark, folder)
    assert (
        news is not None and len(news.events) == 2 and news.rows[:, 0].tolist() == list(range(first + 10, first + 25))
    )
    news.fold_into(history)
    whole, now = finished(opening(folder))
    assert now == news.mark and len(history.evaluations) == len(whole.evaluations) == 4
    assert history.ended == whole.ended is not None and history.steps.count == whole.steps.count == first + 25
    np.testing.assert_array_equal(history.steps.read(first)[1], whole.steps.read(first)[1])
    again = news_since(now, folder)
    assert again is not None and again.events == () and not len(again.rows)


def test_a_log_that_was_cut_is_read_anew(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    _, mark = finished(opening(folder))
    data = (folder / "events.jsonl").read_bytes()
    (folder / "new").write_bytes(data + lines([evaluated(4, 0.6)]))
    (folder / "new").replace(folder / "events.jsonl")  # as a run that goes on writes it
    assert news_since(mark, folder) is None
    (folder / "events.jsonl").unlink()
    assert news_since(mark, folder) is None


def test_a_real_run_has_its_steps_where_they_were_trained(tmp_path: Path) -> None:
    run = record(ExperimentSpec().edited("loop.epochs", 1), folder=tmp_path)
    (folder,) = tmp_path.iterdir()
    history, mark = finished(opening(folder))
    assert mark.steps == run.steps.count
    np.testing.assert_array_equal(history.steps.read(0)[1], run.steps.read(0)[1])


def test_a_run_that_went_on_is_opened_with_all_that_came_before(tmp_path: Path) -> None:
    """Twice: its log says where, but not again what was there."""
    spec = small_spec(loop__epochs=4)
    path = killed(spec, tmp_path, _after(10), [(3, "optimizer.lr", 0.02)])
    path = killed_again(path, _after(17))
    _, history = gone_on(path)
    read, _ = finished(opening(path))
    assert measured(read) == measured(history)
    assert [each.step for each in read.evaluations] == [0, 7, 14, 21, 28] and len(read.edits) == 1


def _after(step: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Stepped) and event.step == step
