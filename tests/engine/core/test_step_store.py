"""Evenly spread steps of one column, for small pictures of long runs."""

from __future__ import annotations

import gc
import math
from pathlib import Path

import numpy as np
import pytest

from workbench.engine.core.block_file import BlockFile
from workbench.engine.core.step_store import COLUMNS, StepStore


@pytest.mark.parametrize(("count", "capacity"), [(0, 64), (1, 64), (5, 64), (64, 64), (1000, 64), (1000, 2048)])
def test_a_sample_is_spread_over_what_is_held(count: int, capacity: int) -> None:
    store = StepStore(capacity)
    for step in range(count):
        store.append(1.0, 0.5, 10.0 * step, 0.0, float(step))
    steps, rates = store.sampled("lr", 20)
    held = min(count, capacity)
    assert len(steps) == len(rates) == min(20, held)
    assert rates.tolist() == [10.0 * step for step in steps.tolist()]
    if held:
        assert (steps[0], steps[-1]) == (count - held, count - 1)


@pytest.mark.parametrize("spooled", [False, True])
@pytest.mark.parametrize("capacity", [64, 5000, 10_000, 1 << 20])
def test_rows_come_back_bit_by_bit_wherever_they_lie(capacity: int, spooled: bool, tmp_path: Path) -> None:
    store = StepStore(capacity, tmp_path if spooled else None)
    rows = np.random.default_rng(0).normal(size=(13_000, len(COLUMNS)))
    rows[7] = [math.nan, math.inf, -math.inf, -0.0, 5e-324]
    for row in rows.tolist():
        store.append(*row)
    oldest = max(0, len(rows) - capacity)
    for start, stop in ((0, None), (4090, 4100), (8191, 8193), (12_000, 12_999), (oldest, oldest + 3), (13_000, None)):
        first, got = store.read(start, stop)
        end = len(rows) if stop is None else stop
        assert first == (max(start, oldest) if max(start, oldest) < end else end)
        assert got.tobytes() == rows[first:end].tobytes()
    assert store.last == tuple(rows[-1].tolist())


def test_a_step_takes_a_third_of_its_numbers() -> None:
    """Half an hour of a small network: losses and norms in single precision, a constant rate."""
    store, dice = StepStore(), np.random.default_rng(1)
    empty = store.nbytes
    for step in range(60_000):
        loss, norm = np.float32(dice.random()), np.float32(dice.random())
        store.append(float(loss), step % 65 / 64, 0.05, float(norm), step / 99)
    assert store.nbytes - empty < 60_000 * 40 / 2.4


def counted_up(store: StepStore, steps: int) -> StepStore:
    for step in range(steps):
        store.append(step, 0.5, 0.05, 1.0, step / 99)
    return store


def test_with_a_file_the_memory_does_not_grow_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    store = StepStore(spool=tmp_path)
    empty = store.nbytes
    counted_up(store, 60_000)
    assert store.nbytes == empty
    assert store.read(100, 50_000)[1][:, 0].tolist() == list(range(100, 50_000))
    del store
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_where_the_file_cannot_be_made_rows_stay_in_memory(tmp_path: Path) -> None:
    store = counted_up(StepStore(spool=tmp_path / "none such"), 20_000)
    assert store.read(0)[1][:, 0].tolist() == list(range(20_000))


def test_rows_that_cannot_be_read_back_count_as_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = counted_up(StepStore(spool=tmp_path), 20_000)
    read = BlockFile.read
    monkeypatch.setattr(BlockFile, "read", lambda file, slot: None if slot == 1 else read(file, slot))
    first, rows = store.read(0)
    assert first == 2 * 4096 and rows[:, 0].tolist() == list(range(first, 20_000))
    assert store.read(5000, 6000)[0] == 6000 or not len(store.read(5000, 6000)[1])
    assert store.read(0, 4096)[0] == 0


@pytest.mark.parametrize("spooled", [False, True])
@pytest.mark.parametrize("first", [0, 5, 4096, 9000])
@pytest.mark.parametrize("known", [0, 3, 4095, 9001])
def test_a_store_that_begins_later_gives_the_same_rows(known: int, first: int, spooled: bool, tmp_path: Path) -> None:
    """A run that goes on has rows already; a fork begins at its step."""
    rows = np.random.default_rng(1).normal(size=(first + known + 5000, len(COLUMNS)))
    store = StepStore(1 << 20, tmp_path if spooled else None)
    store.begin(first, rows[first : first + known])
    assert (store.first, store.count) == (first, first + known)
    for row in rows[first + known :].tolist():
        store.append(*row)
    begin, read = store.read(0)
    assert begin == first and read.tobytes() == rows[first:].tobytes()
    steps, values = store.sampled("lr", 40)
    assert steps[0] == first and values.tolist() == rows[steps, 2].tolist()


@pytest.mark.parametrize("spooled", [False, True])
@pytest.mark.parametrize("count", [0, 1, 4095, 4096, 4097, 8192, 12_287, 12_999, 13_000])
def test_rows_that_were_cut_off_are_replaced_by_others(count: int, spooled: bool, tmp_path: Path) -> None:
    """Also where a reader has unpacked the block that is cut."""
    old, new = np.random.default_rng(2).normal(size=(2, 13_000, len(COLUMNS)))
    store = StepStore(1 << 20, tmp_path if spooled else None)
    store.begin(0, old)
    store.read(0)
    store.cut(count)
    assert store.count == count and store.read(0)[1].tobytes() == old[:count].tobytes()
    assert store.last == tuple(old[count - 1].tolist()) if count else store.last == ()
    for row in new[count:].tolist():
        store.append(*row)
    want = np.concatenate([old[:count], new[count:]])
    assert store.read(0)[1].tobytes() == want.tobytes()
    steps, values = store.sampled("loss", 50)
    assert values.tolist() == want[steps, 0].tolist()
    store.cut(20_000)
    assert store.count == 13_000


@pytest.mark.parametrize("spooled", [False, True])
@pytest.mark.parametrize("count", [5000, 5001, 8000, 8192, 8900, 12_999])
def test_rows_of_a_fork_that_begins_behind_the_first_block_are_cut_off(
    count: int, spooled: bool, tmp_path: Path
) -> None:
    old, new = np.random.default_rng(3).normal(size=(2, 13_000, len(COLUMNS)))
    store = StepStore(1 << 20, tmp_path if spooled else None)
    store.begin(5000, old[:0])
    for row in old[5000:].tolist():
        store.append(*row)
    store.cut(count)
    for row in new[count:].tolist():
        store.append(*row)
    first, rows = store.read(0)
    assert first == 5000 and rows.tobytes() == np.concatenate([old[5000:count], new[count:]]).tobytes()


def test_a_fork_has_no_last_row_before_its_first_step() -> None:
    store = StepStore()
    store.begin(5, np.empty((0, len(COLUMNS))))
    assert store.last == ()
    store.append(1, 0, 0, 0, 0)
    store.cut(5)
    assert store.count == 5 and store.last == ()
