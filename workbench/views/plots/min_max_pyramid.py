"""Minimum and maximum of every curve in every pixel column, for plots of millions of steps.

Drawing each point takes time in proportion to their number. Drawing one vertical span per pixel column looks the same
and takes the same time for 10^3 and 10^7 points. ``Pyramid`` keeps minima and maxima of blocks of 8, 64, 512 … points,
so that a query reads a few thousand numbers at any zoom. ``line_spans`` computes spans from few raw points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

#: Each level's blocks hold this many blocks of the level below.
FACTOR: Final = 8

Floats = npt.NDArray[np.floating]
Singles = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]

_LARGEST: Final = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class Spans:
    """``low`` and ``high`` of each curve in each pixel column, shape (curves, columns).

    In a column without a finite point ``low`` is +inf and ``high`` is -inf, which compare faster than NaN.
    ``skipped`` counts the NaN and infinite points of the column; they do not count in low and high.
    """

    low: Singles
    high: Singles
    skipped: Counts


class Pyramid:
    """Append-only minima and maxima of several curves that share their index.

    ``base`` points make one block of the lowest level; with 1, queries are exact; 8 takes an eighth of the memory. When
    more than ``limit`` blocks would be needed, blocks are merged in pairs: memory is bounded for a run of any length,
    and only the deepest zoom gets coarser. NaN and infinite values are counted and otherwise ignored.
    """

    def __init__(self, curves: int = 1, base: int = FACTOR, limit: int = 1 << 14) -> None:
        self.curves, self.base, self.limit = curves, base, limit
        self.count = 0
        self.skipped = np.zeros(curves, np.int64)
        self._levels = [_Level(curves, limit)]
        #: Of each level the first block that the level above does not include yet; None if it has all.
        self._stale: list[int | None] = [None]

    @property
    def nbytes(self) -> int:
        """The memory in use, in bytes."""
        return sum(level.nbytes for level in self._levels)

    def append(self, values: Floats) -> None:
        """Add points; ``values`` has shape (curves, n), or (n,) for one curve."""
        values = np.atleast_2d(values)
        self._extend(*_split(values))

    def leave_out(self, points: int) -> None:
        """Go on ``points`` further: of those that are passed over nothing is drawn, and none counts as skipped."""
        self._extend(*_empty(self.curves, points))

    def _extend(self, low: Singles, high: Singles, bad: Counts) -> None:
        while self.count + low.shape[1] > self.base * self.limit:
            self._coarsen()
        self.skipped += bad.sum(axis=1)
        first = self.count // self.base
        self._levels[0].extend(*_blocks(low, high, bad, self.base, self.count % self.base), first)
        self.count += low.shape[1]
        self._mark(0, first)

    def _mark(self, level: int, first: int) -> None:
        """The level above has to look at the blocks from ``first`` on."""
        known = self._stale[level]
        self._stale[level] = first if known is None else min(known, first)

    def query(self, edges: Floats) -> Spans:
        """The spans of the columns ``[edges[k], edges[k + 1])``, in points counted from 0; edges ascend.

        A column is exact up to one block at each side, and a block is never wider than the mean column.
        """
        columns = len(edges) - 1
        per_column = float(edges[-1] - edges[0]) / max(columns, 1)
        index, block = 0, self.base
        while block * FACTOR <= per_column and self._levels[index].size > 1:
            self._lift(index)
            index, block = index + 1, block * FACTOR
        return self._levels[index].columns(edges, self.count, block)

    def between(self, start: float, stop: float, columns: int) -> Spans:
        """The spans of ``columns`` equally wide columns from ``start`` to ``stop``."""
        return self.query(np.linspace(start, stop, columns + 1))

    def points(self, start: float, stop: float) -> tuple[Floats, Floats]:
        """The lowest blocks around ``[start, stop)`` as points to join by lines: positions and middles (curves, n)."""
        level = self._levels[0]
        first, last = max(0, int(start / self.base) - 1), min(level.size, int(stop / self.base) + 2)
        low, high = level.low[:, first:last], level.high[:, first:last]
        with np.errstate(invalid="ignore"):  # an empty block is +inf and -inf
            middle = np.where(low <= high, low / 2 + high / 2, np.float32(np.nan))
        return (np.arange(first, max(first, last)) + 0.5) * self.base, middle

    def _lift(self, index: int) -> None:
        """Bring the level above that of ``index`` up to date; done only when a query needs it."""
        below, first = self._levels[index], self._stale[index]
        if index + 1 == len(self._levels):
            self._levels.append(_Level(self.curves, self.limit))
            self._stale.append(None)
            first = 0
        if first is None:
            return
        first //= FACTOR
        tail = slice(first * FACTOR, below.size)
        blocks = _blocks(below.low[:, tail], below.high[:, tail], below.skipped[:, tail], FACTOR, 0)
        self._levels[index + 1].extend(*blocks, first, fresh=True)
        self._stale[index] = None
        self._mark(index + 1, first)

    def _coarsen(self) -> None:
        """Merge the lowest level's blocks in pairs; the levels above are made anew when a query needs them."""
        below, lowest = self._levels[0], _Level(self.curves, self.limit)
        inside = slice(0, below.size)
        blocks = _blocks(below.low[:, inside], below.high[:, inside], below.skipped[:, inside], 2, 0)
        lowest.extend(*blocks, 0, fresh=True)
        self._levels, self._stale = [lowest], [None]
        self.base *= 2


