"""One process trains into a folder; another one learns who, and a killed one holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.helpers import small_spec
from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.run_store import run_lock
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.run_lock import NAME, FolderIsHeld, RunLock, holder_of

ROOT = Path(__file__).parents[3]
HOLD = """
import sys
from pathlib import Path
from workbench.engine.run_store.run_lock import RunLock
lock = RunLock.take(Path(sys.argv[1]))
print("held", flush=True)
for line in sys.stdin:
    lock.mark_paused(line.strip() == "pause")
    print("marked", flush=True)
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the folder until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, folder], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_second_process_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    with another_process(tmp_path) as first:
        with pytest.raises(FolderIsHeld) as refused:
            RunLock.take(tmp_path)
        assert f"process {first.pid}" in refused.value.message and tmp_path.name in refused.value.message
        holder = holder_of(tmp_path)
        assert holder is not None and holder.process == first.pid and not holder.is_paused and holder.since
        assert first.stdin is not None and first.stdout is not None
        for said, paused in (("pause", True), ("on", False)):
            first.stdin.write(f"{said}\n")
            first.stdin.flush()
            assert first.stdout.readline() == "marked\n"
            holder = holder_of(tmp_path)
            assert holder is not None and holder.is_paused is paused


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL, which this test sends")
def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    with another_process(tmp_path) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert (tmp_path / NAME).exists() and holder_of(tmp_path) is None
        lock = RunLock.take(tmp_path)
    holder = holder_of(tmp_path)
    assert holder is not None and holder.process == os.getpid()
    lock.release()
    assert holder_of(tmp_path) is None and not (tmp_path / NAME).exists()
    lock.release()  # nothing more happens


def test_a_lock_that_nobody_keeps_is_free(tmp_path: Path) -> None:
    lock = RunLock.take(tmp_path)
    del lock
    RunLock.take(tmp_path).release()


def test_the_file_of_the_former_holder_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is removed between opening it and locking it: the next one would hold a file that nobody else sees."""
    (tmp_path / "removed").touch()
    old = os.open(tmp_path / "removed", os.O_RDWR)
    real, waiting = run_lock._opened, [old]
    monkeypatch.setattr(run_lock, "_opened", lambda path: waiting.pop() if waiting else real(path))
    lock = RunLock.take(tmp_path)
    with pytest.raises(FolderIsHeld):
        RunLock.take(tmp_path)
    lock.release()


@pytest.mark.skipif(os.name == "nt", reason="Windows does not let an open file be moved")
def test_a_lock_that_was_moved_away_leaves_the_file_of_another(tmp_path: Path) -> None:
    """The folder was renamed while it was held, and another run has its name now."""
    (tmp_path / "run").mkdir()
    first = RunLock.take(tmp_path / "run")
    (tmp_path / "run").rename(tmp_path / "moved")
    (tmp_path / "run").mkdir()
    second = RunLock.take(tmp_path / "run")
    first.release()
    assert (tmp_path / "run" / NAME).exists() and holder_of(tmp_path / "run") is not None
    with pytest.raises(FolderIsHeld):
        RunLock.take(tmp_path / "run")
    second.release()


def test_what_a_file_says_that_is_none_of_ours_is_left_out(tmp_path: Path) -> None:
    lock = RunLock.take(tmp_path)
    for text in (b"", b"{}\n", b"\xff\xfe\n", b'{"program": 1, "host": null, "process": "x"}\n'):
        (tmp_path / NAME).write_bytes(text)
        holder = holder_of(tmp_path)
        assert holder is not None and holder.words == "another program"
    lock.release()


def test_without_locks_the_process_itself_is_the_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_lock, "_lock", lambda handle, alone: None)
    lock = RunLock.take(tmp_path)
    holder = holder_of(tmp_path)
    assert holder is not None and holder.process == os.getpid()
    with another_process(tmp_path) as other:
        pass
    line = (tmp_path / NAME).read_bytes()
    assert str(other.pid).encode() in line and holder_of(tmp_path) is None
    lock.release()


def test_where_nothing_can_be_written_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite):
        RunLock.take(tmp_path / "missing")


def test_a_run_folder_is_held_until_it_is_closed(tmp_path: Path) -> None:
    folder = RunFolder.create(small_spec(), tmp_path)
    with pytest.raises(FolderIsHeld):
        RunFolder(folder.path).hold()
    folder.mark_paused(True)
    holder = holder_of(folder.path)
    assert holder is not None and holder.is_paused
    folder.close()
    assert holder_of(folder.path) is None and sorted(p.name for p in folder.path.iterdir()) == ["spec.toml"]


def test_a_folder_in_which_nothing_was_trained_vanishes(tmp_path: Path) -> None:
    RunFolder.create(small_spec(), tmp_path).close_unless_empty()
    assert list(tmp_path.iterdir()) == []
