"""Commands between two threads, without Qt."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes import FakeEngine
from workbench.bridge.threads.command_queue import Mailbox, State
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Edit,
    Edited,
    EpochEnded,
    EvalProgress,
    Event,
    Look,
    Looked,
    Notice,
    RunEnded,
    Stepped,
    Stop,
)
from workbench.engine.core.observed import LayerStats, Watched

PROGRESS = EvalProgress(1, 1, 3)
EPOCH = EpochEnded(1, 10, 0.0, 0.1, None, None, None, None, False, 0, 1.0)
ENDED = RunEnded("completed", 1, 1, 0.0, "")


class Driven:
    """An engine driven in its own thread; ``changes`` counts what the mailbox told in between events."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.events: list[Event] = []
        self.changed = threading.Semaphore(0)
        self.mailbox = Mailbox(lambda _event: self.changed.release())
        self.ended: RunEnded | None = None
        self.thread = threading.Thread(target=self._drive)

    def _drive(self) -> None:
        self.ended = drive(self.engine.run(), self.mailbox, self.events.append)

    def wait_for_change(self) -> None:
        assert self.changed.acquire(timeout=30)

    def stop(self) -> RunEnded:
        self.mailbox.stop()
        self.thread.join(30)
        assert self.ended is not None
        return self.ended


@pytest.fixture
def driven() -> Iterator[Driven]:
    driven = Driven(FakeEngine())
    yield driven
    if driven.thread.is_alive():
        driven.stop()


def mailbox() -> Mailbox:
    return Mailbox(lambda _event: None)


def test_nothing_said_is_go_on():
    assert mailbox()(Stepped(1)) is None


def test_edits_in_order_then_stop_once():
    box = mailbox()
    for value in (1, 2, 3):
        assert box.edit("optimizer.lr", value)
    box.stop()
    commands = [box(Stepped(1)) for _ in range(5)]
    assert commands == [*(Edit("optimizer.lr", value) for value in (1, 2, 3)), Stop(), None]


def test_after_stop_or_the_end_nothing_is_taken():
    stopped, closed = mailbox(), mailbox()
    stopped.stop()
    assert not stopped.edit("optimizer.lr", 1)
    closed.edit("optimizer.lr", 1)
    assert closed.close() == [Edit("optimizer.lr", 1)]
    assert not closed.edit("optimizer.lr", 2)
    closed.stop()
    assert not closed.stop_asked


def test_the_last_event_is_never_held():
    box = mailbox()
    box.pause()
    assert box(ENDED) is None


def test_in_the_middle_of_a_step_nothing_is_held_or_taken():
    box = mailbox()
    box.pause()
    box.edit("optimizer.lr", 0.1)
    layers = LayerStats(0, ())
    watched = Watched(0, "SGD", "w", 0, (1,), (), (), 0.0, 0.0, 0.0, None, None, 0.0, 0.0, 0.0)
    assert box(layers) is None
    assert box(watched) is None
    assert box.state is State.PAUSING
    assert box(Stepped(1)) == Edit("optimizer.lr", 0.1)


def test_a_pause_holds_at_the_next_event_and_stop_wins(driven):
    driven.mailbox.pause()
    assert driven.mailbox.state is State.PAUSING
    driven.thread.start()
    driven.wait_for_change()
    assert driven.mailbox.state is State.PAUSED
    assert driven.engine.step == 0
    assert driven.stop().reason == "stopped"


def test_edits_are_answered_while_paused_without_a_step(driven):
    driven.mailbox.pause()
    driven.thread.start()
    driven.wait_for_change()
    for value in range(20):
        driven.mailbox.edit("optimizer.lr", value)
        assert driven.mailbox.state is State.PAUSED
    driven.mailbox.edit("model.kind", "cnn")
    assert driven.stop().step == 0
    assert [event.new for event in driven.events if isinstance(event, Edited)] == list(range(20))
    assert [event.code for event in driven.events if isinstance(event, Notice)] == ["edit_refused"]


def test_one_batch_at_a_time_also_across_an_evaluation(driven):
    driven.mailbox.pause()
    driven.thread.start()
    driven.wait_for_change()
    for step in range(1, 13):  # an epoch has ten
        driven.mailbox.step_one()
        driven.wait_for_change()
        assert driven.mailbox.state is State.PAUSED
        assert driven.events[-1] == Stepped(step)
    assert driven.stop().step == 12


