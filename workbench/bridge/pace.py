"""How fast a run goes on the screen: at full speed, or some steps a second for those who watch.

No setting: it belongs to the window, and results are the same to the bit at every speed.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from workbench.bridge.runner import Runner
from workbench.engine.core.text import counted

#: Steps a second; 0 is full speed.
SPEEDS: Final = (1, 2, 5, 10, 20, 50, 100, 0)


def speed_words(speed: int) -> str:
    """``1 step/s``, ``Full speed``."""
    return f"{counted(speed, 'step')}/s" if speed else "Full speed"


class Pace(QObject):
    """The speed of runs on ``runner``. Lives in the GUI thread."""

    changed = Signal()  #: ``speed``

    def __init__(self, runner: Runner) -> None:
        super().__init__(runner)
        self._runner = runner
        self._speed = 0

    @property
    def speed(self) -> int:
        """Steps a second at most; 0 at full speed."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Set it, for the run that is going too; one that is not offered is ignored."""
        if speed in SPEEDS and speed != self._speed:
            self._speed = int(speed)
            self._runner.set_pace(1 / speed if speed else 0.0)
            self.changed.emit()
