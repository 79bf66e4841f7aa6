"""Made-up runs for tests of what reads a History."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from workbench.engine.core.events import EpochEnded, Measured, RunStarted
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.history import History

SPEC: dict[str, Any] = {
    "loop": {"epochs": 15},
    "optimizer": {"kind": "momentum", "lr": 0.05},
    "regularization": [],
    "model": {"kind": "mlp", "hidden": [128]},
    "data": {"validation_fraction": 0.2},
}


def started(spec: dict[str, Any] = SPEC, steps_per_epoch: int = 23) -> RunStarted:
    return RunStarted(spec, "cpu", "", 1, 1, 1437, 360, 360, ("a", "b"), (1, 8, 8), steps_per_epoch, "0")


def measured(loss: float, accuracy: float, se: float = 0.01, n: int = 360) -> Measured:
    return Measured(loss, accuracy, n, se, se)


def run(
    train: Sequence[float],
    val: Sequence[float] | None,
    accuracy: Sequence[float] | None = None,
    *,
    se: float = 0.01,
    running: Sequence[float | None] | None = None,
    spec: dict[str, Any] = SPEC,
    train_accuracy: float = 0.9,
) -> History:
    """A run with these losses at epochs 0, 1, …; the best validation accuracy is marked as the engine does."""
    history = History(StepStore(1024))
    history.fold(started(spec))
    best, stale = -1.0, 0
    for epoch, loss in enumerate(train):
        share = accuracy[epoch] if accuracy else 0.9
        is_best = val is not None and share > best
        best, stale = (share, 0) if is_best else (best, stale + 1)
        run_loss = running[epoch] if running else (None if epoch == 0 else loss)
        history.fold(
            EpochEnded(
                epoch,
                epoch * 23,
                epoch * 0.5,
                0.05,
                run_loss,
                None if run_loss is None else 0.8,
                measured(loss, train_accuracy, se),
                None if val is None else measured(val[epoch], share, se),
                is_best,
                stale,
                1e4,
            )
        )
    return history


def with_steps(history: History, steps: int, per_epoch: int = 23) -> History:
    """Add ``steps`` steps and the evaluations that belong to them to a started history."""
    rng = np.random.default_rng(0)
    for step in range(history.steps.count, history.steps.count + steps):
        loss = 2.3 * math.exp(-step / 100 + rng.normal(0, 0.1)) + 0.05
        history.steps.append(loss, max(0.0, 1 - loss / 3), 0.05, 1 + loss, (step + 1) * 0.01)
        if (step + 1) % per_epoch == 0:
            epoch = (step + 1) // per_epoch
            train, val = measured(loss, 0.9), measured(loss + 0.1, 0.8 + 0.001 * epoch)
            history.fold(EpochEnded(epoch, step + 1, (step + 1) * 0.01, 0.05, loss, 0.9, train, val, True, 0, 1e4))
    return history


def fresh(per_epoch: int = 23, epochs: int = 15) -> History:
    history = History(StepStore())
    history.fold(started({**SPEC, "loop": {"epochs": epochs}}, per_epoch))
    return history
