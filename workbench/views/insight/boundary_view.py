"""The plane of a 2-D data set: the examples, and behind them the network's prediction at every point."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.observed import Boundary
from workbench.engine.report.data_summary import DataSummary, Points
from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.qt_workarounds import adopt_plot
from workbench.views.widgets.theme import rhythm

#: Okabe and Ito's colours, those of the train and validation curves last; each class has a shape, too.
CLASS_COLOURS = ("#009E73", "#CC79A7", "#F0E442", "#999999", "#56B4E9", "#E69F00", "#0072B2", "#D55E00")
SHAPES = ("o", "s", "t1", "d", "p", "t", "h", "star", "t2", "t3")
#: The opacity of a region where the network is certain.
OPACITY = 0.5

EMPTY = "Press Train. Coloured regions will show the network's predictions, epoch by epoch."
NO_DATA = "The points of the data set appear here."

Shades = npt.NDArray[np.uint8]


class BoundaryView(Box):
    """Title with the epoch, the plane, and a legend. Wheel and drag zoom; a double-click shows everything again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._colours = LIGHT
        self._scale = 1.0
        self._points: Points | None = None
        self._classes: tuple[str, ...] = ()
        self._later: DataSummary | None = None
        self._is_held = False
        self._boundary: Boundary | None = None
        self._title = Words("Decision regions")
        self._hint = Words()
        self._plane = _Plane()
        self._legend = _Legend()
        self.add(self._title)
        self.add(self._hint)
        self.add(self._plane, 1)
        self.add(self._legend)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Decision regions")
        self._say()
        self.set_colours(LIGHT)

    # --- What is shown ------------------------------------------------------------------------------------------

    @Slot(object)
    def set_data(self, summary: DataSummary | None) -> None:
        """Show the examples of a 2-D set; other sets and None clear the plane.

        Regions of other examples are removed, except if no examples were known before. While held, the data is shown
        later.
        """
        if self._is_held:
            self._later = summary
            return
        points = summary.points if summary is not None else None
        if not _alike(points, self._points) and not (self._points is None and points is not None):
            self._boundary = None
        self._points, self._classes = points, summary.classes if summary is not None else ()
        self._draw_points()
        self._draw_regions()
        self._plane.show_all()

    def hold(self, held: bool) -> None:
        """Keep the run's examples while it is active, even if the form changes."""
        self._is_held = held
        if not held and self._later is not None:
            later, self._later = self._later, None
            self.set_data(later)

    def set_boundary(self, boundary: Boundary, when: str) -> None:
        """Show the network's predictions; ``when`` they were made, in words."""
        self._boundary = boundary
        self._draw_regions()
        self._say(f"Decision regions {when}")

    @Slot()
    def clear_boundary(self) -> None:
        """Remove the regions; the examples stay."""
        self._boundary = None
        self._draw_regions()

    @property
    def title(self) -> str:
        """The text above the plane."""
        return self._title.text()

    @property
    def hint(self) -> str:
        """The hint of an empty plane; empty if there is something to see."""
        return self._hint.text()

    # --- Style --------------------------------------------------------------------------------------------------

    def set_colours(self, colours: PlotColours) -> None:
        """Draw in these colours."""
        self._colours = colours
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(colours.background))
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colours.text))
        self.setPalette(palette)
        self._plane.set_colours(colours)
        self._draw_points()
        self._draw_regions()

    def set_scale(self, scale: float) -> None:
        """Scale the points by this factor."""
        self._scale = scale
        self._draw_points()

    def _say(self, title: str = "Decision regions") -> None:
        self._title.say(title)
        empty = "" if self._boundary is not None else EMPTY if self._points is not None else NO_DATA
        self._hint.say(empty)

    def _draw_points(self) -> None:
        self._plane.draw_points(self._points, self._colours, self._scale)
        self._legend.show_classes(self._classes if self._points is not None else (), self._colours)

    def _draw_regions(self) -> None:
        if self._boundary is None:
            self._plane.clear_regions()
            self._say()
        else:
            self._plane.draw_regions(self._boundary, len(self._classes))


def _alike(a: Points | None, b: Points | None) -> bool:
    """Whether both have the same examples at the same positions; their split may differ."""
    if a is None or b is None:
        return a is b
    return np.array_equal(a.places, b.places) and np.array_equal(a.labels, b.labels)


