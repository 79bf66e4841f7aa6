"""What a History makes of events."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.engine.report.curves import run, started
from workbench.engine.core.events import Edited, Notice, RunEnded, Stepped
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.history import History


def test_an_empty_history_has_empty_curves():
    history = History()
    assert history.best is None and history.curve("val", "loss").shape == (0,) and history.gap("loss").shape == (0,)
    assert history.revision == 0


def test_every_event_finds_its_place():
    history = History()
    events = (started(), Stepped(1), Edited(3, "optimizer.lr", 0.1, 0.2), Notice(4, "diverged", "…"))
    for event in (*events, RunEnded("stopped", 4, 0, 1.0, "")):
        history.fold(event)
    assert history.started == events[0] and history.edits == [events[2]] and history.notices == [events[3]]
    assert history.ended is not None and history.revision == 5


def test_curves_gap_and_effect():
    history = run([2.0, 1.0], [2.1, 1.4], running=[None, 1.2])
    assert history.curve("train_eval", "loss").tolist() == [2.0, 1.0]
    np.testing.assert_allclose(history.gap("loss"), [0.1, 0.4])
    effect = history.regularization_effect("loss")
    assert math.isnan(effect[0]) and effect[1] == pytest.approx(0.2)
    np.testing.assert_allclose(history.gap("accuracy"), [0.0, 0.0])


def test_a_missing_split_is_nan():
    assert np.isnan(run([1.0, 0.5], None).curve("val", "loss")).all()


def test_best_is_the_last_one_marked():
    history = run([2.0, 1.0, 0.5, 0.4], [2.0, 1.0, 0.9, 1.0], [0.1, 0.8, 0.9, 0.85])
    assert history.best is not None and history.best.epochs_done == 2


def test_the_step_store_is_read_by_index_and_forgets_the_oldest():
    store = StepStore(8)
    for k in range(11):
        store.append(k, 0.0, 0.0, 0.0, 0.0)
    first, rows = store.read(0)
    assert first == 3 and rows[:, 0].tolist() == list(range(3, 11))
    assert store.read(5, 7)[1][:, 0].tolist() == [5, 6]
    assert store.read(11)[0] == 11 and len(store.read(11)[1]) == 0
