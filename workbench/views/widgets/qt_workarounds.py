"""Workarounds for Qt, PySide6 and pyqtgraph in the views, in one place.

Each one says what is wrong, the version in which it was seen, and the test that fails when the workaround is no longer
needed or no longer works (``tests/views/widgets/test_qt_workarounds.py`` unless another one is named).

One more is part of a class and stays there: ``plots/plot_view.py`` overrides ``paintEvent`` of pyqtgraph's plot
(0.14), whose scene calls Python methods of every item in each paint event and so takes the GIL from training.
Only columns of the plot area are painted without the scene. ``tests/views/plots/test_plots.py`` compares both ways in
``test_the_short_way_of_painting_shows_what_the_scene_shows``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyqtgraph as pg
import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow


def tabify(window: QMainWindow, first: QDockWidget, second: QDockWidget) -> None:
    """Put ``second`` behind ``first`` as a tab, even if it is a tab of another group.

    Qt 6.12 does not move a dock that is a tab of another group (6.11 did), so it is taken out of its group first.
    Test: ``test_large_letters_and_back_leave_the_docks_as_they_were`` in
    ``tests/views/transfer/test_wizard_on_small_screens.py``.
    """
    group = window.tabifiedDockWidgets(second)
    if group and first not in group:
        window.addDockWidget(window.dockWidgetArea(first), second)
    window.tabifyDockWidget(first, second)


def widen(window: QMainWindow, widths: Mapping[QDockWidget, int]) -> None:
    """Give docks their width in pixels; one that is not part of the layout keeps its own.

    Qt (6.11 and 6.12) warns of such a dock, and the window has met one (seen once
    on 6.12, in a random test).
    """
    docks = [dock for dock in widths if window.dockWidgetArea(dock) != Qt.DockWidgetArea.NoDockWidgetArea]
    window.resizeDocks(docks, [widths[dock] for dock in docks], Qt.Orientation.Horizontal)


def adopt_plot(plot: pg.PlotItem, view: pg.PlotWidget) -> None:
    """Let ``view`` own the plot's context menu, and bring the plot's ranges up to date before each paint event.

    pyqtgraph (0.14) creates the menu without a parent even if it is disabled. It is a top-level widget, which
    stays when the plot is closed. The second part does what ``ViewBox.itemChange`` did, see below.
    """
    plot.ctrlMenu.setParent(view)
    plot.ctrlMenu.hide()
    view.scene().sigPrepareForPaint.connect(plot.getViewBox().prepareForPaint)


# A ViewBox (pyqtgraph 0.14) makes its first child with itself as the parent. Qt tells the parent before Python's object
# of the child is registered, so PySide6 (6.11.3) looks up what lay at that address before and, by chance, finds the
# remains of a deleted item: the process ends with SIGSEGV. Without an override in Python nothing is looked up.
del pg.ViewBox.itemChange


def close_graphics_view(view: pg.GraphicsView) -> None:
    """Close a view of pyqtgraph and delete it now.

    Python and Qt both own the items of its scene. If Qt deletes them at the end of the program, in its own order, the
    process may crash (seen with PySide6 6.11.3 and 6.12.0). ``tests/views/window/test_window.py`` closes windows with
    plots.
    """
    view.close()
    shiboken6.delete(view)


def delete_now(item: QObject) -> None:
    """Delete a Qt object at once instead of in the event loop, so that no late event reaches a closed plot."""
    shiboken6.delete(item)
