"""A run that is kept, opened with all its curves as it was, and followed while it grows; what is damaged in it is
passed over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event, Notice
from workbench.engine.core.observed import LayerStats
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.step_store import COLUMNS, Floats, StepStore
from workbench.engine.run_store.event_lines import event_of_line
from workbench.engine.run_store.history import History
from workbench.engine.run_store.layers_file import NAME as LAYERS
from workbench.engine.run_store.layers_file import read_layers
from workbench.engine.run_store.manifest import figures_of
from workbench.engine.run_store.steps_file import figures_trouble, read_steps_from

_LOG = "events.jsonl"
_WORDS: Final = "Reading the run"
#: After this many bytes of the log it is said how far the reading is.
_SAID_EVERY: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a run was read: ``log`` bytes of the log with the number ``inode``, ``steps`` finished steps, and when
    the layers were written."""

    inode: int = 0
    log: int = 0
    steps: int = 0
    layers: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What a run has got since a Mark: events, ``rows`` of steps (n, len(COLUMNS)), layers; and the Mark now."""

    events: tuple[Event, ...]
    rows: Floats
    layers: LayerStats | None
    mark: Mark

    def fold_into(self, history: History) -> None:
        """Add it to the history that was read up to the Mark."""
        for row in self.rows.tolist():
            history.steps.append(*row)
        for event in self.events:
            history.fold(event)
        _fold_layers(history, self.layers)


def opening(folder: Path) -> Job[tuple[History, Mark]]:
    """The history of the run in ``folder`` (events, per-step scalars and layers, as far as they can be read), and how
    far it was read; says how many bytes of the log are read."""
    size = _size(folder)
    yield Loading(0, size, _WORDS)
    history = History(_steps(folder))
    inode, layers = _inode(folder), _written(folder)
    position = said = 0
    for end, event in _lines(folder, 0):
        position = end
        if event is not None:
            history.fold(event)
        if position - said >= _SAID_EVERY:
            said = position
            yield Loading(position, max(size, position), _WORDS)
    _fold_layers(history, read_layers(folder))
    trouble = figures_trouble(folder, figures_of(folder))
    if trouble:
        history.fold(Notice(history.steps.count, "figures_changed", trouble))
    return history, Mark(inode, position, history.steps.count, layers)


def news_since(mark: Mark, folder: Path) -> News | None:
    """What has come since ``mark``; None where that is not what was read before: the run went back, or is another."""
    try:
        size = os.stat(folder / _LOG).st_size
    except OSError:
        return None
    inode, written = _inode(folder), _written(folder)
    if inode != mark.inode or size < mark.log:  # a log that was cut is a new file
        return None
    found = tuple(_lines(folder, mark.log))
    rows = _rows_after(folder, mark.steps)
    layers = read_layers(folder) if written != mark.layers else None
    now = Mark(inode, found[-1][0] if found else mark.log, mark.steps + len(rows), written)
    return News(tuple(event for _, event in found if event is not None), rows, layers, now)


def events_of(folder: Path) -> Iterator[Event]:
    """The events of the log in order; lines that are damaged, torn or of a newer version are left out."""
    return (event for _, event in _lines(folder, 0) if event is not None)


def _lines(folder: Path, position: int) -> Iterator[tuple[int, Event | None]]:
    """Each whole line of the log from the byte ``position`` on: where it ends, and its event if it can be read."""
    try:
        with (folder / _LOG).open("rb") as file:
            file.seek(position)
            for line in file:
                if line.endswith(b"\n"):
                    position += len(line)
                    yield position, _event(line)
    except OSError:
        return


def _event(line: bytes) -> Event | None:
    try:
        return event_of_line(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _fold_layers(history: History, layers: LayerStats | None) -> None:
    """Those behind the last step belong to steps that a run which went on has not made again."""
    if layers is not None and not 0 < history.steps.count <= layers.step:
        history.fold(layers)


def _steps(folder: Path) -> StepStore:
    """Its rows at the steps at which they were trained: those of a fork begin where it branched off."""
    try:
        first, rows = read_steps_from(folder)
    except (WorkbenchError, ValueError, KeyError, TypeError):
        return StepStore()
    if rows.shape[1] != len(COLUMNS) or first < 0:
        return StepStore()
    steps = StepStore(max(1 << 20, first + len(rows)))
    steps.begin(first, rows)
    return steps


def _rows_after(folder: Path, steps: int) -> Floats:
    """The rows behind ``steps`` finished steps, without reading those before."""
    none = np.empty((0, len(COLUMNS)))
    try:
        with (folder / "steps.bin").open("rb") as file:
            head = file.readline()
            said = json.loads(head)
            first = int(said.get("first", 0))
            if len(said["columns"]) != len(COLUMNS) or steps < first:
                return none
            file.seek(len(head) + (steps - first) * 8 * len(COLUMNS))
            body = file.read()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return none
    whole = len(body) // (8 * len(COLUMNS))
    return np.frombuffer(body[: whole * 8 * len(COLUMNS)], "<f8").reshape(whole, len(COLUMNS)).astype(np.float64)


def _size(folder: Path) -> int:
    try:
        return os.stat(folder / _LOG).st_size
    except OSError:
        return 0


def _inode(folder: Path) -> int:
    try:
        return os.stat(folder / _LOG).st_ino
    except OSError:
        return 0


def _written(folder: Path) -> int:
    try:
        return os.stat(folder / LAYERS).st_mtime_ns
    except OSError:
        return 0
