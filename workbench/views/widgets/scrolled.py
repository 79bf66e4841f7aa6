"""A column that scrolls where there is no room for all of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.views.widgets.scroll_bar import reserve_scroll_bar
from workbench.views.widgets.theme import rhythm


class Scrolled(QScrollArea):
    """A column that scrolls where the window is too low for it; never narrower than what is in it.

    With ``sideways`` it scrolls in both directions: what is in it may be wider than it.
    """

    def __init__(self, inside: QWidget, name: str, narrowest: float = 0, *, sideways: bool = False) -> None:
        super().__init__()
        self._inside, self._narrowest, self._is_sideways = inside, narrowest, sideways
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        if not sideways:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            reserve_scroll_bar(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if sideways else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self.setWidget(inside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # what is in it may need more room now
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        within = 0 if self._is_sideways else self._inside.minimumSizeHint().width()
        wide = max(within, rhythm(self, self._narrowest))
        return QSize(wide + self.verticalScrollBar().sizeHint().width(), rhythm(self, 20))


def scrolled(inside: QWidget, name: str, narrowest: float = 0, *, sideways: bool = False) -> Scrolled:
    """``inside`` in an area that scrolls, at least ``narrowest`` quarters of a line wide."""
    return Scrolled(inside, name, narrowest, sideways=sideways)
