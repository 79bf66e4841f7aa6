"""The update that the playground shows: play, pause, single steps, scrubbing, speed."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

#: Updates a second at speed 1.
UPDATES_PER_SECOND: Final = 12.0
SLOWEST, FASTEST = 0.1, 100.0
_FRAME_MS: Final = 16
#: Seconds of play that one frame makes up for at most: after a pause of the window nothing jumps.
_MOST: Final = 0.1


class Cursor(QObject):
    """A place between 0 and ``end`` updates. Lives in the GUI thread.

    ``available`` updates are computed so far; playing waits there.
    """

    moved = Signal(int)  #: the update that is shown
    playing_changed = Signal(bool)
    speed_changed = Signal(float)

    def __init__(self, end: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.end, self.at, self.available = end, end, 0
        self.speed = 1.0
        self._credit, self._last = 0.0, 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._on_frame)

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self._timer.isActive()

    @Slot()
    def play(self) -> None:
        """Play from here; from the start if this is the end."""
        if self.is_playing:
            return
        if self.at >= self.end:
            self.go(0)
        self._credit, self._last = 0.0, time.monotonic()
        self._timer.start()
        self.playing_changed.emit(True)

    @Slot()
    def pause(self) -> None:
        """Stay here."""
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    @Slot()
    def play_or_pause(self) -> None:
        """The other of the two."""
        (self.pause if self.is_playing else self.play)()

    @Slot()
    def step(self) -> None:
        """Pause, and go one update on."""
        self.pause()
        self.go(self.at + 1)

    @Slot()
    def step_back(self) -> None:
        """Pause, and go one update back."""
        self.pause()
        self.go(self.at - 1)

    @Slot()
    def restart(self) -> None:
        """Go to the start; playing goes on."""
        self.go(0)

    @Slot(int)
    def go(self, at: int) -> None:
        """Show the update ``at``, limited to what there is."""
        at = max(0, min(at, self.end))
        if at != self.at:
            self.at = at
            self.moved.emit(at)

    @Slot(float)
    def set_speed(self, speed: float) -> None:
        """Play ``speed`` times as fast as 12 updates a second, from 0.1 to 100."""
        speed = max(SLOWEST, min(speed, FASTEST))
        if speed != self.speed:
            self.speed = speed
            self.speed_changed.emit(speed)

    def set_end(self, end: int) -> None:
        """The race has ``end`` updates now. A cursor at the end stays at the end."""
        was_at_end, self.end = self.at >= self.end and not self.is_playing, end
        self.go(end if was_at_end else self.at)

    def pass_time(self, seconds: float) -> None:
        """Play for ``seconds``."""
        self._credit += min(seconds, _MOST) * UPDATES_PER_SECOND * self.speed
        steps = int(self._credit)
        self._credit -= steps
        if steps:
            self.go(min(self.at + steps, max(self.at, self.available)))
        if self.at >= self.end:
            self.pause()

    @Slot()
    def _on_frame(self) -> None:
        now = time.monotonic()
        passed, self._last = now - self._last, now
        self.pass_time(passed)
