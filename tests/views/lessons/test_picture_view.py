"""The picture of a scene: its panels beside or below each other or as tabs, its heights, and its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.engine.lessons.picture import Panel, Picture, Table, line
from workbench.views.lessons.panel_tabs import PanelTabs
from workbench.views.lessons.picture_view import PictureView
from workbench.views.plots.loss_picture import LossPicture


def test_panels_come_and_go_with_the_picture_and_the_table_has_its_texts(qtbot: QtBot) -> None:
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    one = Panel("One", "x", "y", (line("a", [0, 1], [0, 1]),))
    two = Panel("Two", "x", "y", (line("b", [0, 1], [1, 0]),))
    view.show_picture(Picture((one, two), Table(("Rule", "Updates"), (("SGD", "12"),))), None)
    assert [panel.title for panel in view.panels] == ["One", "Two"]
    assert [cell.text() for cell in view.table._cells] == ["Rule", "Updates", "SGD", "12"]
    view.show_picture(Picture((two,)), None)
    assert [panel.title for panel in view.panels] == ["Two"] and not view.table.isVisible()
    view.show_picture(None, None)
    assert not view.panels and view._empty.isVisible()


def _two_panels() -> Picture:
    titles = ("Loss, mean of 20 steps", "Validation accuracy")
    return Picture(tuple(Panel(title, "x", "y", (line("a", [0, 1], [0, 1]),)) for title in titles))


def _sized(view: QWidget, wide: float, high: float) -> None:
    """Give ``view`` a size in lines of text."""
    view.resize(round(wide * view.fontMetrics().height()), round(high * view.fontMetrics().height()))


def test_panels_that_would_be_too_low_below_each_other_are_tabs(qtbot: QtBot) -> None:
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    view.show_picture(_two_panels(), None)
    first, second = view.panels
    _sized(view, 17, 20)
    assert not view.tabs.isVisible() and first.isVisible() and second.isVisible()
    assert first.geometry().bottom() < second.geometry().top()
    assert view.minimumSizeHint().height() <= 11 * view.fontMetrics().height(), "it can become as low as one panel"
    _sized(view, 17, 11)
    assert view.minimumSizeHint().height() <= view.height() == round(11 * view.fontMetrics().height())
    assert view.tabs.isVisible() and first.isVisible() and not second.isVisible()
    assert [view.tabs.tabText(place) for place in (0, 1)] == ["Loss", "Validation accuracy"]
    QTest.mouseClick(view.tabs, Qt.MouseButton.LeftButton, pos=view.tabs.tabRect(1).center())
    assert second.isVisible() and not first.isVisible()
    view.show_picture(_two_panels(), None)
    assert view.tabs.currentIndex() == 1 and view.panels[1].isVisible(), "the same scene, measured further"
    _sized(view, 40, 11)
    assert not view.tabs.isVisible() and first.isVisible() and second.isVisible()
    assert first.geometry().right() < second.geometry().left()
    _sized(view, 17, 11)
    view.show_picture(Picture(_two_panels().panels[:1]), None)
    assert not view.tabs.isVisible() and view.panels[0].isVisible()


def test_panels_are_arranged_for_the_size_that_showing_the_tabs_has_brought(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A widget that becomes visible has the layouts around it activated, which may resize the view within that call."""
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    view.show_picture(_two_panels(), None)
    _sized(view, 17, 20)
    show = view.tabs.setVisible

    def show_resized(visible: bool) -> None:
        if visible:
            _sized(view, 17, 20)
        show(visible)

    monkeypatch.setattr(view.tabs, "setVisible", show_resized)
    _sized(view, 17, 11)
    assert view.height() == 20 * view.fontMetrics().height()
    assert not view.tabs.isVisible() and all(panel.isVisible() for panel in view.panels)


def test_a_layout_that_goes_with_the_tabs_is_not_arranged_for_ever(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    view.show_picture(_two_panels(), None)
    _sized(view, 17, 20)
    show, calls = view.tabs.setVisible, list[bool]()

    def show_resized(visible: bool) -> None:
        calls.append(visible)
        if len(calls) < 20:
            _sized(view, 17, 20 if visible else 11)
        show(visible)

    monkeypatch.setattr(view.tabs, "setVisible", show_resized)
    _sized(view, 17, 11)
    assert len(calls) == 4
    assert [panel.isVisible() for panel in view.panels] == [True, not view.tabs.isVisible()]


def test_tabs_without_room_are_cut_the_longest_one_first(qtbot: QtBot) -> None:
    tabs = PanelTabs()
    qtbot.addWidget(tabs)
    tabs.show_titles(["Activations of all hidden layers in the first step", "Loss"])
    whole = tabs.fontMetrics().horizontalAdvance("Loss") + 2 * tabs.fontMetrics().height()
    tabs.resize(6 * whole, tabs.sizeHint().height())
    tabs.show()
    long, short = tabs.tabRect(0), tabs.tabRect(1)
    assert short.width() == tabs.tabSizeHint(1).width() > tabs.fontMetrics().horizontalAdvance("Loss")
    assert short.right() < tabs.width() and long.width() + short.width() > 0.95 * tabs.width()


def test_words_of_heights_are_beside_them_where_they_would_leave_them_little_room(qtbot: QtBot) -> None:
    view = LossPicture()
    qtbot.addWidget(view)
    places = np.linspace(-1.0, 1.0, 9)
    view.show_ground("Loss", "Loss of 512 fixed examples. " * 4, places, places, np.ones((9, 9)), np.zeros((2, 2)))
    image = QImage(10, 10, QImage.Format.Format_RGB32)

    def room(wide: float, high: float) -> QRectF:
        _sized(view, wide, high)
        painter = QPainter(image)
        found = view._paint_words(painter, QRectF(view.rect()))
        painter.end()
        return found

    low, high = room(20, 10), room(20, 30)
    assert low.height() == view.fontMetrics().height() * 10 and low.width() < 0.6 * high.width()
    assert high.width() == view.width() and high.height() < view.height()


def test_a_picture_is_copied_and_saved_from_its_menu(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    view = PictureView("Nothing yet.")
    view.file_name = "scene-9"
    qtbot.addWidget(view)
    view.show()
    view.show_picture(Picture((Panel("One", "x", "y", (line("a", [0, 1], [0.5, 2]),)),)), None)
    told, asked = [], []
    view.picture_menu.told.connect(lambda words, tone: told.append((words, tone)))

    def answer(chosen: str, path: Path) -> None:
        monkeypatch.setattr("workbench.views.plots.picture_menu.ask", lambda menu, _: menu.deleteLater() or chosen)
        monkeypatch.setattr(
            "workbench.views.plots.picture_menu.ask_path", lambda _, suffix, at: asked.append((suffix, at.name)) or path
        )
        view.picture_menu.open_at(QPoint(5, 5))

    answer(".csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines() == ["panel,curve,x,y", "One,a,0,0.5", "One,a,1,2"]
    answer(".png", tmp_path / "a.png")
    assert QImage(str(tmp_path / "a.png")).width() == 2 * view.width()
    assert asked == [(".csv", "scene-9"), (".png", "scene-9")]
    assert [tone for _, tone in told] == ["info", "info"]
    answer(".png", tmp_path / "missing" / "a.png")
    assert told[-1][1] == "error" and "a.png" in told[-1][0]
    QGuiApplication.clipboard().clear()
    answer("copy", Path())
    assert QGuiApplication.clipboard().image().width() == 2 * view.width()
