"""What is saved of compared runs as a table for other programs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import SPEC, make_run
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.app_folders import runs_folder
from workbench.views.plots import train_plots
from workbench.views.runs.compare_pane import ComparePane
from workbench.views.runs.runs_page import RunsPage


@pytest.fixture
def pane(qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage]) -> ComparePane:
    """Two ticked runs that differ in their seed: one curve with a band."""
    folders = [
        make_run(runs_folder(), "2026-11-01_12-00-00_first", accuracies=(0.5, 0.8)),
        make_run(runs_folder(), "2026-11-02_12-00-00_second", SPEC.edited("loop.seed", 1), accuracies=(0.4, 0.6, 0.9)),
    ]
    page = open_page()
    page.list.model.tick(folders, True)
    qtbot.waitUntil(lambda: desk.opened.latest(desk.runs.records[0]) is not None, timeout=20_000)
    qtbot.waitUntil(lambda: desk.opened.latest(desk.runs.records[1]) is not None, timeout=20_000)
    return page.compare


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_all(rows: list[dict[str, str]], pane: ComparePane) -> bool:
    """Whether the rows are the evaluations of both runs, each under the name that the screen shows."""
    wanted = {
        (record.shown_name, record.folder.name): accuracies
        for record, accuracies in zip(pane.records, ([0.5, 0.8], [0.4, 0.6, 0.9]), strict=True)
    }
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row["val_accuracy"] and int(row["step"]):
            found.setdefault((row["run"], row["folder"]), []).append(float(row["val_accuracy"]))
    return found == wanted


def test_the_menu_of_the_plots_saves_every_ticked_run(
    pane: ComparePane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_plots, "ask", lambda menu, place: ".csv")
    monkeypatch.setattr(train_plots, "ask_path", lambda parent, suffix, proposed: tmp_path / "curves.csv")
    pane.plots.stack.subplots[0].view.customContextMenuRequested.emit(QPoint(5, 5))
    assert is_all(rows_of(tmp_path / "curves.csv"), pane)


def test_the_menu_export_saves_the_same_table(
    pane: ComparePane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "all"), ""))
    entry = next(each for each in pane.export.menu().actions() if each.data() == "curves.csv")
    pane.export.menu().triggered.emit(entry)
    assert is_all(rows_of(tmp_path / "all.csv"), pane)
