"""The title of a dock: Fusion paints its own one in a font that does not follow the size of the letters."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QStyle, QToolButton, QWidget

from workbench.views.widgets.theme import rhythm


class DockTitle(QWidget):
    """Name, and buttons to detach and to close ``dock``. It is dragged as usual."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        name = QLabel(dock.windowTitle(), self)
        name.setTextFormat(Qt.TextFormat.PlainText)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(0)
        self._row.addWidget(name, 1)
        self._buttons = [
            self._button(f"Detach {dock.windowTitle()}", QStyle.StandardPixmap.SP_TitleBarNormalButton),
            self._button(f"Close {dock.windowTitle()}", QStyle.StandardPixmap.SP_TitleBarCloseButton),
        ]
        self._buttons[0].clicked.connect(self._on_detach)
        self._buttons[1].clicked.connect(dock.close)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _button(self, words: str, picture: QStyle.StandardPixmap) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIcon(self.style().standardIcon(picture))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        return button

    def _fit(self) -> None:
        self._row.setContentsMargins(rhythm(self, 1), 0, 0, 0)
        side = rhythm(self, 3)
        for button in self._buttons:
            button.setIconSize(QSize(side, side))

    @Slot()
    def _on_detach(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())
