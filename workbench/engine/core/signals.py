"""The signals that ask the program to end."""

from __future__ import annotations

import signal
from types import FrameType


class Asked:
    """Whether the program was asked to end; a signal may set it."""

    def __init__(self) -> None:
        self.is_asked = False

    def ask(self, number: int = 0, frame: FrameType | None = None) -> None:
        """End; a handler of signals."""
        self.is_asked = True

    @classmethod
    def by_signal(cls) -> Asked:
        """Asked by Ctrl-C, SIGTERM or a closed terminal, in the main thread, from now on."""
        made = cls()
        for number in stop_signals():
            signal.signal(number, made.ask)
        return made


def stop_signals() -> tuple[int, ...]:
    """Ctrl-C, SIGTERM and, where there is one, the closing of the terminal, unless it is ignored (``nohup``)."""
    numbers = [int(signal.SIGINT), int(signal.SIGTERM)]
    hang_up: int | None = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        numbers.append(int(hang_up))
    return tuple(numbers)
