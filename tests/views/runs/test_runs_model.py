"""The rows of the table of runs without a table: colours of ticked runs, the cells and the check box of a group."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.engine.core.text import duration, size_text
from workbench.engine.shelf.about import About
from workbench.engine.shelf.choose import Group
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.columns import PLACES, short_names
from workbench.views.runs.runs_model import NAME, RunsModel

A, B, C = (Path(name) for name in "abc")


@pytest.fixture
def model(qtbot: QtBot) -> RunsModel:
    """A group of the runs a and b, which took 1 and 2 minutes and 3 and 4 megabytes."""
    made = RunsModel()
    records = tuple(
        RunRecord(folder, "finished", seconds=60.0 * at, size=(2 + at) * 1_000_000)
        for at, folder in enumerate((A, B), 1)
    )
    made.show([Group("0.1", records, None, None, False)], "Learning rate", frozenset())
    return made


def test_a_run_keeps_its_colour_and_one_that_comes_gets_a_free_one(model: RunsModel) -> None:
    model.tick([A, B], True)
    model.tick([A], False)
    model.tick([C], True)
    assert model.ticked == {B: 1, C: 0}
    model.tick([A, C], True)
    assert model.ticked == {B: 1, C: 0, A: 2}


def test_runs_without_a_name_are_told_apart_by_what_they_are() -> None:
    def made(folder: Path, optimizer: str, rate: float, seed: int, name: str = "") -> RunRecord:
        settings = {"loop": {"seed": seed, "batch_size": 64}, "optimizer": {"lr": rate}}
        began, about = datetime(2026, 11, 1, 12, 0, int(folder.name, 16)), About(name)
        words = f"{optimizer} {rate}"
        return RunRecord(folder, "finished", about=about, started=began, settings=settings, optimizer=words)

    runs = [
        made(A, "SGD", 0.1, 0),
        made(B, "Adam", 0.01, 0),
        made(C, "SGD", 0.1, 1),
        made(Path("d"), "SGD", 0.1, 0, "mine"),
    ]
    assert list(short_names(runs).values()) == ["SGD, seed 0", "Adam", "SGD, seed 1", "mine"]
    rates = [made(A, "SGD", 0.1, 0), made(B, "SGD", 0.01, 0)]
    assert list(short_names(rates).values()) == ["lr 0.1", "lr 0.01"]
    again = [*rates, made(C, "SGD", 0.1, 0)]
    assert list(short_names(again).values()) == ["lr 0.1, 12:00:10", "lr 0.01", "lr 0.1, 12:00:12"]
    assert list(short_names(runs[:1]).values()) == ["12:00:10"]


@pytest.mark.parametrize(
    ("ticked", "state"),
    [
        ([], Qt.CheckState.Unchecked),
        ([A], Qt.CheckState.PartiallyChecked),
        ([A, B], Qt.CheckState.Checked),
        ([C], Qt.CheckState.Unchecked),
    ],
)
def test_a_group_is_ticked_if_all_of_its_runs_are(ticked: list[Path], state: Qt.CheckState, model: RunsModel) -> None:
    model.tick(ticked, True)
    assert model.data(model.index(0, NAME), Qt.ItemDataRole.CheckStateRole) == state


def test_of_a_group_times_and_sizes_are_added(model: RunsModel) -> None:
    cells = {place.key: model.data(model.index(0, at)) for at, place in enumerate(PLACES)}
    assert cells["seconds"] == duration(180) and cells["size"] == size_text(7_000_000)
    assert cells["step"] == "" and cells["best_accuracy"] == ""
