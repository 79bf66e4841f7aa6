"""The layers' page: rows for what was measured, words where there is nothing, no work while hidden."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget

from tests.fakes import run_started
from tests.views.conftest import Opener, close
from workbench.engine.core.observed import LayerStat, LayerStats
from workbench.engine.run_store.history import History
from workbench.views.insight.layer_rows import LayerRows
from workbench.views.insight.layer_view import EMPTY, OFF, LayerView
from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow


def stats(step: int = 40, layers: int = 3, dead: bool = False) -> LayerStats:
    rng = np.random.default_rng(0)
    values = np.maximum(0, rng.normal(size=500)).astype(np.float32).tobytes()
    peaks = np.array([0, 0, 0, 1.0] if dead else [1.0], np.float32).tobytes()
    weight = rng.normal(size=50).astype(np.float32)
    moved = (weight.tobytes(), weight.tobytes(), (weight * 1.001).tobytes())
    back = np.repeat(np.array([0.0, 2.0, 2.0, 4.0], np.float32), 100).tobytes()
    row = ("Linear", "ReLU", values, peaks, *moved, back)
    return LayerStats(step, tuple(LayerStat(f"fc{k + 1}", *row) for k in range(layers)))


@pytest.fixture
def view(qtbot: Any) -> LayerView:
    made = LayerView()
    qtbot.addWidget(made)
    made.resize(760, 220)
    with qtbot.waitExposed(made):
        made.show()
    return made


def fed(view: LayerView, event: LayerStats) -> History:
    history = History()
    history.fold(event)
    view.set_history(history)
    return history


def test_before_the_first_run_it_says_what_will_come(view: LayerView) -> None:
    assert view.words.text() == EMPTY and not view.rows.isVisible()


def test_rows_and_the_sentence(view: LayerView) -> None:
    fed(view, stats())
    assert view.rows.isVisible() and view.rows.height() >= 3 * view.rows.row_height()
    assert view.words.text().startswith("Step 41. Nothing stands out")
    assert "gradient back 2 ± 1.4, 25\xa0% of it zero" in view.rows.accessibleDescription()
    assert "fc3: mean 0." in view.rows.accessibleDescription() and "update 0.001" in view.rows.accessibleDescription()
    fed(view, stats(dead=True))
    assert "75\xa0% are zero for every example" in view.words.text()


def test_two_redraws_a_second_and_none_while_hidden(view: LayerView, qtbot: Any) -> None:
    history = fed(view, stats())
    before = view.redraws
    for step in range(50):
        history.fold(stats(step))
        view.take([stats(step)])
    assert view.redraws == before
    qtbot.waitUntil(lambda: view.redraws == before + 1, timeout=5000)
    assert view.words.text().startswith("Step 50.")
    view.hide()
    history.fold(stats(99))
    view.take([stats(99)])
    assert not view._timer.isActive()
    view.show()
    assert view.words.text().startswith("Step 100.")


def test_measuring_switched_off_is_said(view: LayerView, qtbot: Any) -> None:
    history = History()
    history.fold(replace(run_started(), spec={"loop": {"diagnostics": 0}}))
    view.set_history(history)
    assert view.words.text() == OFF


@pytest.mark.parametrize("width", [260, 500, 900])
@pytest.mark.parametrize("large", [False, True])
def test_columns_stay_inside_and_apart(view: LayerView, qtbot: Any, width: int, large: bool) -> None:
    theme().set_large(large)
    try:
        view.resize(width, 300)
        fed(view, stats(layers=30))
        columns = [c for c in view.rows.columns() if c[1] > 0]
        assert all(a[0] + a[1] <= b[0] for a, b in pairwise(columns))
        view.grab()
    finally:
        theme().set_large(False)


@pytest.mark.parametrize("width", [345, 420, 900])
def test_heads_and_numbers_are_whole(view: LayerView, qtbot: Any, width: int) -> None:
    view.resize(width, 300)
    fed(view, stats(layers=3))
    rows, metrics = view.rows, view.rows.fontMetrics()
    words = {0: LayerRows.BACK[-1], 2: "−1e-10 ± 1e-11", 3: "100 % sat.", 5: "8e-12"}
    for at, (_, room) in enumerate(rows.columns()):
        if room > 0:
            shortest = (rows.HEADS[at], *rows.SHORT.get(at, ()))[-1]
            assert max(metrics.horizontalAdvance(each) for each in (shortest, words.get(at, ""))) <= room


def test_the_dock_is_hidden_at_first_and_remembered(open_window: Opener, qtbot: Any) -> None:
    window: MainWindow = open_window()
    workspace = window.workspace
    assert workspace is not None
    dock: QDockWidget = workspace.docks.layers
    assert not dock.isVisible()
    dock.toggleViewAction().trigger()
    assert dock.isVisible() and workspace.train_frame.dockWidgetArea(dock) == Qt.DockWidgetArea.BottomDockWidgetArea
    workspace.services.store.edit("loop.epochs", 2)
    workspace.actions["train"].trigger()
    qtbot.waitUntil(lambda: workspace.layer_view.words.text().startswith("Step"), timeout=60_000)
    assert "conv1" in workspace.layer_view.rows.accessibleDescription()
    qtbot.waitUntil(lambda: not workspace.services.session.is_active, timeout=60_000)
    close(qtbot, window)
    again = open_window().workspace
    assert again is not None
    qtbot.waitUntil(lambda: again.docks.layers.isVisible(), timeout=10_000)
