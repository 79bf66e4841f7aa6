"""The number of a scene, typed digit by digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

#: Milliseconds in which a further digit belongs to the number.
WAIT_MS: Final = 1000


class SceneNumber(QObject):
    """Collects digits. A number is complete when no scene has a longer one that begins so, or after a second."""

    typed = Signal(str)  #: the digits so far; empty when the number is complete
    chosen = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.numbers: Sequence[int] = ()
        self._digits = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self.complete)

    def press(self, digit: int) -> None:
        """A digit was typed; a zero that leads is left out."""
        self._digits = f"{self._digits}{digit}".lstrip("0")
        self._timer.start()
        self.typed.emit(self._digits)
        if self._digits and not self._can_go_on():
            self.complete()

    def _can_go_on(self) -> bool:
        longer = (str(number) for number in self.numbers)
        return any(each != self._digits and each.startswith(self._digits) for each in longer)

    @Slot()
    def complete(self) -> None:
        """No further digit belongs to the number."""
        self._timer.stop()
        digits, self._digits = self._digits, ""
        if digits:
            self.typed.emit("")
            self.chosen.emit(int(digits))
