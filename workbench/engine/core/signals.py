"""The signals that ask the program to end."""

from __future__ import annotations

import signal


def stop_signals() -> tuple[int, ...]:
    """Ctrl-C, SIGTERM and, where there is one, the closing of the terminal, unless it is ignored (``nohup``)."""
    hang_up = getattr(signal, "SIGHUP", None)
    is_ignored = hang_up is None or signal.getsignal(hang_up) is signal.SIG_IGN
    return (signal.SIGINT, signal.SIGTERM) if is_ignored else (signal.SIGINT, signal.SIGTERM, hang_up)
