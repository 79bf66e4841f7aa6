"""The lecture's rule of thumb as a table of four, with the user's own case marked."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.widgets.theme import ACCENT, MUTED, rhythm

#: By "many examples" and "similar pictures".
CELLS: Final = {
    (False, True): "Freeze all blocks; train the head only.",
    (False, False): "Difficult. Freeze the first blocks only, and expect a lower accuracy.",
    (True, True): "Fine-tune the last blocks.",
    (True, False): "Fine-tune many blocks.",
}
MINE: Final = "Your case: "
_Align = Qt.AlignmentFlag


class RuleTable(QWidget):
    """Two rows (few, many examples) by two columns (similar, different pictures); a list of four where it is narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case: tuple[bool, bool] | None = None
        self._instead = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name()

    def show_case(self, case: tuple[bool, bool] | None, instead: str = "") -> None:
        """Mark the cell of (many examples, similar pictures); None marks none. ``instead`` is said in it too."""
        if (case, instead) != (self._case, self._instead):
            self._case, self._instead = case, instead
            self._name()
            self._fit()
            self.update()

    def _words(self, case: tuple[bool, bool]) -> str:
        if case != self._case:
            return CELLS[case]
        return f"{MINE}{CELLS[case]}" + (f"\n{self._instead}" if self._instead else "")

    def _name(self) -> None:
        rows = [f"{_where(case)}: {words}" for case, words in CELLS.items()]
        self.setAccessibleName("Rule of thumb")
        mine = f" {self._words(self._case)}" if self._case else ""
        self.setAccessibleDescription(" ".join(rows) + mine)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 90), rhythm(self, 34))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 50), rhythm(self, 20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        places = self._places()
        self.setFixedHeight(max(area.bottom() for area in places.values()) + 2)

    def _is_narrow(self) -> bool:
        return self.width() < rhythm(self, 85)

    def _places(self) -> dict[tuple[bool, bool], QRect]:
        unit = rhythm(self, 1)
        if self._is_narrow():
            places, y = {}, 0
            for case in CELLS:
                high = self._height_of(f"{_where(case)}: {self._words(case)}", self.width())
                places[case] = QRect(0, y, self.width(), high)
                y += high
            return places
        left, top = 20 * unit, 6 * unit
        wide = (self.width() - left) // 2
        high = max(self._height_of(self._words(case), wide) for case in CELLS)
        return {
            (many, similar): QRect(left + (not similar) * wide, top + many * high, wide, high)
            for many, similar in CELLS
        }

    def _height_of(self, words: str, wide: int) -> int:
        font = QFont(self.font())
        font.setBold(True)
        unit = rhythm(self, 1)
        room = QRect(0, 0, max(1, wide - 4 * unit), 10_000)
        return QFontMetrics(font).boundingRect(room, Qt.TextFlag.TextWordWrap, words).height() + 3 * unit

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self._places()
        if not self._is_narrow():
            self._paint_heads(painter, places)
        for case, area in places.items():
            self._cell(painter, area, case)
        painter.end()

    def _paint_heads(self, painter: QPainter, places: dict[tuple[bool, bool], QRect]) -> None:
        unit = rhythm(self, 1)
        painter.setPen(self.palette().color(MUTED))
        for similar, words in ((True, "Similar pictures"), (False, "Different pictures")):
            area = places[False, similar]
            painter.drawText(QRect(area.left(), 0, area.width(), area.top()), _Align.AlignCenter, words)
        for many, words in ((False, "Few\nexamples"), (True, "Many\nexamples")):
            area = places[many, True]
            side = QRect(0, area.top(), area.left() - unit, area.height())
            painter.drawText(side, _Align.AlignRight | _Align.AlignVCenter, words)

    def _cell(self, painter: QPainter, area: QRect, case: tuple[bool, bool]) -> None:
        unit, mine, palette = rhythm(self, 1), case == self._case, self.palette()
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        edge = palette.color(ACCENT if mine else QPalette.ColorRole.Mid)
        painter.setPen(QPen(edge, unit * 0.6 if mine else 1))
        painter.drawRoundedRect(QRectF(area).adjusted(2, 2, -2, -2), unit, unit)
        font = QFont(self.font())
        font.setBold(mine)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText if mine or self._case is None else MUTED))
        before = f"{_where(case)}: " if self._is_narrow() else ""
        words = before + self._words(case)
        inner = area.adjusted(2 * unit, unit, -2 * unit, -unit)
        painter.drawText(inner, _Align.AlignCenter | Qt.TextFlag.TextWordWrap, words)
        painter.setFont(self.font())


def _where(case: tuple[bool, bool]) -> str:
    return f"{'Many' if case[0] else 'Few'} examples, {'similar' if case[1] else 'different'} pictures"
