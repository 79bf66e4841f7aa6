"""Paths that are drawn piece by piece, as while they are played."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from workbench.bridge.playground.requests import Laid
from workbench.engine.catalog.optimizers.sgd import SGD
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.playground.race import Race
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.playground.frame import Frame, fitted
from workbench.views.playground.paths_layer import PathLook, PathsLayer
from workbench.views.playground.racer_style import racer_style

_END = 400


def _raced() -> Laid:
    """Two racers on the same straight way, with steps much shorter than a pixel."""
    surface = Bowl(condition=1.0)
    spec = PlaygroundSpec(
        surface=surface, racers=(SGD(lr=0.002), SGD(lr=0.001)), start_x=2.0, start_y=1.0, updates=_END
    )
    race = Race(spec)
    race.advance(_END)
    return Laid(spec, race.trails(), _END)


def _blue(laid: Laid, frame: Frame, every: int) -> int:
    """How many pixels have the colour of the first racer, in a picture that was drawn in pieces of some updates."""
    layer, look = PathsLayer(), PathLook((racer_style(0, False), racer_style(1, False)), 2.0, "#ffffff")
    for until in range(every, _END + 1, every):
        layer.sync(laid, until, frame, look, 1.0)
    picture = QImage(frame.width, frame.height, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(picture)
    layer.paint(painter)
    painter.end()
    return sum(
        picture.pixelColor(x, y).blue() - picture.pixelColor(x, y).red() > 90
        for x in range(frame.width)
        for y in range(frame.height)
    )


def test_a_line_drawn_in_small_pieces_is_not_hidden_by_the_halos_of_those_that_follow(qtbot: QtBot) -> None:
    laid = _raced()
    frame = fitted(laid.spec.surface.view, 300, 200)
    whole = _blue(laid, frame, _END)
    assert whole > 50
    assert _blue(laid, frame, 2) > 0.8 * whole
