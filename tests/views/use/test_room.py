"""Words and pictures of the page of use have the room they need, in usual and in large letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tests.views.use.made import LONG, shown_page
from workbench.engine.explain.tiles import Tiles
from workbench.views.data.thumbnails import ThumbnailView
from workbench.views.use.gallery import NeighboursModel
from workbench.views.use.tiles_view import TileGrid
from workbench.views.use.use_page import UsePage
from workbench.views.widgets.theme import rhythm, theme


@pytest.fixture(params=[False, True], ids=["usual", "large"])
def letters(request: pytest.FixtureRequest) -> Iterator[bool]:
    theme().set_large(request.param)
    yield request.param
    theme().set_large(False)


@pytest.mark.usefixtures("letters")
def test_names_below_the_nearest_pictures_are_whole(qtbot: QtBot) -> None:
    view = ThumbnailView(model=NeighboursModel())
    qtbot.addWidget(view)
    metrics = QFontMetrics(view.font())
    assert metrics.horizontalAdvance("→ longsleeve") <= view.gridSize().width() - rhythm(view, 4)
    assert view.gridSize().height() >= view.side + 3 * metrics.height(), "three lines below each picture"


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("count", [3, 16])
def test_tiles_use_the_room(qtbot: QtBot, count: int) -> None:
    grid = TileGrid("Filters", "")
    qtbot.addWidget(grid)
    grid.resize(900, 500)
    grid.show_tiles(tiles(1000))
    assert grid.side == grid.least_side and len(grid.shown) < 1000
    grid.show_tiles(tiles(count))
    assert len(grid.shown) == count, "all of them are on one page"
    assert all(grid.rect().contains(place.toAlignedRect()) for place in grid.places())
    assert grid.side > grid.least_side, "and larger than those of many"


def tiles(count: int) -> Tiles:
    values = np.linspace(-1, 1, count * 9).reshape(count, 3, 3, 1)
    return Tiles(values, tuple(map(str, range(count))), "", "weight", is_signed=True, are_filters=True)


def test_a_message_does_not_make_the_window_grow(page: UsePage, qtbot: QtBot) -> None:
    """On a screen of 1280 by 720 pixels the page shares its height with menus, bars and a message of two lines."""
    theme().set_large(True)
    try:
        lines = 20
        for tab in range(page.tabs.count()):
            page.tabs.setCurrentIndex(tab)
        qtbot.waitUntil(lambda: page.minimumSizeHint().height() <= lines * page.fontMetrics().height(), timeout=LONG)
        page.resize(1120, 500)
        page.tabs.setCurrentWidget(page.explain)
        maps = page.explain.maps
        qtbot.waitUntil(lambda: maps.pair.geometry().right() <= maps.said.geometry().left(), timeout=LONG)
        page.resize(1120, 1000)
        qtbot.waitUntil(lambda: maps.pair.geometry().bottom() <= maps.said.geometry().top(), timeout=LONG)
    finally:
        theme().set_large(False)


@pytest.fixture
def page(qtbot: QtBot, workbench_home: Path) -> Iterator[UsePage]:
    with shown_page(qtbot, workbench_home) as shown:
        yield shown