def test_steps_asked_for_add_up_and_pause_takes_them_back(driven):
    for _ in range(3):
        driven.mailbox.step_one()
    driven.thread.start()
    driven.wait_for_change()
    assert driven.engine.step == 3
    driven.mailbox.pause()
    assert driven.stop().step == 3


def test_a_diverged_run_holds_by_itself_and_can_go_on():
    driven = Driven(FakeEngine(steps=20, diverges_at=5))
    driven.thread.start()
    driven.wait_for_change()
    assert driven.mailbox.state is State.PAUSED
    assert driven.engine.step == 5
    driven.mailbox.resume()
    driven.thread.join(30)
    assert driven.ended is not None
    assert (driven.ended.reason, driven.ended.step) == ("completed", 20)


@pytest.mark.parametrize(
    ("last", "text"),
    [
        (None, "finishing the start of the run"),
        (Stepped(1), "finishing the current step"),
        (PROGRESS, "finishing an evaluation chunk"),
        (EPOCH, "writing weights"),
    ],
)
def test_what_stop_waits_for(last, text):
    box = mailbox()
    if last is not None:
        box(last)
    assert box.waiting_for == ""
    box.pause()
    assert box.waiting_for == text
    box.stop()
    assert box.waiting_for == text
    assert box(PROGRESS) == Stop()
    assert box.waiting_for == "writing weights"


def test_states():
    box = mailbox()
    assert box.state is State.STARTING
    box(PROGRESS)
    assert box.state is State.RUNNING
    box.pause()
    assert box.state is State.PAUSING
    box.resume()
    assert box.state is State.RUNNING
    box.step_one()
    assert box.state is State.RUNNING
    box.edit("a", 1)  # something to answer, so that it does not block here
    box(Stepped(1))
    assert box.state is State.PAUSED
    box.stop()
    assert box.state is State.STOPPING


def test_a_pause_between_two_edits_stays_a_pause():
    changes: list[Any] = []
    box = Mailbox(changes.append)
    box.pause()
    box.edit("a", 1)
    box.edit("a", 2)
    assert [box(Stepped(1)), box(PROGRESS)] == [Edit("a", 1), Edit("a", 2)]
    box.resume()
    assert box(PROGRESS) is None
    assert box.state is State.RUNNING
    assert changes == [Stepped(1)]


def watched(step: int) -> Watched:
    return Watched(step, "SGD", "w", 0, (1,), (), (), 0.0, 0.0, 0.0, None, None, 0.0, 0.0, 0.0)


def test_before_it_holds_the_last_step_is_shown() -> None:
    """The answer to the Look is where it holds; the event that is reported is the step."""
    changes: list[Event] = []
    box = Mailbox(changes.append)
    box(watched(0))
    for step in (1, 2, 3):
        box(Stepped(step))
    box.pause()
    assert box(Stepped(4)) == Look()
    assert box.state is State.PAUSING
    threading.Timer(0.05, box.resume).start()
    assert box(watched(3)) is None and box.state is State.RUNNING
    assert changes == [Stepped(4)]


def test_stop_asks_for_nothing_before_it() -> None:
    """The run shows its last step itself, when it ends."""
    box = mailbox()
    box(watched(0))
    box.stop()
    assert [box(Stepped(step)) for step in (7, 8)] == [Stop(), None]


def test_a_look_that_shows_nothing_is_not_asked_for_twice() -> None:
    box = mailbox()
    box(watched(0))
    box.pause()
    assert box(Stepped(7)) == Look()
    threading.Timer(0.05, box.stop).start()
    assert box(Looked(7)) == Stop()


def test_a_step_that_was_shown_is_not_asked_for() -> None:
    box = mailbox()
    box(watched(6))
    box.pause()
    threading.Timer(0.05, box.resume).start()
    assert box(Stepped(7)) is None


def test_one_batch_is_one_batch_and_shown() -> None:
    box = mailbox()
    box(watched(0))
    box.pause()
    threading.Timer(0.05, box.step_one).start()
    assert box(Stepped(1)) is None
    assert box(Stepped(2)) == Look()
    threading.Timer(0.05, box.resume).start()
    assert box(watched(1)) is None


def test_in_an_evaluation_it_holds_at_once_and_the_last_step_is_shown() -> None:
    box = mailbox()
    box(watched(0))
    for step in (1, 2, 3):
        box(Stepped(step))
    box.pause()
    assert box(PROGRESS) == Look()
    threading.Timer(0.05, box.stop).start()
    assert box(watched(2)) == Stop()
