"""A column that scrolls where there is no room for all of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from workbench.views.widgets.basics import Box
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


class CappedScroll(Scrolled):
    """As high as what is in it, up to ``tallest`` pixels; beyond that it scrolls, with the arrow keys too.

    What is in it has a height that follows from its width, as wrapped words do.
    """

    def __init__(self, inside: QWidget, name: str) -> None:
        column = Box()  # Qt tells a parent with a layout, and no other, that the words have changed
        column.add(inside)
        super().__init__(column, name)
        self._tallest = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)

    @property
    def tallest(self) -> int:
        """The maximum height in pixels; never less than one line of text."""
        return self._tallest

    @tallest.setter
    def tallest(self, pixels: int) -> None:
        if pixels != self._tallest:
            self._tallest = pixels
            self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        inside = self._inside.heightForWidth(width - self.verticalScrollBar().sizeHint().width())
        return max(self.minimumSizeHint().height(), min(inside, self._tallest))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), rhythm(self, 4))

    @Slot(int, int)
    def _on_range(self, _lowest: int, highest: int) -> None:
        """Only an area that scrolls is a stop of the Tab key."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if highest else Qt.FocusPolicy.NoFocus)


def scrolled(inside: QWidget, name: str, narrowest: float = 0, *, sideways: bool = False) -> Scrolled:
    """``inside`` in an area that scrolls, at least ``narrowest`` quarters of a line wide."""
    return Scrolled(inside, name, narrowest, sideways=sideways)
