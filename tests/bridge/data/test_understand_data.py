"""Doubts about own data refuse Train until they are answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from workbench.bridge.data.understand_data import DataUnderstanding
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.data.store import DataStore


@pytest.fixture
def store() -> SpecStore:
    return SpecStore()


@pytest.fixture
def understanding(store: SpecStore, tasks: Tasks) -> DataUnderstanding:
    made = DataUnderstanding(store, tasks, DataStore())
    made.start()
    return made


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Eight pictures whose column "fold" may be a split, or not."""
    rows = ["path,label,fold"]
    for number in range(8):
        Image.fromarray(np.full((8, 8), 20 * number, np.uint8)).save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png,{'cat' if number % 2 else 'dog'},{number // 2}")
    file = tmp_path / "table.csv"
    file.write_text("\n".join(rows))
    return file


def known(qtbot: QtBot, understanding: DataUnderstanding) -> Any:
    qtbot.waitUntil(lambda: not understanding.is_busy, timeout=30_000)
    return understanding.understood


def test_a_doubt_refuses_train_until_it_is_answered(
    qtbot: QtBot, store: SpecStore, understanding: DataUnderstanding, table: Path
) -> None:
    assert not understanding.concerns and understanding.understood is None
    store.edit("data.source", PictureTable(file=str(table)))
    understood = known(qtbot, understanding)
    (doubt,) = understood.doubts
    assert "fold" in doubt.sentence and doubt.sentence in store.reason()
    (problem,) = (each for each in store.problems() if each.path == "data")
    assert [mend.label for mend in problem.mends] == [reading.label for reading in doubt.readings]
    understanding.choose(doubt.readings[0])
    assert store.reason() == ""  # at once; what was said is not true of the new settings
    assert not known(qtbot, understanding).doubts and store.reason() == ""
    store.undo()
    known(qtbot, understanding)
    assert doubt.sentence in store.reason()
    store.mend(problem.mends[1])
    assert not known(qtbot, understanding).doubts and store.reason() == ""
    assert dict(understanding.understood.parts)["validation"] == 2  # type: ignore[union-attr]


def test_other_data_take_their_doubts_with_them(
    qtbot: QtBot, store: SpecStore, understanding: DataUnderstanding, table: Path
) -> None:
    digits = store.spec.data.source
    store.edit("data.source", PictureTable(file=str(table)))
    known(qtbot, understanding)
    assert store.reason()
    store.edit("data.source", digits)
    assert store.reason() == "" and not understanding.concerns and understanding.understood is None


def test_files_that_change_are_looked_at_again(
    qtbot: QtBot, store: SpecStore, understanding: DataUnderstanding, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(4):
            Image.fromarray(np.full((8, 8), number, np.uint8)).save(tmp_path / name / f"{number}.png")
    store.edit("data.source", PictureFolder(folder=str(tmp_path)))
    assert dict(known(qtbot, understanding).classes) == {"a": 4, "b": 4}
    (tmp_path / "a" / "0.png").unlink()
    understanding.look_again()
    assert dict(known(qtbot, understanding).classes) == {"a": 3, "b": 4}


def test_a_doubt_about_values_is_shown_and_refuses_nothing(
    qtbot: QtBot, store: SpecStore, understanding: DataUnderstanding, tmp_path: Path
) -> None:
    pictures = np.linspace(-1, 1.5, 12 * 6 * 6, dtype=np.float32).reshape(12, 6, 6)
    np.savez(tmp_path / "data.npz", x=pictures, y=np.arange(12) % 3)
    store.edit("data.source", ArrayFile(file=str(tmp_path / "data.npz")))
    (doubt,) = known(qtbot, understanding).doubts
    assert doubt.subject == "values" and store.reason() == ""
    assert not [each for each in store.problems() if each.path == "data"]


def test_a_window_that_has_closed_asks_nothing_more(
    store: SpecStore, understanding: DataUnderstanding, table: Path
) -> None:
    store.edit("data.source", PictureTable(file=str(table)))
    assert understanding.is_busy  # the edit is gathered
    understanding.finish()
    assert not understanding.is_busy
