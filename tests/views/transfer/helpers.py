"""The transfer wizard opened, and walked through by clicks."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWizard
from pytestqt.qtbot import QtBot

from tests.views.helpers import parts
from workbench.views.transfer.wizard import TransferWizard
from workbench.views.window.main_window import MainWindow

LONG = 60_000


def opened(qtbot: QtBot, window: MainWindow) -> TransferWizard:
    """The wizard, by its key, with the shipped weights opened."""
    activate(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    wizard = parts(window).transfer.wizard
    assert wizard is not None and wizard.isVisible()
    wizard.activateWindow()
    qtbot.waitUntil(lambda: wizard.backbone.isComplete(), timeout=LONG)
    return wizard


def activate(qtbot: QtBot, window: MainWindow) -> None:
    """As a window manager does it when a dialog is closed."""
    qtbot.wait(10)  # the closed dialog is deleted
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=20_000)


def click(button: Any) -> None:
    assert button.isVisible() and button.isEnabled(), button.toolTip()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def press(wizard: TransferWizard, which: QWizard.WizardButton) -> None:
    click(wizard.button(which))


def on_page(qtbot: QtBot, wizard: TransferWizard, number: int) -> None:
    qtbot.waitUntil(lambda: wizard.currentId() == number and wizard.currentPage().isComplete(), timeout=LONG)


def items(tree: Any) -> list[Any]:
    return [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
