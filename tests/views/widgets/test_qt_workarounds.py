"""Workarounds for Qt and pyqtgraph: each test fails when its workaround is no longer needed or no longer works."""

from __future__ import annotations

import pyqtgraph as pg
import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from workbench.views.widgets.qt_workarounds import adopt_context_menu, close_graphics_view, delete_now, tabify, widen


def test_the_context_menu_of_a_plot_has_no_owner_until_it_is_adopted(qtbot: QtBot) -> None:
    """The first line fails when pyqtgraph gives its menu a parent: then the workaround can go."""
    plot = pg.PlotItem(enableMenu=False)
    assert plot.ctrlMenu.parent() is None
    view = pg.PlotWidget(plotItem=plot)
    qtbot.addWidget(view)
    adopt_context_menu(plot, view)
    assert plot.ctrlMenu.parent() is view and not plot.ctrlMenu.isVisible()


def test_a_closed_graphics_view_is_gone(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    view, other = pg.PlotWidget(owner), QObject(owner)
    close_graphics_view(view)
    delete_now(other)
    assert not shiboken6.isValid(view) and not shiboken6.isValid(other) and not owner.children()


def test_a_tab_moves_to_another_group(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    docks = [QDockWidget(name, window) for name in ("one", "two", "three")]
    for dock in docks:
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    one, two, three = docks
    tabify(window, one, two)
    assert two in window.tabifiedDockWidgets(one)
    tabify(window, three, two)
    assert two in window.tabifiedDockWidgets(three) and two not in window.tabifiedDockWidgets(one)


def test_a_dock_outside_the_layout_is_not_resized_and_the_others_are(qtbot: QtBot) -> None:
    """Without the workaround Qt warns, which fails the test."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(QWidget())
    left, right = (QDockWidget(name, window) for name in ("left", "right"))
    for dock, area in ((left, Qt.DockWidgetArea.LeftDockWidgetArea), (right, Qt.DockWidgetArea.RightDockWidgetArea)):
        dock.setWidget(QWidget())
        window.addDockWidget(area, dock)
    window.resize(900, 300)
    with qtbot.waitExposed(window):
        window.show()
    window.removeDockWidget(right)
    widen(window, {left: 333, right: 111})
    qtbot.waitUntil(lambda: left.width() == 333)
    widen(window, {right: 111})
    widen(window, {})
