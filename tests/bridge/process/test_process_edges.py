"""Shutdown twice, errors that come again and again, threads that exit, and what the housekeeper leaves behind."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.helpers import LONG
from workbench.bridge.process import interpreter
from workbench.bridge.process.crash import LOG, CrashReporter
from workbench.bridge.process.interpreter import InterpreterSettings
from workbench.bridge.process.shutdown import Shutdown

# --- Shutdown


def test_closing_begins_once_and_is_over_when_the_last_has_ended(qtbot: QtBot) -> None:
    done: list[Callable[[], None]] = []
    closing, closed = Shutdown([done.append, done.append, done.append]), []
    closing.closed.connect(lambda: closed.append(len(done)))
    assert not closing.has_begun and not closing.is_closed
    closing.begin()
    closing.begin()
    assert closing.has_begun and len(done) == 3, "each is told once"
    done[0]()
    done[2]()
    assert not closing.is_closed and closed == []
    closing.begin()
    done[1]()
    assert closing.is_closed and closed == [3]


# --- Errors


@pytest.fixture
def reporter(qtbot: QtBot, tmp_path: Path) -> Iterator[CrashReporter]:
    made = CrashReporter()
    made.install(tmp_path / "log.txt")
    yield made
    made.uninstall()


def raised(number: int) -> ValueError:
    try:
        raise ValueError(f"number {number}")
    except ValueError as error:
        return error


def test_an_error_that_comes_again_is_said_once_and_counted_at_10_100_and_each_thousand(
    qtbot: QtBot, reporter: CrashReporter, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[Any] = []
    reporter.raised.connect(said.append)
    with caplog.at_level(logging.ERROR, LOG.name):
        for number in range(1, 3001):
            reporter.report(raised(number))
    assert reporter.count() == 3000
    words = [record.getMessage() for record in caplog.records]
    assert "Uncaught exception" in words[0] and "number 1" in words[0]
    again = [10, 100, 1000, 2000, 3000]
    assert words[1:] == [f"ValueError: number {count} again, {count} times so far" for count in again]
    qtbot.waitUntil(lambda: len(said) == 1, timeout=LONG)
    qtbot.wait(0)
    assert len(said) == 1 and "number 1" in said[0].message


def in_a_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_thread_that_exits_is_no_error_and_one_that_raises_is(reporter: CrashReporter) -> None:
    in_a_thread(lambda: sys.exit(3))
    assert reporter.count() == 0
    threading.excepthook(threading.ExceptHookArgs((SystemExit, SystemExit(3), None, None)))
    threading.excepthook(threading.ExceptHookArgs((ValueError, None, None, None)))
    assert reporter.count() == 0
    in_a_thread(lambda: [][1])
    assert reporter.count() == 1


# --- The housekeeper


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[InterpreterSettings]:
    enabled = gc.isenabled()
    made = InterpreterSettings()
    yield made
    made.stop()
    if enabled:
        gc.enable()


def test_what_the_housekeeper_changes_is_as_before_when_it_stops(keeper: InterpreterSettings) -> None:
    before = sys.getswitchinterval()
    try:
        sys.setswitchinterval(0.0123)
        gc.enable()
        for _ in range(2):
            keeper.start()
            keeper.start()
            assert sys.getswitchinterval() == pytest.approx(0.002) and not gc.isenabled()
            keeper.stop()
            keeper.stop()
            assert sys.getswitchinterval() == pytest.approx(0.0123) and gc.isenabled()
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize(("seconds", "full"), [(0.001, 2), (0.05, 1)])
def test_a_full_collection_that_took_long_is_not_repeated(
    keeper: InterpreterSettings, monkeypatch: pytest.MonkeyPatch, seconds: float, full: int
) -> None:
    """A minute's ticks, twice; the clock says how long each collection took."""
    now, collected = [0.0], []

    def collect(generation: int = 2) -> int:
        collected.append(generation)
        now[0] += seconds
        return 0

    monkeypatch.setattr(interpreter, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    monkeypatch.setattr(interpreter, "gc", SimpleNamespace(collect=collect, isenabled=lambda: False))
    for _ in range(2 * 300):
        keeper._timer.timeout.emit()
    assert collected.count(2) == full
    assert collected.count(1) == 2 * 60 - full and collected.count(0) == 2 * 300 - 2 * 60
    now[0], collected[:] = 0.0, []
    keeper.collect_all()
    assert collected == [2], "between runs it is made all the same"
