"""What the status line and the commands say in one window: files, failures, a stop that is under way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from tests.bridge.helpers import LONG, Gate
from tests.fakes import FakeEngine
from tests.views.helpers import parts, services
from workbench.bridge.runner import State
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import RunEnded
from workbench.engine.shelf.about import About, write_about
from workbench.engine.spec.toml import load
from workbench.views.widgets.banner import Banner
from workbench.views.window.main_window import MainWindow


def test_a_run_that_is_stopping_takes_no_second_stop_and_a_paused_one_takes_steps(
    qtbot: QtBot, window: MainWindow
) -> None:
    """Also the last words of the run before are gone when another one begins."""
    status, actions, runner = parts(window).status, parts(window).actions, services(window).runner
    services(window).session.ended.emit(RunEnded("completed", 1, 1, 1.0, "Finished with flying colours."))
    assert "Finished with flying colours." in status.text
    gate, saving = Gate("step"), Gate("save")

    def hold(where: str) -> None:
        gate(where)
        saving(where)

    assert runner.start(FakeEngine(hold=hold).run)
    qtbot.waitUntil(lambda: gate.reached.is_set() and runner.state is State.RUNNING, timeout=LONG)
    assert "flying colours" not in status.text and "Training" in status.text
    assert actions["step"].isEnabled() and actions["stop"].isEnabled() and not actions["train"].isEnabled()
    QTest.mouseClick(parts(window).run_bar.widgetForAction(actions["pause"]), Qt.MouseButton.LeftButton)
    assert runner.state is State.PAUSING and actions["step"].isEnabled()
    assert "finishing the current step" in status.text
    gate.open()
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=LONG)
    assert actions["step"].isEnabled() and "F7 trains one batch" in status.text
    QTest.mouseClick(parts(window).run_bar.widgetForAction(actions["stop"]), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: saving.reached.is_set() and "writing weights" in status.text, timeout=LONG)
    assert not actions["stop"].isEnabled() and not actions["step"].isEnabled()
    saving.open()
    qtbot.waitUntil(lambda: not runner.is_active, timeout=LONG)
    assert actions["step"].isEnabled() and not actions["stop"].isEnabled() and actions["train"].isEnabled()
    assert "flying colours" not in status.text


def test_a_search_is_not_restarted_as_a_run_and_is_named_when_the_window_closes(
    qtbot: QtBot, window: MainWindow
) -> None:
    """Restart would end it and train the form."""
    session, actions, search = services(window).session, parts(window).actions, services(window).run_desk.search
    gate = Gate("step")
    assert session.run_job(FakeEngine(hold=gate).run, words="Search")
    qtbot.waitUntil(lambda: gate.reached.is_set() and session.runner.state is State.RUNNING, timeout=LONG)
    assert not actions["restart"].isEnabled() and actions["restart"].toolTip() == "A search is on: stop it first."
    search.is_searching = True
    window.close()
    search.is_searching = False
    box = window.findChildren(QMessageBox)[-1]
    assert box.text().startswith("A search is on.")
    QTest.mouseClick(next(each for each in box.buttons() if "Keep" in each.text()), Qt.MouseButton.LeftButton)
    session.stop()
    gate.open()
    qtbot.waitUntil(lambda: not session.is_active, timeout=LONG)
    assert session.job_words == ""
    assert session.runner.start(FakeEngine().run)
    qtbot.waitUntil(lambda: session.runner.state is State.RUNNING, timeout=LONG)
    assert actions["restart"].isEnabled()
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=LONG)


def test_the_last_words_of_a_run_are_gone_behind_a_comparison(qtbot: QtBot, window: MainWindow) -> None:
    session, status = services(window).session, parts(window).status
    session.ended.emit(RunEnded("completed", 1, 1, 1.0, "Finished with flying colours."))
    assert session.run_job(FakeEngine(steps=1).run)
    qtbot.waitUntil(lambda: not session.is_active, timeout=LONG)
    assert "flying colours" not in status.text and "Ready" in status.text


def test_a_result_carries_the_name_of_its_run_and_goes_with_its_settings(window: MainWindow) -> None:
    session, status, store = services(window).session, parts(window).status, services(window).store
    session.trained, session.folder = store.spec, "/runs/2026-01-01_spirals"
    session.ended.emit(RunEnded("completed", 1, 1, 1.0, "Finished with flying colours."))
    assert "2026-01-01_spirals" not in status.text and "Finished with flying colours." in status.text
    folder = runs_folder() / "2026-11-01_12-00-00_spirals"
    folder.mkdir(parents=True)
    session.folder = str(folder)
    store.edit("optimizer.lr", 0.3)
    assert "11-01 12:00:00 Small CNN 16–32–64, Momentum: Finished with flying colours." in status.text
    write_about(folder, About.of("For the talk"))
    store.edit("optimizer.lr", 0.2)
    assert "For the talk: Finished with flying colours." in status.text
    for path in ("data.source", "model"):
        store.choose(path, "spirals" if path == "data.source" else "mlp")
        assert "flying colours" not in status.text
        assert "of the run on Digits" in parts(window).gap_view.run.text() and not parts(window).gap_view.run.isHidden()
        store.undo()
        assert "flying colours" in status.text and parts(window).gap_view.run.isHidden()


def test_failed_data_takes_its_numbers_out_of_the_status_line_and_no_other_failure_does(
    qtbot: QtBot, window: MainWindow
) -> None:
    status, previews = parts(window).status, services(window).previews
    qtbot.waitUntil(lambda: "training / " in status.text, timeout=LONG)
    before = status.text
    previews.failed.emit("model", "No such model.")
    assert status.text == before
    previews.failed.emit("data", "The folder is gone.")
    assert "training / " not in status.text


def test_saved_settings_are_what_the_dots_compare_with_and_have_a_name_with_toml(
    window: MainWindow, tmp_path: Path
) -> None:
    store, files, banner = services(window).store, parts(window).files, window.findChild(Banner)
    store.edit("optimizer.lr", 0.123)
    assert store.differs("optimizer.lr")
    files.save_file(tmp_path / "mine")
    assert load(tmp_path / "mine.toml") == store.spec and not store.differs("optimizer.lr")
    assert banner.message == f"Settings saved in {tmp_path / 'mine.toml'}."
    banner.retract("open")
    assert banner.message, "another message is not taken away"
    banner.retract("save")
    assert banner.message == ""
    files.save_file(tmp_path / "mine.txt")
    assert load(tmp_path / "mine.txt") == store.spec
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == ["mine.toml", "mine.txt"]
