"""The paths of all racers on transparent pictures; while they are played only what is new is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from workbench.bridge.playground.requests import Laid
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.playground.frame import Array, Frame
from workbench.views.playground.racer_style import RacerStyle

#: Lines are cut off this many widths of the picture away from it: Qt takes seconds for dashes that go far out.
_FAR: Final = 2.0
#: How strong the ground is around lines.
_HALO: Final = 0.6


@dataclass(frozen=True, slots=True)
class PathLook:
    """How paths are drawn: a style for each racer, the ``width`` of lines, and the colour of the ``ground`` around."""

    styles: tuple[RacerStyle, ...]
    width: float
    ground: str


class PathsLayer:
    """Keeps paths up to an update as two pictures, ``lines`` over ``halos``, so that no halo hides a line."""

    def __init__(self) -> None:
        self.halos, self.lines = QPixmap(), QPixmap()
        self._spec: PlaygroundSpec | None = None
        self._frame: Frame | None = None
        self._look: PathLook | None = None
        self._ratio = 1.0
        self._drawn = 0
        self._lengths: list[float] = []

    def sync(self, paths: Laid, until: int, frame: Frame, look: PathLook, ratio: float) -> None:
        """Let the pictures show the paths up to the update ``until``."""
        if not self._goes_on(paths, until, frame, look, ratio):
            self._spec, self._frame, self._look, self._ratio = paths.spec, frame, look, ratio
            self._begin()
        if until > self._drawn or not self._drawn:
            new = [frame.pixels(trail.points[self._drawn : until + 1, 0]) for trail in paths.trails]
            self._draw(new)
            self._drawn = until

    def _goes_on(self, paths: Laid, until: int, frame: Frame, look: PathLook, ratio: float) -> bool:
        """Whether what is drawn is the beginning of what is to be shown; a spec decides all of its paths."""
        same = paths.spec is self._spec and frame == self._frame and look == self._look and ratio == self._ratio
        return same and until >= self._drawn

    def _begin(self) -> None:
        frame = self._frame
        assert frame is not None
        size = QSize(round(frame.width * self._ratio), round(frame.height * self._ratio))
        if self.lines.size() != size or self.lines.devicePixelRatio() != self._ratio:
            self.halos, self.lines = QPixmap(size), QPixmap(size)
        for pixmap in (self.halos, self.lines):
            pixmap.setDevicePixelRatio(self._ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
        self._drawn, self._lengths = 0, []

    def paint(self, painter: QPainter) -> None:
        """Draw the pictures at the place of their frame."""
        painter.setOpacity(_HALO)
        painter.drawPixmap(0, 0, self.halos)
        painter.setOpacity(1.0)
        painter.drawPixmap(0, 0, self.lines)

    def _draw(self, new: list[Array]) -> None:
        """Draw a further piece of each line; its dashes begin where those of the last piece ended."""
        frame, look = self._frame, self._look
        assert frame is not None and look is not None
        self._lengths = self._lengths or [0.0] * len(new)
        pieces = [list(_runs(points, frame)) for points in new]
        around = QPen(QColor(look.ground), look.width + 2.5)
        painter = _painter(self.halos)
        for runs in pieces:
            for _begin, path in runs:
                painter.strokePath(path, around)
        painter.end()
        painter = _painter(self.lines)
        for at, runs in enumerate(pieces):
            lengths = self._lengths[at] + _lengths(new[at])
            for begin, path in runs:
                painter.strokePath(path, look.styles[at].pen(look.width, float(lengths[begin])))
            self._lengths[at] = float(lengths[-1])
        painter.end()


def _painter(pixmap: QPixmap) -> QPainter:
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def _lengths(points: Array) -> Array:
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _runs(points: Array, frame: Frame) -> Iterator[tuple[int, QPainterPath]]:
    """The pieces of a line that are not far out, each with the index of its first point; ends are cut off there."""
    middle = np.array([frame.width / 2, frame.height / 2])
    far = _FAR * max(frame.width, frame.height)
    inside = np.abs(points - middle).max(axis=1) <= far
    edges = np.flatnonzero(np.diff(inside.astype(np.int8))) + 1
    for begin, end in zip([0, *edges], [*edges, len(points)], strict=True):
        if not inside[begin]:
            continue
        parts = [points[begin:end]]
        if begin > 0:
            parts.insert(0, _cut(points[begin], points[begin - 1], middle, far))
        if end < len(points):
            parts.append(_cut(points[end - 1], points[end], middle, far))
        line = np.concatenate(parts)
        if len(line) > 1:
            yield int(begin), pg.arrayToQPath(line[:, 0], line[:, 1])


def _cut(inside: Array, outside: Array, middle: Array, far: float) -> Array:
    """Where the line from ``inside`` to ``outside`` leaves the square of half side ``far``; shape (1, 2)."""
    way = outside - inside
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (middle + np.sign(way) * far - inside) / way
    share = float(np.nanmin(np.where(way == 0, np.inf, shares)))
    found: Array = (inside + min(share, 1.0) * way)[None]
    return found
