"""QT25: a window that hangs leaves the stacks of all threads in the log, once a minute at most."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.helpers import LONG
from workbench.bridge.process import hang_dump, watchdog
from workbench.bridge.process.crash import LOG, CrashReporter
from workbench.bridge.process.watchdog import Watchdog

HANG = 0.05
DUMP = "most recent call first"
#: The thread that dumps is in its own dump if it held the GIL. One that does not ends the process now and then.
BY_PYTHON = "in _dump\n"


@pytest.fixture
def crash(qtbot: QtBot, tmp_path: Path) -> Iterator[CrashReporter]:
    made = CrashReporter()
    made.install(tmp_path / "workbench.log")
    yield made
    made.uninstall()


def said(tmp_path: Path) -> str:
    return (tmp_path / "workbench.log").read_text(encoding="utf-8")


def hang_until_it_is_in_the_log(tmp_path: Path, dumps: int) -> None:
    """Block the event loop as a deadlock would; the limit is one for hanging, not a measure."""
    ends = time.monotonic() + LONG / 1000
    while said(tmp_path).count("Timeout") < dumps and time.monotonic() < ends:
        time.sleep(0.01)


def test_a_blocked_event_loop_leaves_its_stacks_in_the_log_once_a_minute(
    qtbot: QtBot, crash: CrashReporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "HANGS_AFTER", HANG)
    now = [0.0]
    dog = Watchdog(crash, lambda: now[0])
    dog.start()
    hang_until_it_is_in_the_log(tmp_path, 1)
    assert "hang_until_it_is_in_the_log" in said(tmp_path) and DUMP in said(tmp_path)
    assert BY_PYTHON in said(tmp_path)

    now[0] = 3.0
    dog._tick()
    assert "did not answer for 3.0 s" in said(tmp_path)
    time.sleep(4 * HANG)  # within the minute nothing is written
    now[0] = 62.9
    dog._tick()
    time.sleep(4 * HANG)
    assert said(tmp_path).count("Timeout") == 1

    now[0] = 63.1
    dog._tick()
    hang_until_it_is_in_the_log(tmp_path, 2)
    assert said(tmp_path).count("Timeout") == 2
    dog.stop()


def hold_the_gil(seconds: float) -> None:
    """Sleep in C without releasing the GIL."""
    if sys.platform == "win32":
        ctypes.PyDLL("kernel32").Sleep(int(seconds * 1e3))
    else:
        ctypes.PyDLL(None).usleep(int(seconds * 1e6))


def test_where_c_holds_the_gil_faulthandler_dumps_later_and_once(
    crash: CrashReporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hang_dump, "GIL_IS_HELD", 2 * HANG)
    crash.dump_later(HANG)
    hold_the_gil(6 * HANG)
    time.sleep(2 * HANG)
    assert said(tmp_path).count("Timeout") == 1 and "in test_where_c" in said(tmp_path)
    assert BY_PYTHON not in said(tmp_path)


def test_a_window_that_answers_writes_nothing(
    qtbot: QtBot, crash: CrashReporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    dog = Watchdog(crash, lambda: now[0])
    asked: list[float | None] = []
    monkeypatch.setattr(crash, "dump_later", asked.append)
    dog.start()
    qtbot.waitUntil(lambda: len(asked) >= 3, timeout=LONG)  # its timer puts the dump off
    dog.stop()
    assert set(asked[:-1]) == {watchdog.HANGS_AFTER} and asked[-1] is None
    assert said(tmp_path) == ""


def test_the_time_in_which_it_does_not_watch_is_no_hang(
    qtbot: QtBot, crash: CrashReporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    dog = Watchdog(crash, lambda: now[0])
    monkeypatch.setattr(crash, "dump_later", lambda seconds: None)
    dog.start()
    dog.stop()
    now[0] = 100.0
    dog.start()
    dog.stop()
    assert said(tmp_path) == ""


def test_a_new_log_file_takes_over_without_a_dump_into_the_old_one(
    qtbot: QtBot, crash: CrashReporter, tmp_path: Path
) -> None:
    crash.dump_later(HANG)
    assert crash._handler is not None
    crash._handler.doRollover()
    time.sleep(4 * HANG)
    assert said(tmp_path) == ""
    crash.dump_later(HANG)
    LOG.info("after the change")
    hang_until_it_is_in_the_log(tmp_path, 1)
    assert DUMP in said(tmp_path)


def test_the_thread_that_dumps_ends_with_the_log(tmp_path: Path) -> None:
    before = set(threading.enumerate())  # that of an earlier test may just be ending
    crash = CrashReporter()
    crash.install(tmp_path / "workbench.log")
    [thread] = [each for each in threading.enumerate() if each.name == "hang dump" and each not in before]
    crash.dump_later(60)
    crash.uninstall()
    thread.join(LONG / 1000)
    assert not thread.is_alive()
