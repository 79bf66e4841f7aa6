"""A short transfer run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.engine.catalog.freezing.test_freezing import transfer_spec
from tests.engine.helpers import nothing
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Event
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up


def run_in(folder: Path, spec: ExperimentSpec, commands: Any = nothing) -> tuple[RunContext, list[Event], Path]:
    run_folder = RunFolder.create(spec, folder)
    training = set_up(spec, run_folder)
    events: list[Event] = []
    drive(
        train_loop(training),
        lambda event: commands(event, training) if commands is not nothing else None,
        events.append,
    )
    return training, events, run_folder.path


def head_only(**edits: Any) -> ExperimentSpec:
    return transfer_spec(model__freezing={"kind": "line"}, **edits)
