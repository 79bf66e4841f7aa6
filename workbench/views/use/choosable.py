"""The base of painted figures whose parts open their examples: by the mouse and by the keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.report.svg.colours import DARK, LIGHT, PlotColours
from workbench.views.widgets.basics import show_tip
from workbench.views.widgets.theme import ACCENT, theme


class Choosable(QWidget):
    """Left and Right go from part to part, Enter or a click opens it. A member says where its parts are."""

    chosen = Signal(int)  #: the number of a part

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._empty = empty
        self.current = -1

    # --- For subclasses --------------------------------------------------------------------------------------------

    def places(self) -> list[QRectF]:
        """Where its parts are, in the order of the arrow keys."""
        raise NotImplementedError

    def words(self, number: int) -> str:
        """The text of a part's tooltip."""
        raise NotImplementedError

    def paint(self, painter: QPainter, colours: PlotColours) -> None:
        """Paint everything but the frame around the current part."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show nothing but what will be here: no ``places`` any more."""
        self.current = -1
        self.setAccessibleDescription("")
        self.update()

    # --- Input ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and (number := self._at(event.position())) >= 0:
            self.open(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        count, key = len(self.places()), event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and count:
            self._show_current((max(self.current, 0) + (1 if key == Qt.Key.Key_Right else -1)) % count)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and 0 <= self.current < count:
            self.chosen.emit(self.current)
        else:
            super().keyPressEvent(event)

    def open(self, number: int) -> None:
        """Make a part the current one and open its examples."""
        self._show_current(number)
        self.chosen.emit(number)

    def _show_current(self, number: int) -> None:
        self.current = number
        self.setAccessibleDescription(self.words(number))
        self.update()

    def _at(self, at: QPointF) -> int:
        """The part at a point, or the nearest one within a line's height; −1 without any."""
        near = [(_distance(place, at), number) for number, place in enumerate(self.places())]
        away, number = min(near, default=(1e9, -1))
        return number if away <= self.fontMetrics().height() else -1

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, lambda at: self._tip(QPointF(at))) or super().event(event)

    def _tip(self, at: QPointF) -> str:
        number = self._at(at)
        return self.words(number) if number >= 0 else ""

    # --- Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = DARK if theme().colours.dark else LIGHT
        painter.fillRect(self.rect(), QColor(colours.background))
        places = self.places()
        if not places:
            painter.setPen(QColor(colours.muted))
            painter.drawText(
                self.rect(), int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self._empty
            )
        else:
            self.paint(painter, colours)
            if 0 <= self.current < len(places):
                strong = self.palette().color(ACCENT if self.hasFocus() else QPalette.ColorRole.Text)
                painter.setPen(QPen(strong, 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(places[self.current].adjusted(-2, -2, 2, 2))
        painter.end()


def _distance(place: QRectF, at: QPointF) -> float:
    x = max(place.left() - at.x(), 0.0, at.x() - place.right())
    y = max(place.top() - at.y(), 0.0, at.y() - place.bottom())
    return float(x + y)


def ticks(line: float, height: float) -> tuple[float, ...]:
    """The shares at an axis of ``height`` with words of the height ``line``: fewer where they would overlap."""
    return (0.0, 0.25, 0.5, 0.75, 1.0) if height > 5 * line else (0.0, 1.0)
