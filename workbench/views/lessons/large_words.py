"""Words in larger letters, which follow the size of the application's."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtGui import QFont, QFontMetrics, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from workbench.views.widgets.basics import Words
from workbench.views.widgets.theme import theme

#: One step smaller.
_STEP: Final = 0.85
_WRAPPED: Final = int(Qt.TextFlag.TextWordWrap)


class LargeWords(Words):
    """Letters ``factor`` times as large as the application's, maybe bold."""

    _factor, _bold, _most_lines = 1.0, False, 0

    def __init__(
        self,
        factor: float,
        parent: QWidget | None = None,
        tone: QPalette.ColorRole = QPalette.ColorRole.WindowText,
        bold: bool = False,
        wrap: bool = True,
    ) -> None:
        super().__init__(parent=parent, tone=tone, wrap=wrap)
        self._factor, self._bold = factor, bold
        theme().changed.connect(self._fit)
        self._fit()

    def set_most_lines(self, lines: int) -> None:
        """Make the letters one step smaller while the text takes more than so many ``lines``; 0: never."""
        if lines != self._most_lines:
            self._most_lines = lines
            self._fit()

    def setText(self, text: str) -> None:
        super().setText(text)
        if self._most_lines:
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._most_lines:
            self._fit()

    @Slot()
    def _fit(self) -> None:
        font = self._scaled(self._factor)
        if self._most_lines and self._lines(font) > self._most_lines:
            font = self._scaled(_STEP * self._factor)
        if font != self.font():
            self.setFont(font)

    def _scaled(self, factor: float) -> QFont:
        font = QFont(QApplication.font())
        font.setPointSizeF(factor * font.pointSizeF())
        font.setBold(self._bold)
        return font

    def _lines(self, font: QFont) -> int:
        """The lines that the text takes in this font and the present width."""
        metrics = QFontMetrics(font)
        high = metrics.boundingRect(QRect(0, 0, self.width(), 1 << 20), _WRAPPED, self.text()).height()
        return round(high / metrics.lineSpacing())
