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
from workbench.engine.run_store.run_folder import read_steps


def opened_history(folder: Path) -> History:
    """The history of the run in ``folder``: its events and its per-step scalars, as far as they can be read."""
    history = History(_steps(folder))
    for event in events_of(folder):
        history.fold(event)
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
    try:
        rows = read_steps(folder)
    except (WorkbenchError, ValueError, KeyError, TypeError):
        return StepStore()
    steps = StepStore(max(1 << 20, len(rows)))
    if rows.shape[1] == len(COLUMNS):
        for row in rows.tolist():
            steps.append(*row)
    return steps