class _Level:
    """One level's blocks in arrays that grow by doubling, up to ``limit``; blocks beyond ``size`` are empty."""

    def __init__(self, curves: int, limit: int) -> None:
        self.size, self._limit = 0, limit
        self.low, self.high, self.skipped = _empty(curves, 64)

    @property
    def nbytes(self) -> int:
        return self.low.nbytes + self.high.nbytes + self.skipped.nbytes

    def extend(self, low: Singles, high: Singles, skipped: Counts, first: int, *, fresh: bool = False) -> None:
        """Write blocks from ``first`` on; an existing first block is merged unless the blocks are ``fresh``."""
        stop = first + low.shape[1]
        self._reserve(stop)
        if first < self.size and not fresh and low.shape[1]:
            low[:, 0] = np.minimum(low[:, 0], self.low[:, first])
            high[:, 0] = np.maximum(high[:, 0], self.high[:, first])
            skipped[:, 0] += self.skipped[:, first]
        self.low[:, first:stop] = low
        self.high[:, first:stop] = high
        self.skipped[:, first:stop] = skipped
        self.size = max(self.size, stop)

    def columns(self, edges: Floats, count: int, block: int) -> Spans:
        points = np.clip(np.ceil(edges), 0, count).astype(np.int64)
        starts, stops = points[:-1] // block, -(-points[1:] // block)
        filled = points[:-1] < points[1:]
        if not filled.any():
            return Spans(*_empty(len(self.low), len(starts)))
        # reduceat takes pairs of indices; every second segment is dropped. One empty block after the last is included.
        offset, end = int(starts[0]), int(stops[-1])
        pairs = np.stack([starts, stops], axis=1).ravel() - offset
        pairs = np.minimum(pairs, end - offset)
        window = slice(offset, end + 1)
        return Spans(
            np.where(filled, np.minimum.reduceat(self.low[:, window], pairs, axis=1)[:, ::2], np.float32(np.inf)),
            np.where(filled, np.maximum.reduceat(self.high[:, window], pairs, axis=1)[:, ::2], np.float32(-np.inf)),
            np.where(filled, np.add.reduceat(self.skipped[:, window], pairs, axis=1)[:, ::2], np.int32(0)),
        )

    def _reserve(self, size: int) -> None:
        room = self.low.shape[1]
        if size < room:  # one block after the last stays empty, because queries read it
            return
        low, high, skipped = _empty(len(self.low), max(min(2 * room, self._limit + 1), size + 1))
        low[:, : self.size], high[:, : self.size] = self.low[:, : self.size], self.high[:, : self.size]
        skipped[:, : self.size] = self.skipped[:, : self.size]
        self.low, self.high, self.skipped = low, high, skipped


