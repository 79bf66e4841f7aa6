"""File > Export… and the menu of a run open the export; its folder is remembered from one window to the next."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener, close
from workbench.bridge.use.network_slot import NetworkChoice


def test_the_menu_opens_it_for_the_current_run_and_the_folder_is_remembered(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    workspace = window.workspace
    assert workspace is not None
    workspace.actions["export"].trigger()
    dialog = workspace.commands.export_dialog
    assert dialog is not None and dialog.isVisible()
    assert dialog.desk.slot.choice == NetworkChoice()
    assert "No run has been trained in this window yet" in dialog.bar.start_button.toolTip()
    workspace.pages.show_page("runs")
    workspace.pages.page("runs").export_wanted.emit(tmp_path)
    assert dialog.desk.slot.choice == NetworkChoice((tmp_path,))
    workspace.services.export.folder = tmp_path
    close(qtbot, window)
    again = open_window().workspace
    assert again is not None and again.services.export.folder == tmp_path
