"""What a run is told in rare orders of commands: permits, a stop during a pause, steps to be shown."""

from __future__ import annotations

import pytest

from tests.bridge.helpers import Gate
from tests.bridge.threads.test_command_queue import Driven
from tests.fakes import FakeEngine
from workbench.bridge.threads.command_queue import Mailbox, State
from workbench.engine.core.events import EvalProgress, Event, Look, Stepped, Stop
from workbench.engine.core.observed import Watched


def watched(step: int) -> Watched:
    """The word about the 0-based ``step``: the run shows steps from then on."""
    return Watched(step, "SGD", "w", 0, (1,), (), (), 0.0, 0.0, 0.0, None, None, 0.0, 0.0, 0.0)


def started(changes: list[Event] | None = None) -> Mailbox:
    mailbox = Mailbox((changes if changes is not None else []).append)
    assert mailbox(EvalProgress(0, 1, 1)) is None
    assert mailbox.state is State.RUNNING
    return mailbox


@pytest.mark.parametrize(("forgotten", "held_at"), [("resume", 5), ("pause", 5), ("", 7)])
def test_steps_that_were_permitted_are_forgotten_by_going_on_and_by_a_pause(forgotten: str, held_at: int) -> None:
    """Two batches are asked for; then, in the fifth step, one more."""
    gate = Gate("step", 5)
    driven = Driven(FakeEngine(hold=gate))
    if forgotten:
        driven.mailbox.step_one()
        driven.mailbox.step_one()
        getattr(driven.mailbox, forgotten)()
        driven.mailbox.resume()
    driven.thread.start()
    assert gate.reached.wait(30)
    for _ in range(1 if forgotten else 3):
        driven.mailbox.step_one()
    gate.open()
    driven.wait_for_change()
    assert driven.mailbox.state is State.PAUSED and driven.engine.step == held_at
    assert driven.stop().step == held_at


def test_only_the_last_of_the_permitted_steps_is_shown() -> None:
    """It is the step behind which the run holds."""
    mailbox = started()
    assert mailbox(watched(0)) is None and mailbox(Stepped(1)) is None
    mailbox.step_one()
    mailbox.step_one()
    mailbox.step_one()
    assert mailbox(EvalProgress(1, 1, 1)) is None
    assert mailbox(Stepped(2)) is None and mailbox(Stepped(3)) is None
    assert isinstance(mailbox(Stepped(4)), Look), "here it is to hold"


def test_a_stop_that_is_asked_for_with_a_pause_is_told_once() -> None:
    changes: list[Event] = []
    mailbox = started(changes)
    mailbox.pause()
    mailbox.stop()
    assert isinstance(mailbox(Stepped(1)), Stop)
    assert changes == [Stepped(1)]
    assert mailbox.state is State.STOPPING and mailbox.waiting_for == "writing weights"


def test_what_a_stop_waits_for() -> None:
    mailbox = Mailbox([].append)
    mailbox.stop()
    assert mailbox.waiting_for == "finishing the start of the run"
    assert isinstance(mailbox(EvalProgress(0, 1, 1)), Stop)
    assert mailbox.waiting_for == "writing weights"
