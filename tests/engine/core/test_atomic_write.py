"""Whole files or none: injected failures of every call, modes, temporary files of killed processes."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from tests.engine.failing_os import CALLS, failing
from workbench.engine.core.atomic_write import CannotWrite, append_whole, remove_stale, write_whole, writing_whole


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EACCES])
def test_whatever_call_fails_the_old_or_the_new_file_is_whole(tmp_path: Path, number: int) -> None:
    """CK03: for every n, until a write makes fewer calls than n."""
    path = tmp_path / "weights"
    path.write_bytes(b"old")
    for nth in range(1, 100):
        write_whole(path, b"old")
        error = None
        with failing(nth, number) as made:
            try:
                write_whole(path, b"new" * 1000)
            except CannotWrite as raised:
                error = raised
        if len(made) < nth:
            break
        assert error is not None and error.is_full == (number == errno.ENOSPC)
        assert str(path) in error.message and (error.is_full or os.strerror(number) in error.message)
        was_replaced = "replace" in made[: nth - 1]
        assert path.read_bytes() == (b"new" * 1000 if was_replaced else b"old")
        assert [each.name for each in tmp_path.iterdir()] == ["weights"]
    assert nth > len(CALLS) and path.read_bytes() == b"new" * 1000


def written_in_bits(path: Path) -> None:
    with writing_whole(path) as stream:
        stream.write(b"one")
        stream.write(b"two")


def test_a_file_that_is_written_bit_by_bit_is_whole_or_as_before(tmp_path: Path) -> None:
    path = tmp_path / "table"
    for nth in range(1, 100):
        write_whole(path, b"old")
        error = None
        with failing(nth, errno.ENOSPC) as made:
            try:
                written_in_bits(path)
            except CannotWrite as raised:
                error = raised
        assert path.read_bytes() == (b"onetwo" if "replace" in made[: nth - 1] else b"old")
        assert [each.name for each in tmp_path.iterdir()] == ["table"]
        if len(made) < nth:
            break
        assert error is not None and error.is_full and error.code == errno.ENOSPC
    assert nth > 3 and error is None


def test_what_is_not_written_to_its_end_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(b"old")

    def given_up() -> None:
        with writing_whole(path) as stream:
            stream.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        given_up()
    assert path.read_bytes() == b"old" and [each.name for each in tmp_path.iterdir()] == ["table"]


def test_a_full_disk_is_said_with_what_is_needed_and_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 2_000_000})())
    with failing(2, errno.ENOSPC), pytest.raises(CannotWrite) as raised:
        write_whole(tmp_path / "last.pt", bytes(4_000_000))
    assert re.fullmatch(r"The disk is full: .*last\.pt needs 4\.0 MB, 2\.0 MB are free\.", raised.value.message)


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=rf"the folder {tmp_path / 'gone'} is gone"):
        write_whole(tmp_path / "gone" / "file", b"")


def test_the_mode_is_that_of_every_new_file(tmp_path: Path) -> None:
    """CK24: what the umask leaves, as for files that are opened and written."""
    write_whole(tmp_path / "a", b"")
    append_whole(tmp_path / "b", 0, b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_what_a_full_disk_cut_off_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    size = append_whole(path, 0, b"one\n")
    with path.open("ab") as file:
        file.write(b"tw")
    assert append_whole(path, size, b"two\n") == 8 and path.read_bytes() == b"one\ntwo\n"


def test_temporary_files_of_dead_processes_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CK23; those of this process, and of another computer that may still be writing, stay."""
    import subprocess
    import sys

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    monkeypatch.setattr("socket.gethostname", lambda: "here")
    names = {"dead": f".w.here-{ended.pid}-0.tmp", "mine": f".w.here-{os.getpid()}-0.tmp"}
    names |= {"elsewhere": f".w.there-{ended.pid}-0.tmp", "old": ".w.abcd1234.tmp", "other": "w.tmp"}
    for name in names.values():
        (tmp_path / name).touch()
    os.utime(tmp_path / names["old"], (0, 0))
    remove_stale(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {names["mine"], names["elsewhere"], names["other"]}
