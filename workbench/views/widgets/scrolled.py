"""A column that scrolls where there is no room for all of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.views.widgets.scroll_bar import reserve_scroll_bar
from workbench.views.widgets.theme import rhythm


class Scrolled(QScrollArea):
    """A column that scrolls where the window is too low for it; never narrower than what is in it."""

    def __init__(self, inside: QWidget, name: str, narrowest: float = 0) -> None:
        super().__init__()
        self._inside, self._narrowest = inside, narrowest
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        reserve_scroll_bar(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self.setWidget(inside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # what is in it may need more room now
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        wide = max(self._inside.minimumSizeHint().width(), rhythm(self, self._narrowest))
        return QSize(wide + self.verticalScrollBar().sizeHint().width(), rhythm(self, 20))


def scrolled(inside: QWidget, name: str, narrowest: float = 0) -> Scrolled:
    """``inside`` in an area that scrolls, at least ``narrowest`` quarters of a line wide."""
    return Scrolled(inside, name, narrowest)
