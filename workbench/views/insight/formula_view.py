"""The optimizer's rule in this very step: each line with the numbers of one weight, and whether torch did the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from workbench.engine.core.events import Event, RunEnded, RunStarted, Stepped, Watched
from workbench.engine.core.update_rule import shown, shown_with_numbers
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.number_words import grouped
from workbench.views.widgets.theme import ERROR, MUTED

#: Every number that changes takes as much room as the longest, so that nothing moves.
_WIDTH: Final = 10
_ROOM: Final = "\u00a0"
_INDENT: Final = 2
#: Fixed fonts look larger than others of their size.
_FIXED_SIZE: Final = 0.92
#: Values that change from step to step although no line gives them.
_MOVING: Final = frozenset({"x", "g", "t", "lr", "d"})
#: No eye reads numbers that change more often, and laying them out takes the interpreter from training (ms).
_EVERY: Final = 450
_EMPTY: Final = (
    "The rule of the optimizer appears here with the first step: each line with the numbers of one weight, "
    "and whether torch did the same. In an ensemble it is a weight of the first member."
)
_COMPARED: Final = (
    "The lines are computed from the rule in double precision, from what torch held before this step. The new x is "
    "compared with torch's. They agree if they differ by no more than float32 rounds x (2^-22 of it) or by a "
    "ten-thousandth of the update. Which weight is watched is set under Run."
)
_SIGNS: Final = "0imMxvĝθ√·−=²₁₂Δβε|/()[]"
_MOST_WIDTHS: Final = 500
_TONES: Final = {"text": QPalette.ColorRole.WindowText, "muted": MUTED, "error": ERROR}


@dataclass(frozen=True, slots=True)
class _Row:
    """One paragraph. ``fixed`` rows are formulas; ``boxed`` ones have a frame."""

    text: str
    tone: str = "text"
    fixed: bool = False
    bold: bool = False
    boxed: bool = False
    gap: float = 0.0


class _Font:
    """A font and what laying out asks of it again and again: each question to Qt takes the GIL from training.

    In a fixed font the width is a matter of counting; of other texts it is kept, because words repeat.
    """

    def __init__(self, font: QFont, fixed: bool) -> None:
        self.font = font
        metrics = QFontMetricsF(font)
        self.line, self.ascent = metrics.lineSpacing(), metrics.ascent()
        self._metrics = metrics
        self._widths: dict[str, float] = {}
        self._em = metrics.horizontalAdvance("0") if fixed and _is_fixed(metrics) else 0.0

    def width(self, text: str) -> float:
        """Pixels."""
        if self._em:
            return self._em * len(text)
        if text not in self._widths:
            if len(self._widths) > _MOST_WIDTHS:
                self._widths.clear()
            self._widths[text] = self._metrics.horizontalAdvance(text)
        return self._widths[text]


def _is_fixed(metrics: QFontMetricsF) -> bool:
    """A system may have no fixed font, or one that lacks a sign of the formulas and borrows it."""
    return len({round(metrics.horizontalAdvance(sign), 3) for sign in _SIGNS}) == 1


class FormulaSheet(QWidget):
    """Paints the rows. Its height depends on the rule and the width only, not on the numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[_Row, ...] = (_Row(_EMPTY, "muted"),)
        self._broken: list[list[str]] = []
        self._fonts: dict[tuple[bool, bool], _Font] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._lay_out()

    def show_rows(self, rows: tuple[_Row, ...]) -> None:
        """Replace what is shown."""
        self._rows = rows
        self._lay_out()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if hasattr(self, "_fonts"):
            self._fonts.clear()
            self._lay_out()

    def _margin(self) -> float:
        return self.fontMetrics().height() / 2

    def _font(self, row: _Row) -> _Font:
        kind = (row.fixed, row.bold)
        if kind not in self._fonts:
            self._fonts[kind] = _Font(self._made(row), row.fixed)
        return self._fonts[kind]

    def _made(self, row: _Row) -> QFont:
        font = QFont(self.font())
        if row.fixed:
            font.setFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
            font.setStyleHint(QFont.StyleHint.Monospace)
            if font.pointSizeF() > 0:
                font.setPointSizeF(_FIXED_SIZE * font.pointSizeF())
            else:
                font.setPixelSize(round(_FIXED_SIZE * font.pixelSize()))
        font.setBold(row.bold)
        return font

    def _lay_out(self) -> None:
        room = self.width() - 2 * self._margin()
        self._broken = [list(_broken(row, self._font(row), room)) for row in self._rows]
        height = round(
            2 * self._margin() + sum(self._height(r, b) for r, b in zip(self._rows, self._broken, strict=True))
        )
        if height != self.minimumHeight():
            self.setMinimumHeight(height)

    def _height(self, row: _Row, lines: list[str]) -> float:
        line = self._font(row).line
        return line * (len(lines) + row.gap + (0.5 if row.boxed else 0.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = left = self._margin()
        for row, lines in zip(self._rows, self._broken, strict=True):
            font = self._font(row)
            colour = self.palette().color(_TONES[row.tone])
            painter.setFont(font.font)
            painter.setPen(colour)
            y = top + row.gap * font.line
            if row.boxed:
                self._paint_box(painter, y, font.line, lines, colour)
            inset = font.line / 4 if row.boxed else 0.0
            for number, text in enumerate(lines):
                painter.drawText(QPointF(left + 2 * inset, y + inset + font.ascent + number * font.line), text)
            top += self._height(row, lines)

    def _paint_box(self, painter: QPainter, top: float, line: float, lines: list[str], colour: QColor) -> None:
        width = self.width() - 2 * self._margin()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, max(1.0, line / 14)))
        painter.drawRoundedRect(QRectF(self._margin(), top, width, line * (len(lines) + 0.5)), line / 4, line / 4)
        painter.setPen(colour)


