"""A study in a database of several machines, by clicks and keys: attached, followed while another works, and joined."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from tests.engine.helpers import small_spec
from tests.engine.search.studies import DATA, small_plan
from tests.views.runs.conftest import shown_search
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.search import repeats
from workbench.engine.search.study import Study
from workbench.engine.search.worker import Worker
from workbench.views.runs.search_view import SearchView
from workbench.views.runs.shared_study_dialog import SharedStudyDialog

LONG = 60_000
QUICK = small_spec(loop__epochs=1, data__examples_per_class=8, model__hidden=[4])


@pytest.fixture
def view(qtbot: QtBot, desk: RunDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[SearchView]:
    monkeypatch.setattr(repeats, "SEEDS", 1)
    with shown_search(qtbot, desk) as view:
        yield view


def click(button: QWidget) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def typed(dialog: SharedStudyDialog, address: str) -> None:
    dialog.storage.selectAll()
    QTest.keyClicks(dialog.storage, address)
    click(dialog.ask)


def attached(qtbot: QtBot, view: SearchView, url: str) -> None:
    click(view.first_shared)
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, SharedStudyDialog))
    assert not dialog.show_it.isEnabled()
    typed(dialog, "postgresql://class:s3cret@server/studies")
    qtbot.waitUntil(lambda: "holds a password" in dialog.said.text(), timeout=LONG)
    assert "PGPASSWORD" in dialog.said.text() and "s3cret" not in dialog.said.text()
    assert not dialog.show_it.isEnabled()
    typed(dialog, "sqlite:////nowhere/studies.sqlite")
    typed(dialog, url)  # before the answer on the other one
    qtbot.waitUntil(dialog.show_it.isEnabled, timeout=LONG)
    assert dialog.study.currentText() == "Class"
    click(dialog.show_it)
    qtbot.waitUntil(lambda: view._desk.shown is not None, timeout=LONG)


def test_a_shared_study_is_followed_and_joined(qtbot: QtBot, view: SearchView, desk: RunDesk, tmp_path: Path):
    search, url = desk.search, f"sqlite:///{tmp_path / 'shared.sqlite'}"
    with closing(Study.create(small_plan(base=QUICK, trials=4), "Class", url)) as study:
        attached(qtbot, view, url)
        assert search.shown.url == url and search.shown.trials == ()
        assert view.go.text() == "&Join" and view.words.text() == "Random: 0 trials of 4."
        elsewhere = tmp_path / "elsewhere"
        seen: list[str] = []

        def look(event: object) -> None:
            """While the trial of another worker is on."""
            study.storage.send(study.storage.lease)
            search.look()
            qtbot.waitUntil(lambda: bool(search.shown.running), timeout=LONG)
            seen.append(view.words.text())
            worker.sink_of = lambda steps: lambda event: None

        worker = Worker(study, elsewhere, DATA)
        worker.sink_of = lambda steps: lambda event: look(event) if not seen else None
        worker.one()
        assert "1 worker now" in seen[0]
        Study.create(small_plan(base=QUICK), "Another", url).close()
        search.look()
        qtbot.waitUntil(lambda: [trial.state for trial in search.shown.trials] == ["complete"], timeout=LONG)
        assert search.shown.running == () and view.studies.count() == 2
    click(view.go)
    qtbot.waitUntil(lambda: search.is_searching, timeout=LONG)
    assert view.go.text() == "S&top"
    qtbot.waitUntil(
        lambda: not search.is_searching and search.shown is not None and search.shown.verdict is not None, timeout=LONG
    )
    trials = search.shown.trials
    assert [dict(trial.values) for trial in trials] == [search.shown.plan.point(number) for number in range(4)]
    assert {trial.folder.parent == elsewhere for trial in trials} == {True, False}


def test_a_run_on_another_machine_is_not_opened(view: SearchView, desk: RunDesk, qtbot: QtBot, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    with closing(Study.create(small_plan(base=QUICK, trials=1), "Class", url)) as study:
        Worker(study, tmp_path / "elsewhere", DATA).work()
        (trial,) = study.frozen()
        began = {**trial.user_attrs["began"], "folder": "/nowhere/run", "host": "lab-7"}
        began["worker"] = {**began["worker"], "host": "lab-7"}
        with study.storage.engine.begin() as connection:
            change = text("UPDATE trial_user_attributes SET value_json = :said WHERE key = 'began'")
            connection.execute(change, {"said": json.dumps(began)})
    attached(qtbot, view, url)
    qtbot.waitUntil(lambda: view.table.rows.rowCount() == 1, timeout=LONG)
    view.table.setCurrentIndex(view.table.rows.index(0, 0))
    assert not view.open_run.isEnabled() and "Its run is on lab-7." in view.open_run.toolTip()


def test_a_database_that_is_deleted_is_said_once_and_not_made_again(
    view: SearchView, desk: RunDesk, qtbot: QtBot, tmp_path: Path
):
    file = tmp_path / "shared.sqlite"
    url, told = f"sqlite:///{file}", list[tuple[str, str]]()
    Study.create(small_plan(base=QUICK), "Class", url).close()
    attached(qtbot, view, url)
    desk.search.watch(False)
    qtbot.waitUntil(lambda: desk.search.names == ("Class",) and not desk.search._looking.is_pending, timeout=LONG)
    file.unlink()
    desk.search.told.connect(lambda words, kind: told.append((words, kind)))
    for _ in range(2):
        with qtbot.waitSignal(desk.search._looking.failed, timeout=LONG):
            desk.search.look()
    assert told == [(f"There is no file {file}.", "error")] and not file.exists()
    assert desk.search.shown.name == "Class"
