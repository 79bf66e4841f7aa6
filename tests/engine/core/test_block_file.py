"""Blocks in a temporary file."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from workbench.engine.core import block_file
from workbench.engine.core.block_file import BlockFile


def test_slots_are_written_in_any_order_and_again(tmp_path: Path) -> None:
    file = BlockFile(tmp_path, 4)
    assert file.read(0) is None
    assert file.write(2, b"cccc") and file.write(0, b"aaaa") and file.write(2, b"dddd")
    assert (file.read(0), file.read(2), file.read(3)) == (b"aaaa", b"dddd", None)


class FullDisk:
    """Takes two bytes, then none."""

    def __init__(self) -> None:
        self.closed = 0

    def seek(self, place: int) -> None:
        self.room = 2

    def write(self, data: memoryview) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "full")
        self.room = 0
        return 2

    def read(self, size: int) -> bytes:
        return b"aa"

    def close(self) -> None:
        self.closed += 1


def test_a_full_disk_is_an_answer_and_half_a_block_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk: Any = FullDisk()
    monkeypatch.setattr(block_file.tempfile, "TemporaryFile", lambda **_: disk)
    file = BlockFile(tmp_path, 4)
    assert not file.write(0, b"aaaa") and file.read(0) is None
    del file
    assert disk.closed == 1