class FormulaView(QScrollArea):
    """Shows the last Watched of a run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watched: Watched | None = None
        self._next: Watched | None = None
        self._shown: tuple[_Row, ...] = ()
        self._is_late = False
        self._whose = ""
        self._rate_width = 0  # the widest so far: a constant rate needs no room to move in
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_EVERY)
        self._rest.timeout.connect(self._on_rested)
        self.setAccessibleName("Formula, this step")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.sheet = FormulaSheet(self)
        self.setWidget(self.sheet)
        self.copy_action = QAction("&Copy as text", self)
        self.copy_action.triggered.connect(self.copy)
        self.addAction(self.copy_action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(plain_tip(_COMPARED))
        self.show_watched(None)

    def sizeHint(self) -> QSize:
        return QSize(34 * self.fontMetrics().averageCharWidth(), 17 * self.fontMetrics().height())

    @Slot(object)
    def take(self, events: list[Event]) -> None:
        """Show the last step that ``events`` tell of, if they do."""
        for started in (event for event in events if isinstance(event, RunStarted)):
            self._whose = ", first member" if started.spec.get("ensemble", {}).get("kind") == "independent" else ""
        watched = next((event for event in reversed(events) if isinstance(event, Watched)), None)
        self._next = watched or self._next
        halts = any(isinstance(event, Stepped | RunEnded) for event in events)
        if self._next is not None and (halts or not self._rest.isActive()):
            self.show_watched(self._next)
            self._rest.start()

    @Slot()
    def _on_rested(self) -> None:
        if self._next is not None:
            self.show_watched(self._next)
            self._rest.start()

    @Slot()
    def clear(self) -> None:
        """A new run begins."""
        self._rate_width, self._whose = 0, ""
        self.show_watched(None)

    def show_watched(self, watched: Watched | None) -> None:
        """Show this step; None: no step yet. A hidden view keeps it for when it is seen."""
        self._watched, self._next = watched, None
        self._is_late = not self.isVisible() and watched is not None
        if not self._is_late:
            self._write()

    def showEvent(self, event: QShowEvent) -> None:
        if self._is_late:
            self._is_late = False
            self._write()
        super().showEvent(event)

    def _write(self) -> None:
        rates = [line.values["lr"] for line in self._watched.lines if "lr" in line.values] if self._watched else []
        self._rate_width = max([self._rate_width, *(len(_short(rate)) for rate in rates)])
        self._shown = (
            tuple(_rows(self._watched, self._whose, self._rate_width)) if self._watched else (_Row(_EMPTY, "muted"),)
        )
        self.sheet.show_rows(self._shown)
        self.copy_action.setEnabled(self._watched is not None)
        self.setAccessibleDescription(self.text())

    def text(self) -> str:
        """All that is shown, line by line."""
        if self._is_late:
            self._is_late = False
            self._write()
        return "\n".join(re.sub(" +", " ", row.text.replace(_ROOM, "")).strip() for row in self._shown)

    @Slot()
    def copy(self) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())


def _rows(watched: Watched, whose: str = "", rate_width: int = 0) -> Iterator[_Row]:
    where = f"{watched.parameter}[{watched.index}]"
    yield _Row(f"Formula, step {grouped(watched.step + 1)}{whose}", bold=True)
    yield _Row(f"{watched.rule}, x = {where}", "muted")
    yield _badge(watched)
    given = {name for line in watched.lines for name in line.values}
    constants = given - _MOVING - {line.text.partition("=")[0].strip() for line in watched.lines}

    def written(name: str, value: float) -> str:
        return _short(value).ljust(rate_width, _ROOM) if name == "lr" else _number(name, value, constants)

    for line in watched.lines:
        yield _Row(shown(line.text), fixed=True, bold=True, gap=0.25)
        result, numbers = shown_with_numbers(line, written, constants)
        yield _Row(f"{result.strip(_ROOM).rjust(_WIDTH, _ROOM)} = {numbers}", fixed=True)
    for words in watched.words:
        yield _Row(words, "muted", gap=0.25)
    yield _Row(f"|x| {_padded(watched.norm)} |g| {_padded(watched.gradient_norm)}", fixed=True, gap=0.25)
    moved, norm = watched.update_norm, watched.norm
    share = f" {100 * moved / norm:.3g} % of |x|" if moved is not None and norm else ""
    yield _Row(f"|Δx| {_padded(moved)}{share}", fixed=True)
    yield _Row(f"Norms of {watched.parameter} ({' × '.join(map(grouped, watched.shape))})", "muted")


def _badge(watched: Watched) -> _Row:
    if watched.agrees is None:
        why = "the rule mixes many weights" if watched.lines else "this optimizer declares no rule"
        return _Row(f"– Not compared: {why}", "muted", boxed=True, gap=0.5)
    if watched.agrees:
        return _Row("✓ Torch's x agrees", boxed=True, bold=True, gap=0.5)
    off = abs(watched.new - (watched.expected or 0.0))
    return _Row(f"✗ Torch's x differs by {_short(off)}", "error", boxed=True, bold=True, gap=0.5)


def _number(name: str, value: float, constants: Collection[str]) -> str:
    if name == "t":
        return f"{value:.0f}".ljust(4, _ROOM)
    if name == "x":
        return _short(value, 6).ljust(_WIDTH + 1, _ROOM)
    return _padded(value) if name and name not in constants else _shorter(f"{value:g}")


def _padded(value: float | None) -> str:
    return ("–" if value is None else _short(value)).ljust(_WIDTH, _ROOM)


def _short(value: float, digits: int = 4) -> str:
    """``0.01235``, ``−1.235e-5``. Of x six digits are shown, or its small steps could not be seen."""
    text = f"{value:.{digits}g}".replace("-", "−", 1) if value < 0 else f"{value:.{digits}g}"
    return _shorter(text)


def _shorter(number: str) -> str:
    return re.sub(r"e([+-])0", r"e\1", number)


def _broken(row: _Row, font: _Font, room: float) -> Iterator[str]:
    """The row's text in lines no wider than ``room``. Formulas break before + − =, and only else before · and /."""
    room -= font.line if row.boxed else 0.0
    if font.width(row.text.rstrip(" ")) <= room:
        yield row.text
        return
    line = ""
    for piece in _pieces(row, font, room):
        if line.strip() and font.width((line + piece).rstrip(" ")) > room:
            yield line
            line = " " * _INDENT if row.fixed else ""
        line += piece
    yield line


def _pieces(row: _Row, font: _Font, room: float) -> Iterator[str]:
    if not row.fixed:
        yield from re.split(r"(?<= )", row.text)
        return
    widest = room - font.width(" " * _INDENT)
    for piece in _terms(row.text):
        narrow = font.width(piece.rstrip(" ")) <= widest
        yield from (piece,) if narrow else re.split(r"(?=[·/])", piece)


def _terms(text: str) -> Iterator[str]:
    """Pieces that begin with + − or =, none of them inside a bracket."""
    begun = depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign in "+−=" and text[at + 1 : at + 2] == " ":
            yield text[begun:at]
            begun = at
    yield text[begun:]
