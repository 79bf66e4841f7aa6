"""Words and pictures of the page of use have the room they need, in usual and in large letters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from workbench.engine.explain.tiles import Tiles
from workbench.views.data.thumbnails import ThumbnailView
from workbench.views.use.gallery import NeighboursModel
from workbench.views.use.tiles_view import TileGrid
from workbench.views.widgets.theme import theme


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
    assert metrics.horizontalAdvance("→ longsleeve") <= view.side
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