def line_spans(index: Floats, values: Floats, edges: Floats) -> Spans:
    """The spans that straight lines between the points ``(index[i], values[:, i])`` cover in each column.

    For few visible points. A NaN or infinite value leaves a gap in its line and is counted in its column.
    """
    with np.errstate(over="ignore"):
        finite = np.isfinite(values)
    columns = len(edges) - 1
    low, high, skipped = _empty(len(values), columns)
    if not len(index) or columns < 1:
        return Spans(low, high, skipped)
    bounds = np.searchsorted(index, edges)
    inside = bounds[:-1] < bounds[1:]
    for curve, (ys, ok) in enumerate(zip(values, finite, strict=True)):
        clean = np.where(ok, ys, np.nan)
        at_edges = np.interp(edges, index, clean, left=np.nan, right=np.nan)
        low[curve] = _narrow(_reduced(np.fmin, clean, bounds, inside, at_edges), np.inf)
        high[curve] = _narrow(_reduced(np.fmax, clean, bounds, inside, at_edges), -np.inf)
        if not ok.all():
            missing = np.concatenate([[0], np.cumsum(~ok)])
            skipped[curve] = missing[bounds[1:]] - missing[bounds[:-1]]
    return Spans(low, high, skipped)


def joined(spans: Spans) -> Spans:
    """The spans extended to those of the neighbouring column, so that a steep curve has no holes."""
    low, high = spans.low.copy(), spans.high.copy()
    both = (low[:, 1:] <= high[:, 1:]) & (low[:, :-1] <= high[:, :-1])
    low[:, 1:] = np.where(both, np.minimum(low[:, 1:], spans.high[:, :-1]), low[:, 1:])
    high[:, 1:] = np.where(both, np.maximum(high[:, 1:], spans.low[:, :-1]), high[:, 1:])
    return Spans(low, high, spans.skipped)


def _reduced(
    pick: np.ufunc, ys: Floats, bounds: npt.NDArray[np.int64], inside: npt.NDArray[np.bool_], at_edges: Floats
) -> Floats:
    result: Floats = pick(at_edges[:-1], at_edges[1:])
    if inside.any():
        # ys is cut off where reduceat's last segment ends; bounds ascend, so the used segments are adjacent.
        starts = bounds[:-1][inside]
        stop = bounds[1:][inside][-1]
        result[inside] = pick(result[inside], pick.reduceat(ys[:stop], starts))
    return result


def _narrow(values: Floats, empty: float) -> Singles:
    """As float32: overflow clipped to the largest value, NaN replaced by ``empty``."""
    return np.where(np.isnan(values), empty, np.clip(values, -_LARGEST, _LARGEST)).astype(np.float32)


def _empty(curves: int, size: int) -> tuple[Singles, Singles, Counts]:
    low = np.full((curves, size), np.inf, np.float32)
    return low, np.full((curves, size), -np.inf, np.float32), np.zeros((curves, size), np.int32)


def _split(values: Floats) -> tuple[Singles, Singles, Counts]:
    """Low, high and the count of skipped values, each point a block."""
    finite = np.isfinite(values)
    single = np.clip(values, -_LARGEST, _LARGEST).astype(np.float32)
    if finite.all():
        return single, single, np.zeros(values.shape, np.int32)
    return (
        np.where(finite, single, np.float32(np.inf)),
        np.where(finite, single, np.float32(-np.inf)),
        (~finite).astype(np.int32),
    )


def _blocks(low: Singles, high: Singles, skipped: Counts, size: int, filled: int) -> tuple[Singles, Singles, Counts]:
    """Merge every ``size`` neighbours; the first block already has ``filled`` of its members."""
    curves, length = low.shape
    if not length:
        return _empty(curves, -(-filled // size))
    starts = np.arange(-filled, length, size)
    starts[0] = 0
    return (
        np.minimum.reduceat(low, starts, axis=1),
        np.maximum.reduceat(high, starts, axis=1),
        np.add.reduceat(skipped, starts, axis=1, dtype=np.int32),
    )
