"""Work in a daemon thread: a drive is named only where nothing is computed."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import pytest

from workbench.engine.core import responsive_io
from workbench.engine.core.progress import finished
from workbench.engine.core.responsive_io import Abandoned, Told, in_daemon_thread, in_telling_thread, processor_clock

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not give the time of another thread")


def said(work: Callable[[], object], place: str, enough: Callable[[str], bool]) -> list[str]:
    """The words while ``work`` is waited for, until ``enough``."""
    words: list[str] = []
    waiting = in_daemon_thread(work, place, "Reading the set")
    for loading in waiting:
        words.append(loading.words)
        if enough(loading.words):
            waiting.close()
    return words


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responsive_io, "SILENCE", 0.05)
    monkeypatch.setattr(responsive_io, "LOOK_UP", 0.02)


def test_a_drive_that_does_not_answer_is_named() -> None:
    answer = threading.Event()
    words = said(lambda: answer.wait(30), "E:/pictures", lambda each: "no answer" in each)
    answer.set()
    assert words[0] == "Reading the set"
    assert words[-1].startswith("Waiting for E:/pictures: no answer for")
    assert words[-1].endswith("Is the drive connected?")


def test_without_a_place_no_drive_is_named() -> None:
    answer = threading.Event()
    seen: list[str] = []
    words = said(lambda: answer.wait(30), "", lambda each: bool(seen.append(each) or len(seen) > 9))
    answer.set()
    assert set(words) == {"Reading the set"}


@linux
def test_a_thread_that_computes_is_not_taken_for_a_silent_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is: time in which nothing was computed is all that counts."""
    monkeypatch.setattr(responsive_io, "SILENCE", 2.0)
    monkeypatch.setattr(responsive_io, "processor_clock", lambda: clock)
    now, used = [0.0], [0.0]

    def clock() -> float:
        used[0] += 0.5
        return used[0]

    def monotonic() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(responsive_io.time, "monotonic", monotonic)
    answer = threading.Event()
    seen: list[str] = []
    words = said(lambda: answer.wait(30), "E:/pictures", lambda each: bool(seen.append(each) or len(seen) > 9))
    answer.set()
    assert set(words) == {"Reading the set"}


@linux
def test_the_clock_counts_the_work_of_its_own_thread_and_is_0_when_that_has_ended() -> None:
    found: list[Callable[[], float]] = []
    ready, go_on = threading.Event(), threading.Event()

    def work() -> None:
        found.append(processor_clock())
        until = time.thread_time() + 0.01
        while time.thread_time() < until:
            pass
        ready.set()
        go_on.wait(30)

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(30)
    first = found[0]()
    assert first >= 0.01 and found[0]() == first, "it waits now"
    go_on.set()
    thread.join()
    until = time.monotonic() + 30  # Python's thread has ended a little before the system's
    while found[0]() and time.monotonic() < until:
        time.sleep(0.001)
    assert found[0]() == 0.0


def test_work_that_tells_is_heard_and_ends_when_nobody_waits_for_it_any_more() -> None:
    ended = threading.Event()

    def work(told: Told) -> None:
        try:
            while True:
                told.tell(3, 8)
                time.sleep(0.001)
        except Abandoned:
            ended.set()

    waiting = in_telling_thread(work, "", "Reading")
    loading = next(waiting)
    assert (loading.done, loading.total, loading.words) == (3, 8, "Reading")
    waiting.close()
    assert ended.wait(10)


def test_the_result_of_work_that_tells_is_returned() -> None:
    assert finished(in_telling_thread(lambda told: (told.tell(1, 1), "all")[1], "", "Reading")) == "all"  # type: ignore[func-returns-value]
