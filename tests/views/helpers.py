"""What tests of the whole window press, type and wait for."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from workbench.bridge.services import Services
from workbench.engine.core.events import RunEnded
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace


def parts(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def services(window: MainWindow) -> Services:
    return parts(window).services


def press(window: MainWindow, name: str) -> None:
    """Click the run bar's button."""
    button = parts(window).run_bar.widgetForAction(parts(window).actions[name])
    assert button is not None and button.isEnabled(), parts(window).actions[name].toolTip()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def row(window: MainWindow, path: str) -> Any:
    panels = parts(window).panels
    panels.show_setting(path)
    form = panels.panel(path.partition(".")[0]).form
    assert form is not None
    return form.row(path)


def type_into(window: MainWindow, path: str, text: str) -> QLineEdit:
    field = row(window, path).editor.field
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    return field


def finished(qtbot: QtBot, window: MainWindow) -> RunEnded:
    session = services(window).session
    qtbot.waitUntil(lambda: session.history.ended is not None and not session.is_active, timeout=60_000)
    assert session.history.ended is not None
    return session.history.ended


def texts(widget: QWidget) -> str:
    """Everything a widget's labels say."""
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def long_run(window: MainWindow) -> None:
    services(window).store.edit("loop.epochs", 100_000)
    press(window, "train")


def wait_for_steps(qtbot: QtBot, window: MainWindow, steps: int = 5) -> None:
    qtbot.waitUntil(lambda: services(window).session.history.steps.count >= steps, timeout=60_000)
