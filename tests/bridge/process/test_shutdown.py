"""QT01: however the program ends, the run is saved, every thread is joined and the exit code is 0."""

from __future__ import annotations

import signal
import time

import pytest

from tests.bridge.helpers import outcome, program
from workbench.bridge.process.shutdown import Shutdown


@pytest.mark.parametrize("way", ["close", "close_while_paused", "quit_the_application"])
def test_closing_while_training_saves(way):
    code, lines = outcome(program(way))
    assert lines[0] == "training"
    assert lines[1].startswith("stopped saved [")
    assert not lines[1].endswith("[]")
    assert lines[2:] == ["exit 0"]
    assert code == 0


def test_closing_while_a_run_starts_or_nothing_runs():
    ways = [program("close_while_starting"), program("close_while_idle")]
    assert outcome(ways[0]) == (0, ["training", "stopped saved [0]", "exit 0"])
    assert outcome(ways[1]) == (0, ["exit 0"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_the_program_and_its_repetition_does_no_harm(number):
    process = program("wait_for_signal")
    assert process.stdout is not None
    assert process.stdout.readline() == "training\n"
    process.send_signal(number)
    process.send_signal(number)
    code, lines = outcome(process)
    assert lines[0] == "requested signal"
    assert lines[1].startswith("stopped saved [")
    assert lines[2:] == ["exit 0"]
    assert code == 0


def test_a_user_who_insists_is_obeyed():
    process = program("wait_for_signal_in_long_step")
    assert process.stdout is not None
    assert process.stdout.readline() == "training\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "requested signal\n"
    time.sleep(1.2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    code, _ = outcome(process)
    assert code == -signal.SIGINT


def test_logout_is_answered_after_saving():
    code, lines = outcome(program("log_out"))
    assert lines[1] == "requested logout"
    assert lines[2].startswith("stopped saved [")
    assert lines[3:] == ["answered True", "exit 0"]
    assert code == 0


def test_an_end_without_shutdown_does_not_abort():
    assert outcome(program("exit_carelessly")) == (0, ["training", "exit 0"])


def test_a_dropped_runner_ends_its_run():
    assert outcome(program("drop_carelessly")) == (0, ["dropped, runs closed: 1"])


@pytest.mark.parametrize("may_leave", [True, False])
def test_a_thread_with_nothing_to_save_is_not_waited_for(qtbot, may_leave):
    """An import of torch takes up to 9 s and cannot be interrupted; a run that is saved is waited for."""
    ends = []
    closing = Shutdown([ends.append], lambda: may_leave)
    closed = []
    closing.closed.connect(lambda: closed.append(True))
    closing.begin()
    closing._on_patience()
    assert (closed, closing.has_left_threads, closing.is_closed) == ([True] * may_leave, may_leave, may_leave)
    ends[0]()
    assert closed == [True] and closing.is_closed
