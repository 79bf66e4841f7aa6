"""What a run says while it reads its data, on its way to the window."""

from __future__ import annotations

from workbench.bridge.runner import _replaces
from workbench.bridge.threads.command_queue import Mailbox, State
from workbench.engine.core.events import EvalProgress, Stepped, Stop
from workbench.engine.core.progress import Loading

TOLD = Loading(3, 10, "Reading pictures")


def test_a_run_that_reads_is_starting_and_stop_is_taken() -> None:
    mailbox = Mailbox(lambda event: None)
    assert mailbox(TOLD) is None
    assert mailbox.state is State.STARTING
    mailbox.stop()
    assert (mailbox.state, mailbox.waiting_for) == (State.STOPPING, "reading the data")
    assert isinstance(mailbox(TOLD), Stop)
    later = Mailbox(lambda event: None)
    later(TOLD)
    later(Stepped(1))
    assert later.state is State.RUNNING


def test_of_many_only_the_last_reaches_the_window() -> None:
    assert _replaces(TOLD, Loading(4, 10, "Reading pictures"))
    assert not _replaces(TOLD, EvalProgress(0, 1, 2))
    assert not _replaces(EvalProgress(0, 1, 2), TOLD)
