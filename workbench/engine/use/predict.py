"""Predictions: of pictures in memory, and of files one block after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.responsive_io import Silent, in_order
from workbench.engine.pictures.decode import Unreadable
from workbench.engine.use.network import Bytes, UsedNetwork
from workbench.engine.use.picture_walk import PictureWalk

#: Pictures in memory between two reports of the progress; the passes themselves take fewer.
BLOCK: Final = 512
#: Files that are predicted together.
FILES: Final = 64
_PREDICTING: Final = "Predicting"

Logs = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is predicted of one file: the numbers of the two likeliest classes and their probabilities (0–1).

    ``reason`` says why there is no prediction; the classes are then −1. A network of one class has no second one.
    """

    path: Path
    first: int = -1
    probability: float = 0.0
    second: int = -1
    second_probability: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Predicted:
    """How many files were predicted and how many could not be read; what was passed over; how long it took.

    ``seconds`` are those of the whole work. ``troubles`` are sentences on folders that could not be read.
    """

    count: int
    unreadable: int
    passed_over: int
    seconds: float
    troubles: tuple[str, ...] = ()


def predicting(network: UsedNetwork, pictures: Bytes) -> Job[Logs]:
    """Log-probabilities (N, K) of ``pictures``, uint8 (N, 1 or 3, H, W). Raises WorkbenchError."""
    if pictures.ndim != 4 or pictures.shape[1] not in (1, 3) or pictures.dtype != np.uint8 or not pictures.size:
        shape = " × ".join(map(str, pictures.shape))
        text = f"An array of {shape} ({pictures.dtype}) is no set of pictures: they are N × 1 or 3 × height × width"
        raise WorkbenchError(f"{text}, of 8 bits.")
    made: list[Logs] = []
    for start in range(0, len(pictures), BLOCK):
        part = pictures[start : start + BLOCK]
        made.append(network.logs((_writable(part),) * len(network.members)))
        yield Loading(min(start + BLOCK, len(pictures)), len(pictures), _PREDICTING)
    return np.concatenate(made)


def predicting_files(
    network: UsedNetwork, walk: PictureWalk, take: Callable[[Sequence[Prediction]], object]
) -> Job[Predicted]:
    """Predict the pictures of ``walk``; ``take`` gets a few predictions at a time, in the order of the files.

    Files are decoded ahead by other threads. Raises WorkbenchError if the network cannot compute.
    """
    began, counts = time.perf_counter(), [0, 0]
    block = _Block(network)
    reads = in_order(iter(walk), lambda path: (path, _read(network, path)), lambda path: path)
    try:
        for result in reads:
            if not isinstance(result, Silent):
                block.add(*result.value)
            if block.is_full:
                _give(block, take, counts)
            words = result.words if isinstance(result, Silent) else ""
            yield Loading(sum(counts), walk.found if walk.is_complete else 0, words or _PREDICTING)
        _give(block, take, counts)
    finally:
        reads.close()
    return Predicted(counts[0], counts[1], walk.passed_over, time.perf_counter() - began, tuple(walk.troubles))


def likeliest(logs: Logs) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The classes (B, min(2, K)) with the highest of ``logs`` (B, K), and their probabilities.

    Of equal ones the first class comes first, as with ``argmax``.
    """
    order = np.argsort(-logs, axis=1, kind="stable")[:, :2]
    return order, np.exp(np.take_along_axis(logs, order, axis=1))


class _Block:
    """Files that are predicted together; unreadable ones keep their place among them."""

    def __init__(self, network: UsedNetwork) -> None:
        self._network = network
        self._files: list[tuple[Path, tuple[Bytes, ...] | str]] = []
        self._readable = 0

    @property
    def is_full(self) -> bool:
        return self._readable >= FILES or len(self._files) >= 4 * FILES

    def add(self, path: Path, read: tuple[Bytes, ...] | str) -> None:
        self._files.append((path, read))
        self._readable += not isinstance(read, str)

    def predictions(self) -> list[Prediction]:
        """Those of all files in it; it is empty afterwards."""
        files, self._files, self._readable = self._files, [], 0
        each = [read for _, read in files if not isinstance(read, str)]
        rows = iter(self._rows(each) if each else ())
        return [
            Prediction(path, reason=read) if isinstance(read, str) else _prediction(path, *next(rows))
            for path, read in files
        ]

    def _rows(self, each: Sequence[tuple[Bytes, ...]]) -> list[tuple[list[int], list[float]]]:
        stacks: dict[int, Bytes] = {}
        for pictures in zip(*each, strict=True):  # members that read alike share the very array
            stacks.setdefault(id(pictures[0]), np.stack(pictures))
        classes, shares = likeliest(self._network.logs([stacks[id(first)] for first in each[0]]))
        return list(zip(classes.tolist(), shares.tolist(), strict=True))


def _prediction(path: Path, classes: list[int], shares: list[float]) -> Prediction:
    second = (classes[1], shares[1]) if len(classes) > 1 else (-1, 0.0)
    return Prediction(path, classes[0], shares[0], *second)


def _give(block: _Block, take: Callable[[Sequence[Prediction]], object], counts: list[int]) -> None:
    made = block.predictions()
    if made:
        failed = sum(bool(each.reason) for each in made)
        counts[0] += len(made) - failed
        counts[1] += failed
        take(made)


def _read(network: UsedNetwork, path: Path) -> tuple[Bytes, ...] | str:
    """The picture for each member, or why there is none."""
    try:
        return network.read(path)
    except Unreadable as error:
        return str(error)


def _writable(pictures: Bytes) -> Bytes:
    """torch warns of arrays that are mapped or may not be written, though nothing writes them."""
    return pictures if pictures.flags.writeable else pictures.copy()
