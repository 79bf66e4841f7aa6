"""Clickable headers that open and close the section below them, and the small buttons beside them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QPolygon
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from workbench.views.widgets.basics import draw_sign, plain_tip
from workbench.views.widgets.theme import ACCENT, ERROR, MUTED, rhythm


def draw_focus(painter: QPainter, area: QRect, palette: QPalette) -> None:
    """Draw the focus frame."""
    painter.setPen(palette.color(ACCENT))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(1, 1, -2, -2))


class CollapsibleHeader(QAbstractButton):
    """Arrow, title and choice in one line; in a narrow header the choice is shortened. Checked means open."""

    def __init__(self, title: str, parent: QWidget, letter: str = "", height: float = 7, bold: bool = True) -> None:
        super().__init__(parent)
        at = title.lower().find(letter) if letter else -1
        self.setText(title.replace("&", "&&") if at < 0 else f"{title[:at]}&{title[at:]}")
        self.title = title
        self._height = height
        self._bold = bold
        self._choice = self._short = self._wrong = self._doubt = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    def say(self, choice: str, short: str = "", wrong: str = "", doubt: str = "") -> None:
        """Show the choice (``short`` where it does not fit); what is ``wrong`` is shown instead, with a sign.

        ``doubt`` has a warning sign, where nothing is wrong.
        """
        if (choice, short, wrong, doubt) != (self._choice, self._short, self._wrong, self._doubt):
            self._choice, self._short, self._wrong, self._doubt = choice, short, wrong, doubt
            self.setToolTip(plain_tip(wrong or doubt or choice))
            self.setAccessibleName(self.summary + (f", has a problem: {wrong or doubt}" if wrong or doubt else ""))
            self.update()

    @property
    def summary(self) -> str:
        """Title and choice, e.g. ``Optimizer — Momentum 0.05``."""
        return f"{self.title} — {self._choice}" if self._choice else self.title

    @property
    def is_wrong(self) -> bool:
        """Whether it shows the error sign."""
        return bool(self._wrong)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), rhythm(self, self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 16), rhythm(self, self._height))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        unit = rhythm(self, 1)
        palette = self.palette()
        if self.underMouse() or self.isDown():
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Button))
        area = self.rect().adjusted(unit, 0, -2 * unit, 0)
        self._draw_arrow(painter, QRect(area.left(), area.top(), 3 * unit, area.height()))
        area.setLeft(area.left() + 4 * unit)
        if self._wrong or self._doubt:
            side = 4 * unit
            square = QRectF(area.right() - side, (self.height() - side) / 2, side, side)
            draw_sign(painter, "error" if self._wrong else "warning", square, palette)
            area.setRight(area.right() - side - unit)
        self._draw_words(painter, area, 2 * unit)
        if self.hasFocus():
            draw_focus(painter, self.rect(), palette)
        painter.end()

    def _draw_arrow(self, painter: QPainter, square: QRect) -> None:
        side = square.width() // 3
        centre = square.center()
        right = [QPoint(-side // 2, -side), QPoint(side // 2, 0), QPoint(-side // 2, side)]
        down = [QPoint(-side, -side // 2), QPoint(0, side // 2), QPoint(side, -side // 2)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(MUTED))
        painter.drawPolygon(QPolygon([centre + point for point in (down if self.isChecked() else right)]))

    def _draw_words(self, painter: QPainter, area: QRect, space: int) -> None:
        font = QFont(self.font())
        font.setBold(self._bold)
        underline = self.style().styleHint(QStyle.StyleHint.SH_UnderlineShortcut, None, self)
        mnemonic = Qt.TextFlag.TextShowMnemonic if underline else Qt.TextFlag.TextHideMnemonic
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, flags | Qt.TextFlag.TextSingleLine | mnemonic, self.text())
        area.setLeft(area.left() + QFontMetrics(font).horizontalAdvance(self.title) + space)
        metrics = QFontMetrics(self.font())
        fits = metrics.horizontalAdvance(self._choice) <= area.width() or not self._short
        shown = self._wrong.partition("\n")[0] or (self._choice if fits else self._short)
        words = metrics.elidedText(shown, Qt.TextElideMode.ElideRight, area.width())
        painter.setFont(self.font())
        painter.setPen(self.palette().color(ERROR if self._wrong else MUTED))
        painter.drawText(area, flags, words)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()


class SmallButton(QAbstractButton):
    """A square button with a drawn sign: pin, up, down, copy, remove."""

    def __init__(self, sign: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._sign = sign
        self.setAccessibleName(words)
        self.setToolTip(plain_tip(words))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 5.5), rhythm(self, 6))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Button))
        if self.hasFocus():
            draw_focus(painter, self.rect(), palette)
        role = ACCENT if self.isChecked() else MUTED
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        unit = self.fontMetrics().height() / 4
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.color(group, role), unit * 0.4, c=Qt.PenCapStyle.RoundCap))
        painter.translate(self.width() / 2, self.height() / 2)
        painter.scale(unit, unit)
        painter.setPen(QPen(palette.color(group, role), 0.4, c=Qt.PenCapStyle.RoundCap))
        if self.isChecked():
            painter.setBrush(palette.color(group, role))
        for line in _SIGNS[self._sign]:
            painter.drawPolyline([QPointF(x, y) for x, y in line])
        if self._sign == "pin":
            painter.drawRect(QRectF(-0.55, -1.4, 1.1, 1.4))
        painter.end()


_SIGNS: dict[str, list[list[tuple[float, float]]]] = {
    "pin": [[(-1.0, 0.0), (1.0, 0.0)], [(0.0, 0.0), (0.0, 1.5)]],
    "up": [[(0.0, 1.1), (0.0, -1.1)], [(-0.8, -0.3), (0.0, -1.1), (0.8, -0.3)]],
    "down": [[(0.0, -1.1), (0.0, 1.1)], [(-0.8, 0.3), (0.0, 1.1), (0.8, 0.3)]],
    "copy": [
        [(-1.1, -0.4), (-1.1, 1.2), (0.5, 1.2), (0.5, -0.4), (-1.1, -0.4)],
        [(-0.5, -0.4), (-0.5, -1.1), (1.1, -1.1), (1.1, 0.5), (0.5, 0.5)],
    ],
    "remove": [[(-0.8, -0.8), (0.8, 0.8)], [(-0.8, 0.8), (0.8, -0.8)]],
}


class LinkButton(QAbstractButton):
    """A button that looks like a link."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self.text()) + rhythm(self, 1), metrics.height() + rhythm(self, 0.5))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = QFont(self.font())
        font.setUnderline(self.hasFocus() or self.underMouse())
        painter.setFont(font)
        painter.setPen(self.palette().color(ACCENT))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()
