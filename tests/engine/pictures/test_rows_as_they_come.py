"""The parts of background decoding: the order of need, devices, closing."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.pictures.cached_pictures import kept, source
from tests.engine.pictures.helpers import COUNT
from workbench.engine.catalog.datasets.base import Dataset
from workbench.engine.core.progress import Loading, finished
from workbench.engine.data.examples import Examples
from workbench.engine.pictures import (
    background_decoder,
)
from workbench.engine.pictures.background_decoder import Arriving, UnreadableFiles


def begun(source_: Any) -> Dataset:
    loading = source_.beginning()
    dataset: Dataset = finished(loading)
    return dataset


def test_a_device_with_its_own_memory_is_given_what_has_come(root: Path) -> None:
    """``cpu:0`` stands for it: the rows are copied there, not shared."""
    whole = begun_and_ended(root)
    for file in kept(".index"):
        file.unlink()
    dataset = begun(source(root))
    examples = Examples(dataset, "cpu:0")
    assert examples.inputs.data_ptr() != torch.from_numpy(dataset.inputs).data_ptr()
    rows = np.array([3, 50, 7])
    x, y = examples.batch(rows)
    assert torch.equal(x, torch.from_numpy(whole.inputs[rows]).float() / 255)
    assert y.tolist() == whole.labels[rows].tolist()
    while examples.arriving is not None:
        examples.lacks(np.arange(COUNT))
    assert np.array_equal(examples.inputs.numpy(), whole.inputs)
    examples.close()


def begun_and_ended(root: Path) -> Dataset:
    return source(root).load()


class Slow:
    """Decodes a row when the test lets it."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.permits = threading.Semaphore(0)

    def __call__(self, row: int) -> str:
        self.order.append(row)
        assert self.permits.acquire(timeout=30)
        return ""


def test_rows_that_are_waited_for_come_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_decoder, "usual_workers", lambda: 1)
    slow, kept_rows = Slow(), []
    files = [Path(f"/{i}") for i in range(10)]
    pictures = Arriving(
        files,
        np.arange(10) == 0,
        slow,
        lambda done: kept_rows.append(done.sum()) or "",
        lambda bad: UnreadableFiles(""),
    )
    pictures.prefer(np.array([7, 0, 5]))
    assert not pictures.lacks(np.array([0]))
    while not slow.order:
        time.sleep(0.001)
    assert pictures.lacks(np.array([3, 9]))
    slow.permits.release(10)
    while pictures.progress().done < 10:
        time.sleep(0.001)
    assert not pictures.lacks(np.arange(10))
    pictures.close()
    assert slow.order == [7, 3, 9, 5, 1, 2, 4, 6, 8]
    assert kept_rows == [10]
    assert pictures.progress() == Loading(10, 10, "Reading pictures")


def test_closing_keeps_what_is_done_once() -> None:
    slow, kept_rows = Slow(), []
    files = [Path(f"/{i}") for i in range(100)]
    pictures = Arriving(
        files,
        np.zeros(100, bool),
        slow,
        lambda done: kept_rows.append(done.sum()) or "",
        lambda bad: UnreadableFiles(""),
    )
    assert pictures.lacks(np.arange(100))
    slow.permits.release(30)
    while pictures.progress().done < 30:
        pass
    pictures.close()
    pictures.close()
    slow.permits.release(100)
    assert len(kept_rows) == 1 and 30 <= kept_rows[0] < 100