class _Plane(pg.PlotWidget):
    """Regions as an image under two scatters: validation hollow, training filled."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setAccessibleName("Plane of the data")
        self.setMinimumSize(1, 1)
        self.hideButtons()
        adopt_plot(self.getPlotItem(), self)
        self._regions = pg.ImageItem(axisOrder="row-major")
        self._validation = pg.ScatterPlotItem()
        self._training = pg.ScatterPlotItem()
        box = self.getPlotItem().getViewBox()
        box.setAspectLocked(True)
        box.setDefaultPadding(0.04)
        for item in (self._regions, self._validation, self._training):
            self.addItem(item)
        self._regions.hide()

    def sizeHint(self) -> QSize:
        side = rhythm(self, 60)
        return QSize(side, side)

    def set_colours(self, colours: PlotColours) -> None:
        self.setBackground(colours.background)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(colours.grid)
            axis.setTextPen(colours.muted)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_axes()

    def showEvent(self, event: QEvent) -> None:
        self._fit_axes()
        super().showEvent(event)

    def _fit_axes(self) -> None:
        """Set the ticks' font and the space for them."""
        metrics = self.fontMetrics()
        for side, room in (("left", metrics.horizontalAdvance("−0.0")), ("bottom", metrics.height())):
            axis = self.getAxis(side)
            axis.setStyle(tickFont=self.font(), tickTextOffset=rhythm(self, 0.7), tickLength=-rhythm(self, 0.7))
            axis.setWidth(room + rhythm(self, 2)) if side == "left" else axis.setHeight(room + rhythm(self, 1))

    def draw_points(self, points: Points | None, colours: PlotColours, scale: float) -> None:
        dark = QColor(colours.background).lightness() < 128
        for item, held_back in ((self._training, False), (self._validation, True)):
            if points is None:
                item.clear()
                continue
            chosen = points.held_back == held_back
            looks = [_look(label, held_back, dark, colours, scale) for label in range(int(points.labels.max()) + 1)]
            labels = points.labels[chosen]
            item.setData(
                points.places[chosen, 0],
                points.places[chosen, 1],
                symbol=[SHAPES[label % len(SHAPES)] for label in labels],
                pen=[looks[label][0] for label in labels],
                brush=[looks[label][1] for label in labels],
                size=_point_size(len(points.labels)) * scale,
            )

    def draw_regions(self, boundary: Boundary, classes: int) -> None:
        """Draw the predictions. Grid points are centres of cells, so the image is half a cell larger all round."""
        left, right, bottom, top = boundary.extent
        half = 0.5 / (boundary.side - 1)
        x, y = (right - left) * half, (top - bottom) * half
        self._regions.setImage(shades(boundary, classes), autoLevels=False, levels=None)
        self._regions.setRect(QRectF(left - x, bottom - y, right - left + 2 * x, top - bottom + 2 * y))
        self._regions.show()

    def clear_regions(self) -> None:
        self._regions.hide()

    def show_all(self) -> None:
        box = self.getPlotItem().getViewBox()
        box.enableAutoRange()
        box.updateAutoRange()  # now, not at the next paint

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()


def shades(boundary: Boundary, classes: int) -> Shades:
    """RGBA uint8 (side, side, 4): the class's colour, more opaque with higher confidence (guessing is transparent)."""
    labels = np.frombuffer(boundary.labels, np.uint8).reshape(boundary.side, boundary.side)
    confidence = np.frombuffer(boundary.confidence, np.uint8).reshape(labels.shape) / 255.0
    guess = 1.0 / max(2, classes)
    opacity = OPACITY * np.clip((confidence - guess) / (1.0 - guess), 0.08, 1.0)
    named = [QColor(name) for name in CLASS_COLOURS]
    colours = np.array([(c.red(), c.green(), c.blue()) for c in named], np.uint8)
    made = np.empty((*labels.shape, 4), np.uint8)
    made[..., :3] = colours[labels % len(colours)]
    made[..., 3] = (255.0 * opacity).round()
    return made


def _point_size(count: int) -> float:
    """Size in pixels: smaller where many points would overlap."""
    return 9.0 if count <= 300 else 7.0 if count <= 1000 else 5.5


def _look(label: int, held_back: bool, dark: bool, colours: PlotColours, scale: float) -> tuple[QPen, QBrush]:
    """Pen and brush; pyqtgraph draws one symbol for all points that share both, but converts a colour for each point.

    The edge is darker than the class's region in light mode and lighter in dark mode.
    """
    colour = QColor(CLASS_COLOURS[label % len(CLASS_COLOURS)])
    edge = colour.lighter(150) if dark else colour.darker(190)
    pen = QPen(edge, (1.6 if held_back else 0.8) * scale)
    pen.setCosmetic(True)
    return pen, QBrush(QColor(colours.background) if held_back else colour)


class _Legend(QWidget):
    """The symbol of each class; filled for training, hollow for validation. Wraps to several lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[str, ...] = ()
        self._colours = LIGHT
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_classes(self, classes: tuple[str, ...], colours: PlotColours) -> None:
        self._classes, self._colours = classes, colours
        self.setAccessibleName(f"Classes: {', '.join(classes)}. Filled: training, hollow: validation.")
        self.setVisible(bool(classes))
        self.updateGeometry()
        self.update()

    def _entries(self) -> list[tuple[str, int, bool]]:
        """(text, class, hollow) of every entry."""
        named = [(name, label, False) for label, name in enumerate(self._classes)]
        return [*named, ("filled: training", 0, False), ("hollow: validation", 0, True)]

    def _positions(self, width: int) -> list[QPointF]:
        """The left end of each entry's line."""
        line, positions, x, y = float(rhythm(self, 5)), [], 0.0, 0.0
        for text, _, _ in self._entries():
            wide = self._entry_width(text)
            if x and x + wide > width:
                x, y = 0.0, y + line
            positions.append(QPointF(x, y))
            x += wide
        return positions

    def _entry_width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + rhythm(self, 7)

    def heightForWidth(self, width: int) -> int:
        return round(self._positions(width)[-1].y()) + rhythm(self, 5)

    def sizeHint(self) -> QSize:
        width = rhythm(self, 60)
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dark = QColor(self._colours.background).lightness() < 128
        line, side = rhythm(self, 5), rhythm(self, 2.2)
        for (text, label, hollow), place in zip(self._entries(), self._positions(self.width()), strict=True):
            painter.save()
            painter.translate(place.x() + side, place.y() + line / 2)
            painter.scale(side, side)
            pen, brush = _look(label, hollow, dark, self._colours, 1.0)
            painter.setPen(pen)
            painter.setBrush(brush)
            painter.drawPath(pg.graphicsItems.ScatterPlotItem.Symbols[SHAPES[label % len(SHAPES)]])
            painter.restore()
            painter.setPen(QColor(self._colours.text))
            box = QRectF(place.x() + 2 * side, place.y(), self.width(), line)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
