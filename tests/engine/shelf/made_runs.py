"""Run folders written by hand: as a training process leaves them, in a thousandth of its time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.engine.core.events import Edited, EpochEnded, Event, Measured, RunEnded, RunStarted
from workbench.engine.run_store.event_lines import line_of_event
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.spec.toml import dumps

SPEC = ExperimentSpec().edited("loop.epochs", 3)


def started(spec: ExperimentSpec = SPEC, **more: Any) -> RunStarted:
    classes = tuple("0123456789")
    known: dict[str, Any] = {"train_size": 80, "val_size": 359, **more}
    return RunStarted(
        plain(spec),
        "cpu",
        "",
        1,
        618,
        known["train_size"],
        known["val_size"],
        80,
        classes,
        (1, 8, 8),
        5,
        "2.15.0",
    )


def evaluated(epoch: int, val: float | None, train: float = 0.9, is_best: bool = False) -> EpochEnded:
    """An evaluation with these accuracies; losses are one minus them."""
    held_back = None if val is None else Measured(1 - val, val, 359, 0.01, 0.016)
    return EpochEnded(
        epoch,
        5 * epoch,
        1.5 * epoch,
        0.05,
        None,
        None,
        Measured(1 - train, train, 80, 0.01, 0.03),
        held_back,
        is_best,
        0,
        9.0,
    )


def ended(reason: Any = "completed", epoch: int = 3, message: str = "Finished.", code: str = "") -> RunEnded:
    return RunEnded(reason, 5 * epoch, epoch, 1.5 * epoch, message, code=code)


def curve(accuracies: Sequence[float | None], train: float = 0.9) -> list[Event]:
    """The start, then an evaluation for each accuracy; the best so far is marked, as training marks it."""
    events: list[Event] = [evaluated(0, 0.1, 0.1)]
    best = -1.0
    for epoch, accuracy in enumerate(accuracies, 1):
        is_best = accuracy is not None and accuracy > best
        best = accuracy if is_best and accuracy is not None else best
        events.append(evaluated(epoch, accuracy, train, is_best))
    return events


def lines(events: Sequence[Event | dict[str, Any]]) -> bytes:
    said = [event if isinstance(event, dict) else line_of_event(event) for event in events]
    return "".join(json.dumps(each) + "\n" for each in said).encode()


def make_run(
    parent: Path,
    name: str = "2026-11-01_12-00-00_a",
    spec: ExperimentSpec = SPEC,
    events: Sequence[Event | dict[str, Any]] | None = None,
    accuracies: Sequence[float | None] = (0.5, 0.8, 0.7),
    changes: Sequence[Edited] = (),
) -> Path:
    """A run's folder with settings and log; a finished one unless ``events`` are given."""
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "spec.toml").write_text(dumps(spec), encoding="utf-8")
    if events is None:
        events = [started(spec), *changes, *curve(accuracies), ended(epoch=len(accuracies))]
    (folder / "events.jsonl").write_bytes(lines(events))
    return folder
