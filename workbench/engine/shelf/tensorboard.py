"""Runs written as TensorBoard's event files; its package is optional."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Evaluated, MeasuredOnTest
from workbench.engine.core.step_store import COLUMNS
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.shelf.opened import events_of
from workbench.engine.shelf.record import RunRecord

INSTALL: Final = "Install tensorboard (pip install tensorboard; with uv: uv sync --extra tensorboard) and export again."
#: What of a step is written, by TensorBoard's tag.
_STEP_TAGS: Final = {
    "loss": "step/loss",
    "accuracy": "step/accuracy",
    "lr": "learning_rate",
    "grad_norm": "step/grad_norm",
}

#: Tag, step, value.
Scalar = tuple[str, int, float]


def is_installed() -> bool:
    """Whether runs can be exported so."""
    return find_spec("tensorboard") is not None


def export_tensorboard(records: Sequence[RunRecord], target: Path) -> tuple[Path, ...]:
    """Write a folder of event files below ``target`` for each run, and return the folders.

    Raises WorkbenchError if the package is missing, if a folder is there already, or if one cannot be written.
    """
    if not is_installed():
        raise WorkbenchError(f"TensorBoard's event files need its package. {INSTALL}")
    folders = tuple(target / _folder_name(record) for record in records)
    for folder in folders:
        if folder.exists():
            raise WorkbenchError(f"{folder} is there already; choose another folder.")
    for record, folder in zip(records, folders, strict=True):
        try:
            folder.mkdir(parents=True)
            _write(record, folder)
        except OSError as error:
            raise WorkbenchError(f"Cannot write {folder}: {error.strerror or error}.") from None
    return folders


def scalars(record: RunRecord) -> Iterator[Scalar]:
    """Every number of the run that TensorBoard can draw, per step and per evaluation; those not finite are left out."""
    for tag, step, value in (*_of_steps(record.folder), *_of_evaluations(record.folder)):
        if isfinite(value):
            yield tag, step, value


def _of_steps(folder: Path) -> Iterator[Scalar]:
    try:
        first, rows = read_steps_from(folder)
    except (WorkbenchError, ValueError, KeyError, TypeError):  # of a run that was killed early, or damaged
        return
    for name, tag in _STEP_TAGS.items():
        for step, value in enumerate(rows[:, COLUMNS.index(name)].tolist(), first + 1):
            yield tag, step, value


def _of_evaluations(folder: Path) -> Iterator[Scalar]:
    for event in events_of(folder):
        if isinstance(event, Evaluated):
            measured = {"train": event.train_eval, "validation": event.val, **event.averages}
            for part, each in measured.items():
                if each is not None:
                    yield f"loss/{part}", event.step, each.loss
                    yield f"accuracy/{part}", event.step, each.accuracy
        elif isinstance(event, MeasuredOnTest):
            yield "accuracy/test", event.step, event.measured.accuracy


def _write(record: RunRecord, folder: Path) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer: Any = EventFileWriter(str(folder))
    began = record.started.timestamp()
    try:
        for tag, step, value in scalars(record):
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
            writer.add_event(Event(wall_time=began, step=step, summary=summary))
    finally:
        writer.close()


def _folder_name(record: RunRecord) -> str:
    return re.sub(r"[^\w.-]+", "_", record.folder_name)
