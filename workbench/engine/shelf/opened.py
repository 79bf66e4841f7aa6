"""A run that is kept, opened with all its curves as it was; what is damaged in it is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event
from workbench.engine.core.step_store import COLUMNS, StepStore
from workbench.engine.run_store.event_lines import event_of_line
from workbench.engine.run_store.history import History
from workbench.engine.run_store.layers_file import read_layers
from workbench.engine.run_store.steps_file import read_steps_from


def opened_history(folder: Path) -> History:
    """The history of the run in ``folder``: events, per-step scalars and layers, as far as they can be read."""
    history = History(_steps(folder))
    for event in events_of(folder):
        history.fold(event)
    layers = read_layers(folder)
    if layers is not None and not 0 < history.steps.count <= layers.step:  # else of steps that were never resumed
        history.fold(layers)
    return history


def events_of(folder: Path) -> Iterator[Event]:
    """The events of the log in order; lines that are damaged, torn or of a newer version are left out."""
    try:
        with (folder / "events.jsonl").open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    try:
                        yield event_of_line(json.loads(line))
                    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                        continue
    except OSError:
        return


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
