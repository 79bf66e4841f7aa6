"""Basic widgets of every form: boxes whose spacing follows the font, plain-text labels, and drawn signs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QBoxLayout, QLabel, QLayout, QSizePolicy, QToolTip, QWidget

from workbench.engine.core.text import grouped
from workbench.views.widgets.theme import ACCENT, ERROR, WARNING, good_colour, rhythm

#: Number of characters of a text that a label shows.
MOST_SHOWN = 2000
#: This many characters without a space or another place where Qt breaks a line.
_UNBROKEN = re.compile(r"[^\s/\-\u200b]{40}(?=[^\s/\-\u200b])")
#: An absolute path of at least three parts; a space ends it.
_PATH = re.compile(r"(?<![\w/\\.])(?:~|[A-Za-z]:)?(?:[/\\][^\s/\\,;:“”]+){3,}")
#: A path with more characters than this is shortened to its last two parts.
_LONG_PATH = 40
#: A space of no width, where a line may be broken.
_BREAK = "\u200b"

Margins = tuple[float, float, float, float]
Direction = QBoxLayout.Direction


class Box(QWidget):
    """A column (or row) of widgets whose margins and spacing follow the font, so that Large scales them too."""

    def __init__(
        self,
        parent: QWidget | None = None,
        margins: Margins = (0, 0, 0, 0),
        spacing: float = 1,
        horizontal: bool = False,
    ) -> None:
        super().__init__(parent)
        self._margins = margins
        self._spacing = spacing
        self.box = QBoxLayout(Direction.LeftToRight if horizontal else Direction.TopToBottom, self)
        self._keep_rhythm()

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Append a widget."""
        self.box.addWidget(widget, stretch)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._keep_rhythm()

    def _keep_rhythm(self) -> None:
        self.box.setContentsMargins(*(rhythm(self, m) if m else 0 for m in self._margins))
        self.box.setSpacing(rhythm(self, self._spacing) if self._spacing else 0)


def fitting(text: str, most: int = MOST_SHOWN) -> str:
    """``text`` as a label or a tooltip can show it: of over ``most`` characters the middle is left out, and no part is
    too wide to wrap.

    Laying out a million characters takes Qt a quarter of a minute; a name without a space would widen the window.
    """
    if len(text) > most:
        text = f"{text[: most * 3 // 4]} … ({grouped(len(text) - most)} characters left out) … {text[-most // 4 :]}"
    return _UNBROKEN.sub(lambda found: found[0] + _BREAK, text)


def fitting_title(text: str, most: int = 80) -> str:
    """``text`` as the title of a window: of over ``most`` characters the middle is left out."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"


def with_short_paths(text: str) -> str:
    """``text`` with the last two parts of long paths: ``…/ham10000/metadata.csv``."""
    return _PATH.sub(lambda found: _short_path(found[0]) if len(found[0]) > _LONG_PATH else found[0], text)


def _short_path(path: str) -> str:
    separator = "\\" if "\\" in path else "/"
    return separator.join(["…", *path.split(separator)[-2:]])


class Words(QLabel):
    """A label for plain text in a colour role of the palette. QLabel itself could take a file name for rich text.

    It shows text of any length: see ``fitting``.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        tone: QPalette.ColorRole = QPalette.ColorRole.WindowText,
        wrap: bool = True,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setForegroundRole(tone)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(fitting(text))

    def say(self, text: str) -> None:
        """Show ``text``; hide the label if it is empty."""
        if fitting(text) != self.text():
            self.setText(text)
        self.setVisible(bool(text))


class ShortPathWords(Words):
    """As Words; long paths are shortened, and its tooltip then has the whole text."""

    def setText(self, text: str) -> None:
        short = with_short_paths(text)
        super().setText(short)
        self.setToolTip(plain_tip(text) if short != text else "")


SignName = Literal["bolt", "dot", "error", "warning", "good", "none"]
_TONES = {"bolt": ACCENT, "dot": ACCENT, "error": ERROR, "warning": WARNING, "none": ACCENT}


def draw_sign(painter: QPainter, name: SignName, square: QRectF, palette: QPalette) -> None:
    """Draw a sign into ``square``. It is drawn because fonts differ in which signs they have and in their colours."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = good_colour(palette) if name == "good" else palette.color(_TONES[name])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    x, y, side = square.x(), square.y(), square.width()
    if name == "dot":
        painter.drawEllipse(square.center(), side * 0.22, side * 0.22)
    elif name == "bolt":
        corners = ((0.62, 0.04), (0.20, 0.56), (0.46, 0.56), (0.36, 0.96), (0.80, 0.40), (0.53, 0.40))
        painter.drawPolygon(QPolygonF([QPointF(x + a * side, y + b * side) for a, b in corners]))
    elif name == "good":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, side * 0.16, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
        ends = ((0.14, 0.54), (0.40, 0.80), (0.86, 0.22))
        painter.drawPolyline(QPolygonF([QPointF(x + a * side, y + b * side) for a, b in ends]))
    elif name in ("error", "warning"):
        painter.drawEllipse(square.center(), side * 0.46, side * 0.46)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Base), side * 0.14, c=Qt.PenCapStyle.RoundCap))
        centre = square.center().x()
        painter.drawLine(QPointF(centre, y + side * 0.27), QPointF(centre, y + side * 0.54))
        painter.drawPoint(QPointF(centre, y + side * 0.74))


class Sign(QWidget):
    """A sign as a widget, as high as the text beside it, with a tooltip and accessible name."""

    def __init__(self, name: SignName, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name: SignName = name
        self.setToolTip(plain_tip(words))
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_sign(self, name: SignName, words: str) -> None:
        """Show another sign."""
        self._name = name
        self.setToolTip(plain_tip(words))
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        side = rhythm(self, 3)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_sign(painter, self._name, QRectF(self.rect()), self.palette())
        painter.end()


def plain_tip(text: str) -> str:
    """Plain text for a tooltip that wraps: escaped, in a paragraph, so that Qt does not interpret it."""
    escaped = fitting(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
    return f"<p>{escaped}</p>" if text else ""


def show_tip(widget: QWidget, event: QEvent, words_at: Callable[[QPoint], str]) -> bool:
    """If ``event`` asks for a tooltip, show the text of ``words_at`` (none if empty) and return True."""
    if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
        return False
    QToolTip.showText(event.globalPos(), plain_tip(words_at(event.pos())), widget)
    return True


def keep_room(widget: QWidget) -> None:
    """Leave the place of ``widget`` empty while it is hidden, so that nothing moves."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def drop(widget: QWidget) -> None:
    """Remove a widget from its window. The event loop deletes it, because it may be in one of its own slots."""
    parent = widget.parentWidget()
    layout: QLayout | None = parent.layout() if parent is not None else None
    if layout is not None:
        layout.removeWidget(widget)
    widget.hide()
    widget.deleteLater()
