"""The page of runs alone, over a desk with its threads, and three runs for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import SPEC, evaluated, make_run, started
from workbench.bridge.runner import Runner
from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.runs.runs_page import RunsPage
from workbench.views.runs.search_view import SearchView
from workbench.views.widgets.qt_workarounds import close_graphics_view


@pytest.fixture
def form_settings() -> ExperimentSpec:
    """The settings of the form; a module of tests may have others."""
    return ExperimentSpec()


@pytest.fixture
def desk(qtbot: QtBot, workbench_home: Path, form_settings: ExperimentSpec) -> Iterator[RunDesk]:
    runner, tasks = Runner(), Tasks()
    yield RunDesk(Session(SpecStore(form_settings), runner), tasks)
    ended: list[str] = []
    runner.shutdown(lambda: ended.append("runner"))
    tasks.shutdown(lambda: ended.append("tasks"))
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=30_000)


@pytest.fixture
def open_page(qtbot: QtBot, desk: RunDesk) -> Iterator[Callable[[], RunsPage]]:
    pages: list[RunsPage] = []

    def opened() -> RunsPage:
        page = RunsPage(desk)
        pages.append(page)
        show_active(qtbot, page)
        qtbot.waitUntil(lambda: desk.runs.is_read and not desk.runs.is_reading, timeout=20_000)
        return page

    yield opened
    for page in pages:
        close_plots(page)


def show_active(qtbot: QtBot, page: QWidget) -> None:
    """Show ``page`` as the active window, in 1200 by 640 pixels."""
    page.resize(1200, 640)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()


@contextmanager
def shown_search(qtbot: QtBot, desk: RunDesk) -> Iterator[SearchView]:
    """The page of searches as the active window; afterwards what trains is stopped."""
    view = SearchView(desk.search)
    show_active(qtbot, view)
    yield view
    desk._session.stop()
    qtbot.waitUntil(lambda: not desk.is_training, timeout=60_000)
    view.close()
    view.deleteLater()


def close_plots(page: QWidget) -> None:
    """Hide a page and close its plots as they must be, then let it be deleted."""
    import pyqtgraph as pg

    page.hide()
    for view in page.findChildren(pg.GraphicsView):
        close_graphics_view(view)
    page.deleteLater()


@pytest.fixture
def three(desk: RunDesk) -> list[Path]:
    """A finished run, one with a tenth of its rate, and one that was killed."""
    folder = runs_folder()
    return [
        make_run(folder, "2026-11-01_12-00-00_first", accuracies=(0.5, 0.8, 0.7)),
        make_run(folder, "2026-11-02_12-00-00_second", SPEC.edited("optimizer.lr", 0.005), accuracies=(0.4, 0.6, 0.9)),
        make_run(folder, "2026-11-03_12-00-00_third", events=[started(), evaluated(1, 0.3, is_best=True)]),
    ]
