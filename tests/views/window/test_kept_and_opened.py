"""Settings, look and layout at the next start; files and presets opened in the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener, close
from tests.views.helpers import finished, parts, press, services, type_into
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load
from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow


def test_the_last_settings_and_the_look_come_back(qtbot: QtBot, open_window: Opener) -> None:
    first = open_window()
    type_into(first, "optimizer.lr", "0.0123")
    parts(first).actions["large"].setChecked(True)
    parts(first).actions["dark"].trigger()
    parts(first).docks.insight.hide()
    spec = services(first).store.spec
    close(qtbot, first)
    second = open_window()
    assert services(second).store.spec == spec
    assert theme().large and theme().mode == "dark"
    assert parts(second).actions["dark"].isChecked() and parts(second).actions["large"].isChecked()
    assert parts(second).docks.insight.isHidden()


def test_the_choices_above_the_plots_come_back(qtbot: QtBot, open_window: Opener) -> None:
    first = open_window()
    options = parts(first).page.plots.options
    options.log.click()
    options.x_axis.setCurrentIndex(options.x_axis.findData("time"))
    options.smoothing.setValue(3)
    next(a for a in options.subplots.menu().actions() if a.data() == "accuracy").trigger()
    close(qtbot, first)
    plots = parts(open_window()).page.plots
    assert plots.options.choices() == options_of("yes", "time", "0.9", "accuracy")
    assert plots.stack.mode == "time" and not plots.subplot("accuracy").isVisible()
    plots.options.choose({"x": "no such", "smoothing": "7", "hidden": "nothing"})
    assert plots.options.choices() == options_of("no", "step", "0.9", "")


def options_of(log: str, x: str, smoothing: str, hidden: str) -> dict[str, str]:
    return {"log": log, "x": x, "smoothing": smoothing, "hidden": hidden}


def test_the_second_start_has_the_same_columns_and_the_layout_can_be_reset(qtbot: QtBot, open_window: Opener) -> None:
    first = open_window()
    qtbot.wait(50)
    widths = [dock.width() for dock in (parts(first).docks.settings, parts(first).docks.insight)]
    close(qtbot, first)
    second = open_window()
    qtbot.wait(50)
    workspace = parts(second)
    docks = (workspace.docks.settings, workspace.docks.insight)
    assert all(abs(dock.width() - width) <= 8 for dock, width in zip(docks, widths, strict=True))
    for part in docks:
        part.hide()
    workspace.actions["reset_layout"].trigger()
    assert all(part.isVisible() for part in (*docks, workspace.run_bar))


def test_unreadable_last_settings_are_kept_aside_and_said(
    qtbot: QtBot, open_window: Opener, workbench_home: Path
) -> None:
    (workbench_home / "last.toml").write_text("[optimizer]\nkind = 'nothing like it'\n")
    window = open_window()
    assert services(window).store.spec == ExperimentSpec()
    assert "kept in" in parts(window).pages.banner.message
    assert (workbench_home / "last.unreadable.toml").exists()


def test_files_open_and_save(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    files = parts(window).files
    type_into(window, "optimizer.lr", "0.031")
    files.save_file(tmp_path / "mine")
    assert load(tmp_path / "mine.toml").optimizer.lr == 0.031
    services(window).store.undo()
    assert services(window).store.spec.optimizer.lr == 0.05
    files.open_file(tmp_path / "mine.toml")
    assert services(window).store.spec.optimizer.lr == 0.031
    parts(window).actions["undo"].trigger()
    assert services(window).store.spec.optimizer.lr == 0.05


def test_a_bad_file_changes_nothing_and_lists_every_problem(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    """LD24 in the window."""
    before = services(window).store.spec
    bad = tmp_path / "bad.toml"
    bad.write_text('[optimizer]\nkind = "sgd"\nlr = nan\n[loop]\nepochs = 1000000000000\nwhat = 1\n')
    parts(window).files.open_file(bad)
    message = parts(window).pages.banner.message
    assert all(f"\n{field}: " in message for field in ("Optimizer, Learning rate", "Run, Epochs", "Run, what"))
    assert "optimizer." not in message and "loop." not in message
    assert services(window).store.spec == before
    missing = tmp_path / "missing.toml"
    parts(window).files.open_file(missing)
    assert "missing.toml" in parts(window).pages.banner.message


def preset_actions(window: MainWindow) -> list[QAction]:
    menus = [m for m in window.menuBar().findChildren(QMenu) if m.title().replace("&", "") == "Presets"]
    return menus[0].actions()


def test_every_preset_opens_from_the_menu_and_trains(qtbot: QtBot, window: MainWindow) -> None:
    actions = preset_actions(window)
    assert len(actions) >= 6
    for action in actions:
        action.trigger()
        assert services(window).store.spec.title
        reason = services(window).store.reason()
        if services(window).store.spec.data.source.kind == "torchvision_set":  # data that do not come with the program
            assert reason == "Data, Data set, Folder: choose a folder"
            continue
        assert not reason, action.text()
        services(window).store.edit("loop.epochs", 1)
        press(window, "train")
        assert finished(qtbot, window).reason == "completed", action.text()
