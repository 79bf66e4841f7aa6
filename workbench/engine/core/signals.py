"""The signals that ask the program to end."""

from __future__ import annotations

import signal


def stop_signals() -> tuple[int, ...]:
    """Ctrl-C, SIGTERM and, where there is one, the closing of the terminal, unless it is ignored (``nohup``)."""
    numbers = [int(signal.SIGINT), int(signal.SIGTERM)]
    hang_up: int | None = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        numbers.append(int(hang_up))
    return tuple(numbers)
