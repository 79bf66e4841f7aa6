"""Calls in daemon threads: short ones share a thread, one that hangs holds nobody up."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from workbench.engine.core import reading_threads
from workbench.engine.core.progress import finished
from workbench.engine.core.responsive_io import in_daemon_thread


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_threads, "_idle", [])


def called() -> threading.Thread:
    """The thread that makes a call; at the end it is idle again."""
    thread = finished(in_daemon_thread(threading.current_thread, "", "Reading"))
    wait_until_one_is_idle()
    return thread


def wait_until_one_is_idle() -> None:
    until = time.monotonic() + 30
    while not reading_threads._idle and time.monotonic() < until:
        time.sleep(0.001)


def test_calls_that_follow_each_other_share_a_thread() -> None:
    first = called()
    assert first is not threading.current_thread() and first.daemon
    assert called() is first


def test_a_call_that_raised_leaves_its_thread_usable() -> None:
    first = called()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            finished(in_daemon_thread(lambda: 1 // 0, "", "Reading"))
        wait_until_one_is_idle()
    assert called() is first


def test_a_call_that_hangs_holds_no_other_up() -> None:
    first, answer = called(), threading.Event()
    waiting = in_daemon_thread(lambda: answer.wait(30), "E:/", "Reading")
    next(waiting)
    second = called()
    assert second is not first
    waiting.close()
    assert called() is second
    answer.set()


def test_an_idle_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_threads, "_IDLE", 0.01)
    thread = called()
    thread.join(30)
    assert not thread.is_alive() and not reading_threads._idle
    assert called() is not thread


def test_the_thread_keeps_nothing_of_a_call() -> None:
    class Big:
        def __call__(self) -> int:
            return 7

    big = Big()
    kept = weakref.ref(big)
    collects = gc.isenabled()
    gc.disable()  # what is freed is freed by counting, in this thread
    try:
        assert finished(in_daemon_thread(big, "", "Reading")) == 7
        del big
        assert kept() is None
    finally:
        if collects:
            gc.enable()
