"""Keeps a message that appears from turning a click that is already under way into another one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

#: Seconds after a move in which a press cannot be aimed at what is there now: people take 0.2 to 0.4 s to react.
HOLD: Final = 0.5
_PRESSES: Final = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class PressGuard(QObject):
    """For half a second after ``page`` was moved, ignores presses of the mouse on it and on ``messages`` above it.

    A message above the page moves it by the height of a button, so that a press aimed at one button hit the next. Only
    presses from the window system are ignored; keys act at any time. ``clock`` gives seconds and never goes back.
    """

    def __init__(self, page: QWidget, messages: Sequence[QWidget], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(page)
        self.clock = clock
        self._page, self._parts = page, (page, *messages)
        self._moved = float("-inf")
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page:
            if event.type() == QEvent.Type.Move and self._page.isVisible():
                self._begin()
            return False
        if not self._is_on:
            watched.removeEventFilter(self)  # no event of the window costs anything from now on
            return False
        if not isinstance(event, QMouseEvent) or event.type() not in _PRESSES:
            return False
        return self._is_inside(event.globalPosition().toPoint())  # Qt ignores the release of such a press, too

    @property
    def _is_on(self) -> bool:
        return self.clock() - self._moved < HOLD

    def _begin(self) -> None:
        handle = self._page.window().windowHandle()
        if handle is not None:
            self._moved = self.clock()
            handle.installEventFilter(self)

    def _is_inside(self, at: QPoint) -> bool:
        return any(part.isVisible() and part.rect().contains(part.mapFromGlobal(at)) for part in self._parts)
