"""Keeps windows on their screen, including the frame that the window manager draws around them.

The main window imports this before its first picture, so nothing here uses ``Qt``, whose enumerations take PySide
(6.11) 13 ms, a tenth of the time until then.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QMargins, QObject, QRect, QSize, QTimer, Slot
from PySide6.QtWidgets import QWidget

#: Milliseconds within which the window manager draws its frame, which moves the window.
_FRAME_MS = 250


def room_of(window: QWidget) -> QRect:
    """The part of the screen that is available for windows, without task bars."""
    return window.screen().availableGeometry()


def frame_of(window: QWidget) -> QMargins:
    """The frame around ``window``; before it has one, that of its parent, or an estimate."""
    for each in (window, window.parentWidget()):
        if each is not None and each.isVisible():
            top = each.window()
            outer, inner = top.frameGeometry(), top.geometry()
            found = QMargins(
                inner.left() - outer.left(),
                inner.top() - outer.top(),
                outer.right() - inner.right(),
                outer.bottom() - inner.bottom(),
            )
            if not found.isNull():
                return found
    # About the style's height of titles. It is not asked for: QStyle's enumerations take 3 ms before the first picture.
    return QMargins(4, round(1.5 * window.fontMetrics().height()), 4, 4)


def largest(window: QWidget) -> QSize:
    """The largest size (without frame) with which ``window`` fits on the screen."""
    return room_of(window).marginsRemoved(frame_of(window)).size()


def keep_on_screen(window: QWidget) -> None:
    """Shrink and move ``window`` so that it is completely on the screen, with its frame."""
    if window.isMaximized() or window.isFullScreen() or window.isMinimized():
        return
    size = window.size().boundedTo(largest(window)).expandedTo(window.minimumSize())
    if size != window.size():
        window.resize(size)
    room, frame = room_of(window), window.frameGeometry()
    x = max(room.left(), min(frame.x(), room.right() + 1 - frame.width()))
    y = max(room.top(), min(frame.y(), room.bottom() + 1 - frame.height()))
    if (x, y) != (frame.x(), frame.y()):
        window.move(x, y)


class WindowSizes:
    """The sizes that the user gave a window, one for each font size."""

    def __init__(self) -> None:
        self._kept: dict[str, QSize] = {}

    def get(self, large: bool) -> QSize | None:
        """The saved size for the large or the usual font; None if there is none."""
        return self._kept.get(_letters(large))

    def keep(self, large: bool, size: QSize, opened: QSize) -> None:
        """Save ``size`` if it differs from the size with which the window opened."""
        if size != opened:
            self._kept[_letters(large)] = QSize(size)

    def words(self) -> dict[str, str]:
        """The sizes as strings, for the settings file."""
        return {name: f"{size.width()}x{size.height()}" for name, size in self._kept.items()}

    def choose(self, words: Mapping[str, str]) -> None:
        """Restore what ``words`` returned; invalid entries are ignored."""
        for name, text in words.items():
            width, _, height = text.partition("x")
            if width.isdecimal() and height.isdecimal() and 0 < int(width) < 2**15 and 0 < int(height) < 2**15:
                self._kept[name] = QSize(int(width), int(height))


def _letters(large: bool) -> str:
    return "large" if large else "usual"


class OnScreen(QObject):
    """Keeps a window on its screen each time it is shown."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._at_once, self._framed = self._timer(0), self._timer(_FRAME_MS)
        window.installEventFilter(self)

    def _timer(self, wait: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(wait)
        timer.timeout.connect(self._keep)
        return timer

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._at_once.start()
            self._framed.start()
        elif event.type() in (QEvent.Type.Move, QEvent.Type.Resize) and self._framed.isActive():
            self._at_once.start()
        return False

    @Slot()
    def _keep(self) -> None:
        if self._window.isVisible():
            keep_on_screen(self._window)
