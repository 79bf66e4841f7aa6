"""Small runs for tests, and what to compare of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, EpochEnded, Event, WeightsSaved
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.checkpointer import run_copy
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.saved_part import SavedRun
from workbench.engine.training.set_up import set_up


def small_spec(**edits: Any) -> ExperimentSpec:
    """Digits, few of them, a small MLP with batch norm and dropout, augmentation on: everything random takes part."""
    spec = ExperimentSpec()
    changes: dict[str, Any] = {
        "data.examples_per_class": 20,
        "model": {"kind": "mlp", "hidden": [16], "batch_norm": True},
        "regularization": [{"kind": "dropout", "p": 0.3}, {"kind": "l2", "strength": 1e-3}],
        "augmentations": [{"kind": "horizontal_flip", "p": 0.3}],
        "optimizer": {"kind": "adam", "lr": 0.01},
        "loop.epochs": 3,
        "loop.batch_size": 32,
    }
    for path, value in (changes | {name.replace("__", "."): v for name, v in edits.items()}).items():
        spec = spec.edited(path, value)
    return spec


class Recorder:
    """All events of a run and its steps."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.steps = StepStore(4096)

    def of(self, cls: type[Any]) -> list[Any]:
        return [e for e in self.events if isinstance(e, cls)]

    def numbers(self) -> Any:
        """Everything measured, without times: per-step columns and evaluations."""
        steps = self.steps.read(0)[1][:, :4].tobytes()
        epochs = [replace(e, seconds=0.0, images_per_second=0.0) for e in self.of(EpochEnded)]
        return steps, epochs


def save_run(folder: RunFolder, run: RunContext) -> tuple[WeightsSaved, ...]:
    """Write everything of ``run`` as it is now into ``folder``."""
    return folder.save(run_copy(SavedRun(run)))


def nothing(event: Event) -> Command | None:
    return None


def record(
    spec: ExperimentSpec, commands: Callable[[Event], Command | None] = nothing, folder: Path | None = None
) -> Recorder:
    """Run ``spec`` to its end."""
    recorder = Recorder()
    run_folder = RunFolder.create(spec, folder) if folder else None
    drive(train_loop(set_up(spec, run_folder, recorder.steps)), commands, recorder.events.append)
    return recorder
