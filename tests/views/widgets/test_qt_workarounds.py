"""Workarounds for Qt and pyqtgraph: each test fails when its workaround is no longer needed or no longer works."""

from __future__ import annotations

import pyqtgraph as pg
import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QGraphicsItem, QGraphicsObject, QGraphicsWidget, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from workbench.views.widgets.qt_workarounds import adopt_plot, close_graphics_view, delete_now, tabify, widen


def test_the_context_menu_of_a_plot_has_no_owner_until_it_is_adopted(qtbot: QtBot) -> None:
    """The first line fails when pyqtgraph gives its menu a parent: then the workaround can go."""
    plot = pg.PlotItem(enableMenu=False)
    assert plot.ctrlMenu.parent() is None
    view = pg.PlotWidget(plotItem=plot)
    qtbot.addWidget(view)
    adopt_plot(plot, view)
    assert plot.ctrlMenu.parent() is view and not plot.ctrlMenu.isVisible()


class _Told(QGraphicsWidget):
    """Keeps what Qt says about children."""

    def __init__(self) -> None:
        self.children_told: list[object] = []
        super().__init__()

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: object) -> object:
        if change == QGraphicsItem.GraphicsItemChange.ItemChildAddedChange:
            self.children_told.append(type(value))
        return super().itemChange(change, value)


class _Child(QGraphicsObject):
    pass


def test_a_view_box_is_not_told_of_children_that_are_being_made(qtbot: QtBot) -> None:
    """The first lines fail when PySide6 knows a child in its constructor: then the workaround can go."""
    parent = _Told()
    child = _Child(parent)
    assert parent.children_told == [QGraphicsItem] and type(child) is _Child
    assert not [each for each in pg.ViewBox.__mro__ if "itemChange" in vars(each) and "pyqtgraph" in each.__module__]


def test_the_range_of_an_adopted_plot_follows_its_data_before_it_is_painted(qtbot: QtBot) -> None:
    view = pg.PlotWidget(enableMenu=False)
    qtbot.addWidget(view)
    adopt_plot(view.getPlotItem(), view)
    with qtbot.waitExposed(view):
        view.show()
    view.plot([0.0, 1.0], [-700.0, 900.0])
    view.grab()
    (_, _), (low, high) = view.getViewBox().viewRange()
    assert low <= -700 and high >= 900


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
