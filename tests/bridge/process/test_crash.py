"""QT06: an error nobody caught is one banner and a log entry, and the program goes on."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bridge.helpers import LONG, outcome, program
from workbench.bridge.process import crash
from workbench.bridge.process.crash import CrashReporter


def test_errors_everywhere_are_one_banner_each(tmp_path):
    log = tmp_path / "logs" / "workbench.log"
    code, lines = outcome(program("fail_everywhere", str(log)))
    banners = [line.removeprefix("banner: ") for line in lines if line.startswith("banner: ")]
    assert banners == [
        "KeyError: 'no such cell'",
        "LookupError: in a thread",
        "OSError: in __del__",
        "RuntimeError: cannot paint",
        "ValueError: tick",
        "ZeroDivisionError: timer",
    ]
    assert "many errors: True in one thread: True" in lines
    assert "no frames kept: True" in lines
    assert any(line.startswith("stopped saved [") for line in lines)
    assert "exit 0" in lines
    assert code == 0
    text = log.read_text(encoding="utf-8")
    for banner in banners:
        assert f"\n{banner}" in text
    assert text.count("cannot paint") <= 4  # the traceback, its source line, and "again" at 10 and 100
    assert "again, 10 times so far" in text
    assert "WARNING Qt: Qt is worried" in text


def test_a_fatal_signal_leaves_its_stacks_in_the_log(tmp_path):
    log = tmp_path / "workbench.log"
    code, _ = outcome(program("die", str(log)))
    assert code != 0
    assert "Fatal Python error: Aborted" in log.read_text(encoding="utf-8")
    assert "little_app.py" in log.read_text(encoding="utf-8")


@pytest.fixture
def reporter(qtbot: Any) -> Iterator[CrashReporter]:
    made = CrashReporter()
    yield made
    made._batcher.flush()  # its timer goes on for a tick after the last delivery


def _raise(text: str) -> None:
    raise ValueError(text)


def _report(reporter: CrashReporter, text: str) -> None:
    try:
        _raise(text)
    except ValueError as error:
        reporter.report(error)


def test_the_same_place_is_told_once_and_never_inside_the_hook(qtbot, reporter):
    banners: list[Any] = []
    reporter.raised.connect(banners.append)
    for number in range(25):
        _report(reporter, f"number {number}")
    assert banners == []
    qtbot.waitUntil(lambda: len(banners) > 0, timeout=LONG)
    try:
        _raise("from another line")
    except ValueError as error:
        reporter.report(error)
    qtbot.waitUntil(lambda: len(banners) == 2, timeout=LONG)
    assert reporter.count() == 26
    assert [banner.message for banner in banners] == ["ValueError: number 0", "ValueError: from another line"]
    assert "Traceback" in banners[0].details


def test_the_log_rotates(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(crash, "_LOG_BYTES", 2000)
    monkeypatch.setattr(crash.faulthandler, "enable", lambda *_file: None)  # pytest uses it
    monkeypatch.setattr(crash.faulthandler, "disable", lambda: None)
    file = crash._LogFile(tmp_path / "a.log")
    for number in range(100):
        file.handle(crash.logging.LogRecord("workbench", 20, "", 0, f"line {number} {'ß' * 50} \ud800", (), None))
    file.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.log", "a.log.1", "a.log.2", "a.log.3"]
    assert all(path.stat().st_size < 3000 for path in tmp_path.iterdir())
    assert "line 99" in (tmp_path / "a.log").read_text(encoding="utf-8")


def test_a_thread_does_not_keep_the_reporter_of_the_time_it_began(qtbot, tmp_path):
    """Python's entry for a QThread goes in whatever thread has its number next, which must not delete a QObject."""
    reporter = CrashReporter()
    reporter.install(tmp_path / "workbench.log")
    thread = threading.Thread(target=_raise, args=("early",))
    reporter.uninstall()
    gone = weakref.ref(reporter)
    del reporter
    assert gone() is None
    assert thread.name
