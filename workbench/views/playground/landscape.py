"""The picture: a surface as a map, the racers' paths, their balls, and the arrows at the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.playground.requests import Drawn, PictureRequest
from workbench.engine.catalog.surfaces import View
from workbench.engine.catalog.surfaces.sculpted import Sculpted
from workbench.engine.core.errors import SpecError
from workbench.engine.core.text import short
from workbench.views.playground.frame import Frame, fitted
from workbench.views.playground.handle import Handle
from workbench.views.playground.landscape_marks import Marks
from workbench.views.playground.paths_layer import PathLook, PathsLayer
from workbench.views.playground.racer_style import is_dark, racer_style
from workbench.views.playground.surface_hands import BowlHands, Sculptor
from workbench.views.plots.picture_menu import PictureMenu
from workbench.views.plots.relief_colours import image_of_relief
from workbench.views.widgets.basics import show_tip
from workbench.views.widgets.theme import rhythm

#: Milliseconds without a change before the picture is computed once more, twice as fine.
_FINE_MS: Final = 250
#: Share of the view that an arrow key moves the start, and with Shift.
_NUDGE, _NUDGE_FAR = 0.005, 0.05
_WHEEL: Final = 1.25
#: Pixels that a press may move and still be a click.
_CLICK: Final = 4.0


class Landscape(QWidget):
    """Shows the desk's surface and paths up to the cursor. A click sets the start; the wheel zooms.

    Space plays and pauses, + and − zoom, 0 shows the whole surface.
    """

    chosen_changed = Signal(int)  #: a ball was clicked

    def __init__(self, desk: PlaygroundDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.frame = fitted(desk.spec.surface.view, 400, 300)
        self._surface = desk.spec.surface
        self._relief: tuple[View, QPixmap] | None = None
        self._drawn: Drawn | None = None
        self._ground: QPixmap | None = None
        self._layer = PathsLayer()
        self.marks = Marks()
        self._press: tuple[QPointF, bool] | None = None
        self._moved_by: QPointF | None = None
        self._moved_from = QPointF()
        self._fine = QTimer(self)
        self._fine.setSingleShot(True)
        self._fine.setInterval(_FINE_MS)
        self._fine.timeout.connect(self._ask_fine)
        self._make_hands()
        self.picture_menu = PictureMenu(self, lambda: "surface")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Surface with the racers' paths")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        desk.store.changed.connect(self._on_changed)
        desk.drawn.connect(self._on_drawn)
        desk.laid.connect(self.update)
        desk.troubled.connect(self._on_trouble)
        desk.cursor.moved.connect(self._on_moved)

    def _make_hands(self) -> None:
        help_text = "Drag it, click on the ground, or press the arrow keys, with Shift in larger steps."
        self.start = Handle("start", "Start of all racers", help_text, self)
        self.start.dragged.connect(self._on_start_dragged)
        self.start.nudged.connect(self._on_start_nudged)
        self.bowl = BowlHands(self)
        self.bowl.changed.connect(self._on_hand)
        self.sculptor = Sculptor(self, self._desk.store)

    # --- What is shown ------------------------------------------------------------------------------------------

    def choose(self, racer: int) -> None:
        """Show the arrows of this racer."""
        self.marks.chosen = racer
        self.update()

    def show_ends(self, ends: Sequence[Any] | None) -> None:
        """Mark where the balls of random restarts have ended, (N, 2) for each racer; None: no marks."""
        self.marks.ends = ends
        self.update()

    def reset_view(self) -> None:
        """Show the whole surface."""
        self._set_frame(fitted(self._surface.view, self.width(), self.height()))

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 120), rhythm(self, 90))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 50), rhythm(self, 36))

    @Slot(object)
    def _on_changed(self, spec: Any) -> None:
        other = type(spec.surface) is not type(self._surface)
        has_changed = spec.surface != self._surface
        self._surface = spec.surface
        self._ground = None
        if other:
            self._drawn = self._relief = None
            self.reset_view()
        elif has_changed:
            self._ask_picture()
        self._put_hands()
        self.update()

    @Slot(int)
    def _on_moved(self, _at: int) -> None:
        self.update()

    @Slot(str)
    def _on_trouble(self, _trouble: str) -> None:
        self.update()

    def _set_frame(self, frame: Frame) -> None:
        self.frame, self._ground = frame, None
        self._put_hands()
        self._ask_picture()
        self.update()

    def _put_hands(self) -> None:
        self.start.put(self.frame.pixel(*self._desk.spec.start()))
        self.bowl.show_surface(self._surface, self.frame)
        self.sculptor.show_surface(self.frame)
        self.start.raise_()

    # --- The map ------------------------------------------------------------------------------------------------

    def _ask_picture(self) -> None:
        if self.isVisible():
            self._ask("map", 1)
            self._fine.start()

    @Slot()
    def _ask_fine(self) -> None:
        self._ask("fine map", 2)

    def _ask(self, name: str, factor: float) -> None:
        sizes = round(self.width() * factor), round(self.height() * factor)
        self._desk.draw(PictureRequest(name, self._surface, self.frame.view, *sizes, is_urgent=factor == 1))

    @Slot(object)
    def _on_drawn(self, drawn: Drawn) -> None:
        if drawn.request.name in ("map", "fine map") and type(drawn.request.surface) is type(self._surface):
            self._drawn = drawn
            self._paint_relief()
            self.update()

    def _paint_relief(self) -> None:
        if self._drawn is not None:
            image = image_of_relief(self._drawn.relief, is_dark(self.palette()))
            self._relief = self._drawn.request.view, QPixmap.fromImage(self._in_size(image))
            self._ground = None

    def _in_size(self, image: QImage) -> QImage:
        """The finer picture at the size of the widget: its contours are smooth then."""
        if image.width() <= self.width():
            return image
        smooth = Qt.TransformationMode.SmoothTransformation
        return image.scaled(self.size(), Qt.AspectRatioMode.IgnoreAspectRatio, smooth)

    # --- Painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        dark = is_dark(self.palette())
        self.marks.prepare(self.frame, self.palette(), self.font(), dark)
        if self._ground is None:
            self._ground = self._painted_ground()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        paths = self._desk.paths
        if paths is None:
            self.marks.paint_words(painter, self._desk.trouble or "The racers start…")
        else:
            at = min(self._desk.cursor.at, paths.updates)
            styles = tuple(racer_style(number, dark) for number in range(len(paths.trails)))
            ground = self.palette().color(QPalette.ColorRole.Base).name()
            look = PathLook(styles, self._line_width(), ground)
            self._layer.sync(paths, at, self.frame, look, self.devicePixelRatioF())
            self._layer.paint(painter)
            self.marks.paint_balls(painter, paths.trails, at, styles)
        painter.end()

    def _painted_ground(self) -> QPixmap:
        """The map with what does not move on it, in one picture."""
        ratio = self.devicePixelRatioF()
        ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        ground.setDevicePixelRatio(ratio)
        ground.fill(self.palette().color(QPalette.ColorRole.Base))
        painter = QPainter(ground)
        if self._relief is not None:
            view, pixmap = self._relief
            painter.drawPixmap(self.frame.area(view), pixmap, QRectF(pixmap.rect()))
        self.marks.paint_ground(painter, self._surface)
        painter.end()
        return ground

    def _line_width(self) -> float:
        return max(1.6, self.fontMetrics().height() / 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        whole = fitted(self._surface.view, max(event.oldSize().width(), 1), max(event.oldSize().height(), 1))
        if self.frame == whole or event.oldSize().isEmpty():
            self.reset_view()
        else:
            self._set_frame(self.frame.resized(max(self.width(), 1), max(self.height(), 1)))

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._ask_picture()

    def hideEvent(self, event: Any) -> None:
        self._fine.stop()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_drawn"):
            self._ground = None
            self._paint_relief()
            self.update()

    # --- Hands --------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position(), False
            if self.sculptor.surface is not None:
                self.sculptor.begin(event.position())
        elif event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
            self._moved_by = self._moved_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._moved_by is not None:
            way = event.position() - self._moved_by
            self._moved_by = event.position()
            self._set_frame(self.frame.moved(way.x(), way.y()))
        elif self._press is not None:
            begin, has_moved = self._press
            if has_moved or (event.position() - begin).manhattanLength() > _CLICK:
                self._press = begin, True
                self._drag(event.position(), has_moved)

    def _drag(self, pixel: QPointF, goes_on: bool) -> None:
        if isinstance(self._surface, Sculpted):
            self._try(lambda: self.sculptor.drag(pixel, goes_on))
        else:
            self._place_start(pixel, goes_on)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The mouse opens it at its release: until then it may move the map."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.picture_menu.open_at(self.rect().center())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        moved, self._moved_by = self._moved_by, None
        is_click = moved is not None and (event.position() - self._moved_from).manhattanLength() <= _CLICK
        if is_click and event.button() == Qt.MouseButton.RightButton:
            self.picture_menu.open_at(event.position().toPoint())
        press, self._press = self._press, None
        if press is not None and not press[1]:
            ball = self.marks.ball_at(event.position())
            if ball is not None:
                self.chosen_changed.emit(ball)
            else:
                self._place_start(event.position(), False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The first click has already set the start."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._set_frame(self.frame.zoomed(_WHEEL ** (event.angleDelta().y() / 120), event.position(), self._own_view))
        event.accept()

    @property
    def _own_view(self) -> View:
        return self._surface.view

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = QPointF(self.width() / 2, self.height() / 2)
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._set_frame(self.frame.zoomed(_WHEEL, middle, self._own_view))
        elif key == Qt.Key.Key_Minus:
            self._set_frame(self.frame.zoomed(1 / _WHEEL, middle, self._own_view))
        elif key == Qt.Key.Key_0:
            self.reset_view()
        else:
            event.ignore()

    @Slot(QPointF, bool)
    def _on_start_dragged(self, pixel: QPointF, goes_on: bool) -> None:
        self._place_start(pixel, goes_on)

    def _place_start(self, pixel: QPointF, goes_on: bool) -> None:
        x, y = self.frame.point(pixel)
        self._try(lambda: self._desk.place_start(x, y, goes_on))

    @Slot(int, int, bool)
    def _on_start_nudged(self, right: int, up: int, far: bool) -> None:
        step = (_NUDGE_FAR if far else _NUDGE) * self._own_view.size
        x, y = self._desk.spec.start()
        self._try(lambda: self._desk.place_start(x + step * right, y + step * up, True))

    @Slot(str, object, bool)
    def _on_hand(self, path: str, value: Any, goes_on: bool) -> None:
        self._try(lambda: self._desk.store.edit(path, value, goes_on))

    def _try(self, edit: Any) -> None:
        """Make an edit; one that is not allowed (a start outside of the range) leaves all as it is."""
        try:
            edit()
        except SpecError:
            self._put_hands()

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, self._words_at) or super().event(event)

    def _words_at(self, pixel: Any) -> str:
        x, y = self.frame.point(QPointF(pixel))
        with np.errstate(all="ignore"):
            height = float(self._surface.value(np.array(x), np.array(y)))
        return f"x {short(x, 3)}, y {short(y, 3)}, height {short(height, 4)}"
