"""The column store of per-step scalars: written by the training thread, polled by index from any thread."""

from __future__ import annotations

from pathlib import Path
from struct import Struct
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.block_file import BlockFile
from workbench.engine.core.packed_numbers import Floats as Floats
from workbench.engine.core.packed_numbers import packed, unpacked

#: The columns of a step: mean batch cross-entropy, batch accuracy 0–1, effective rate, gradient norm, training seconds.
COLUMNS: Final = ("loss", "accuracy", "lr", "grad_norm", "seconds")
#: Rows that are compressed together.
_BLOCK: Final = 1 << 12
#: Blocks that stay unpacked after a read, because views ask for the same rows again.
_KEPT: Final = 4

_ROW: Final = Struct(f"{len(COLUMNS)}d")


class StepStore:
    """An append-only table. One writer, any number of readers, no lock.

    The newest rows are in a ring; older ones are compressed without loss in blocks, column by column, which takes a
    third of the memory. With ``spool``, a folder, they go into a temporary file there instead, and stay in memory only
    where the disk has no room. ``count`` is published after a row is complete, so rows below it are always complete.
    Rows older than ``capacity`` are dropped; ``read`` says from which row it could read.
    """

    def __init__(self, capacity: int = 1 << 20, spool: Path | None = None) -> None:
        self.capacity = capacity
        self.count = 0
        self._block = min(_BLOCK, capacity)
        # Two blocks: a reader that found a block unpacked can copy it while the writer fills the next one.
        self._recent: Floats = np.empty((2 * self._block, len(COLUMNS)), np.float64)
        self._bytes, self._length = self._recent.data.cast("B"), len(self._recent)
        #: The columns of each packed block; of one that is in the file nothing.
        self._packed: dict[int, tuple[bytes, ...]] = {}
        self._file = None if spool is None else BlockFile(spool, self._block * self._recent[0].nbytes)
        self._blocks = 0  # the number of blocks packed so far
        self._unpacked: dict[int, tuple[tuple[bytes, ...], Floats]] = {}
        self._begin = 0  # the step of the first row: those before are in no store
        self._starts: dict[int, tuple[float, ...]] = {}  # the first row of each packed block

    @property
    def nbytes(self) -> int:
        """The memory of the rows, in bytes."""
        return self._recent.nbytes + sum(len(column) for block in self._packed.values() for column in block)

    def append(self, loss: float, accuracy: float, lr: float, grad_norm: float, seconds: float) -> None:
        """Add one step."""
        # numpy would make an array of the numbers first.
        at = self.count % self._length * _ROW.size
        _ROW.pack_into(self._bytes, at, loss, accuracy, lr, grad_norm, seconds)
        self.count += 1
        if self.count % self._block == 0:
            self._pack()

    def begin(self, first: int, rows: Floats) -> None:
        """Hold ``rows`` (n, columns), the first of which is that of the 0-based step ``first``; must be empty."""
        assert not self.count
        self.count = self._begin = first
        self._blocks = first // self._block
        while len(rows):
            at = self.count % len(self._recent)
            part = rows[: self._block - self.count % self._block]
            self._recent[at : at + len(part)] = part
            self.count, rows = self.count + len(part), rows[len(part) :]
            if self.count % self._block == 0:
                self._pack()

    def cut(self, count: int) -> None:
        """Forget the rows from the step ``count`` on; nothing where those before it are no longer held."""
        if not self._first <= count < self.count:
            return
        blocks = count // self._block
        for index in range(max(self._begin // self._block, blocks - 1), min(blocks + 1, self._blocks)):
            at, rows = index * self._block % len(self._recent), self._rows_of(index)
            if rows is not None:
                self._recent[at : at + self._block] = rows  # the newest rows are read from there
        self.count, self._blocks = count, min(blocks, self._blocks)

    @property
    def first(self) -> int:
        """The step of the oldest row that is held."""
        return self._first

    @property
    def begin_step(self) -> int:
        """The step of the first row that was ever held: 0, or that at which a fork begins."""
        return self._begin

    @property
    def last(self) -> tuple[float, ...]:
        """The newest row; empty before the first."""
        return tuple(self._recent[(self.count - 1) % len(self._recent)].tolist()) if self.count > self._begin else ()

    def read(self, start: int, stop: int | None = None) -> tuple[int, Floats]:
        """Rows ``[start, stop)`` as a copy (n, columns), and the first row's true index (later if dropped)."""
        end = self.count if stop is None else min(stop, self.count)
        first = max(start, self._first)
        if first >= end:
            return end, np.empty((0, len(COLUMNS)))
        size, packed = self._block, min(end, self._blocks * self._block)
        pieces: list[Floats] = []
        for index in range(first // size, -(-packed // size)):
            rows = self._rows_of(index)
            if rows is None:  # neither it nor what is older can be given
                first, pieces = (index + 1) * size, []
            else:
                pieces.append(rows[max(first - index * size, 0) : packed - index * size])
        if end > packed:
            pieces.append(self._recent[np.arange(max(first, packed), end) % len(self._recent)])
        return (first, np.concatenate(pieces)) if pieces else (end, np.empty((0, len(COLUMNS))))

    def sampled(self, column: str, most: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """At most ``most`` steps spread over those held, and their values in one column; both (n,).

        Of packed blocks only the first row is given, so that nothing is unpacked: a view asks for it every second.
        """
        end, at, first = self.count, COLUMNS.index(column), self._first
        blocks = max(0, self._blocks - 1)  # the newest packed block is still in the ring
        packed = blocks * self._block
        starts = np.arange(-(-first // self._block), blocks, dtype=np.int64)
        starts = starts[:: max(1, -(-len(starts) // max(1, most // 2)))]
        values = [self._starts[index][at] for index in starts.tolist()]
        steps = starts * self._block
        if first < packed and first % self._block:
            steps, values = np.concatenate([[first], steps]), [float(self.read(first, first + 1)[1][0, at]), *values]
        begin = max(packed, first)
        recent = np.linspace(begin, max(begin, end - 1), max(1, most - len(steps))).round().astype(np.int64)
        recent = np.unique(recent[recent < end])
        values += self._recent[recent % len(self._recent), at].tolist()
        return np.concatenate([steps, recent]).astype(np.int64), np.array(values, np.float64)

    @property
    def _first(self) -> int:
        """The oldest row that is held."""
        return max(self.count - self.capacity, self._begin)

    @property
    def _slots(self) -> int:
        """One block more than needed: a reader may have begun before the last rows came."""
        return self.capacity // self._block + 2

    def _rows_of(self, index: int) -> Floats | None:
        """A packed block's rows (block, columns); None if they cannot be read from the file."""
        columns = self._packed[index]
        if not columns:
            data = self._file.read(index % self._slots) if self._file is not None else None
            return None if data is None else np.frombuffer(data).reshape(-1, len(COLUMNS))
        known = self._unpacked.get(index)
        if known is not None and known[0] is columns:  # else a block that was cut off
            return known[1]
        found = np.stack([unpacked(column, self._block) for column in columns], axis=1)
        if len(self._unpacked) >= _KEPT:
            self._unpacked = {}
        self._unpacked[index] = columns, found
        return found

    def _pack(self) -> None:
        """Put the newest block away, and drop the one that no row of ``capacity`` needs any more."""
        index = self._blocks
        at = index * self._block % len(self._recent)
        rows = self._recent[at : at + self._block]
        self._starts[index] = tuple(rows[0].tolist())
        is_written = self._file is not None and self._file.write(index % self._slots, rows.tobytes())
        self._packed[index] = () if is_written else tuple(packed(column) for column in rows.T)
        self._blocks += 1
        self._packed.pop(index - self._slots, None)
        self._starts.pop(index - self._slots, None)
