"""A folder of new pictures, and runs on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engine.helpers import Recorder, nothing, small_spec
from tests.engine.pictures.cached_pictures import kept
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, Event
from workbench.engine.core.randomness import permutation
from workbench.engine.data import split as split_module
from workbench.engine.data.split import Split, measured_part, refreshed_on, split
from workbench.engine.pictures import cache_file
from workbench.engine.pictures.decode import read_both
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

COUNT = 60


def spec_of(root: Path, **edits: Any) -> ExperimentSpec:
    plain: dict[str, Any] = {
        "data__examples_per_class": None,
        "data__source": {"kind": "folder", "folder": str(root), "size": 8, "colour": "rgb"},
        "data__validation_fraction": 0.2,
        "loop__batch_size": 8,
        "loop__epochs": 2,
    }
    return small_spec(**(plain | edits))


def run(
    spec: ExperimentSpec, commands: Callable[[Event], Command | None] = nothing, folder: RunFolder | None = None
) -> Recorder:
    recorder = Recorder()
    drive(train(spec, folder, recorder.steps), commands, recorder.events.append)
    return recorder


def needed_last(spec: ExperimentSpec) -> tuple[Split, set[str]]:
    """The split, and the names of the pictures that only the last batches of the first epoch need."""
    data = spec.data.source.load()
    cache_file.remove_unused()
    for file in kept(".index") + kept(".pixels"):
        file.unlink()
    parts = split(data, spec.data)
    order = parts.train[permutation(len(parts.train), spec.loop.seed, 0)]
    early = {*measured_part(parts.train, 8, spec.data.split_seed), *parts.train_eval, *parts.val, *order[:16]}
    if spec.averaging and len(parts.train) > split_module.REFRESH_EXAMPLES:
        early |= {*refreshed_on(parts.train, spec.loop.seed)}
    return parts, {Path(data.files[row]).name for row in order if row not in early}


class Gate:
    """Holds back some files until it is opened."""

    def __init__(self, names: set[str]) -> None:
        self.names, self.opened, self.decoded = names, threading.Event(), 0
        self.gave_up = False

    def __call__(self, file: Path, size: int, gray: bool, *how: Any) -> Any:
        if file.name in self.names and not self.opened.wait(30):
            self.gave_up = True
            raise AssertionError("the gate was not opened")
        found = read_both(file, size, gray, *how)
        self.decoded += 1
        return found
