"""Words in larger letters, which follow the size of the application's."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from workbench.views.widgets.basics import Words
from workbench.views.widgets.theme import theme


class LargeWords(Words):
    """Letters ``factor`` times as large as the application's, maybe bold."""

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

    @Slot()
    def _fit(self) -> None:
        font = QFont(QApplication.font())
        font.setPointSizeF(self._factor * font.pointSizeF())
        font.setBold(self._bold)
        self.setFont(font)
