"""A plot is made of what is seen of it, and is closed without leaving anything."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QGraphicsTextItem
from pytestqt.qtbot import QtBot

from workbench.views.plots.plot_view import PlotView
from workbench.views.widgets.qt_workarounds import close_graphics_view


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[PlotView]:
    made = PlotView("linear")
    made.resize(400, 200)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    close_graphics_view(made)


def test_it_has_no_widgets_that_are_never_seen(qtbot: QtBot, qapp: QApplication) -> None:
    before = len(qapp.allWidgets())
    view = PlotView("linear")
    assert len(qapp.allWidgets()) - before <= 8  # a view of Qt is itself a viewport, two scroll bars and their frames
    close_graphics_view(view)
    assert len(qapp.allWidgets()) == before


def test_the_axes_are_at_their_sides_of_the_box_and_share_its_ranges(view: PlotView) -> None:
    view.set_range((0.0, 10.0), (-2.0, 3.0))
    view.area.settle()
    box, left, bottom, right = (each.sceneBoundingRect() for each in (view.box, view.left, view.bottom, view.ends))
    assert left.center().x() < box.left() + 1 and right.center().x() > box.right() - 1
    assert bottom.center().y() > box.bottom() - 1 and box.width() > 200 and box.height() > 100
    assert view.bottom.range == [0.0, 10.0] and view.left.range == [-2.0, 3.0] == view.ends.range


def test_a_range_that_moves_typesets_nothing(view: PlotView, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QGraphicsTextItem, "setHtml", lambda item, text: asked.append(text))
    view.set_range((0.0, 1e6), (0.0, 1e-7))
    assert asked == [] and view.bottom.range == [0.0, 1e6]


def test_a_closed_plot_is_gone(qtbot: QtBot) -> None:
    view = PlotView("log")
    parts = [weakref.ref(each) for each in (view, view.area, view.box, view.left, view.bottom, view.ends)]
    close_graphics_view(view)
    del view
    gc.collect()
    assert [part() for part in parts if part() is not None] == []
