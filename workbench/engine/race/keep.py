"""Where a race is kept: its file, and the folder of each racer's run, which names the race."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from workbench.engine.core.app_folders import home
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import RunEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.race.file import save
from workbench.engine.race.race import MakeRun
from workbench.engine.race.spec import RaceSpec
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.unsaved_run import UnsavedRun, keep_anywhere
from workbench.engine.shelf.about import About, write_about
from workbench.engine.spec.experiment import ExperimentSpec

#: The tag of every run of a race.
TAG: Final = "race"


def races_folder() -> Path:
    """Where the files of races are kept that were run in the window, or without a folder of their own."""
    return home() / "races"


def kept_runs(
    title: str, parent: Path | None, steps_of: Callable[[int], StepStore], data: DataStore, cores_left: int = 0
) -> MakeRun:
    """Begins runs in folders of their own below ``parent`` (None: the usual one), named after the race ``title``."""

    def make(number: int, name: str, spec: ExperimentSpec) -> Run:
        from workbench.engine.train import train

        folder = RunFolder.create(spec, parent)
        with contextlib.suppress(WorkbenchError):  # a run without its name is still a run
            write_about(folder.path, About.of(f"{title or 'Race'}: {name}", (TAG,)))
        return _kept_anyway(train(spec, folder, steps_of(number), data, cores_left=cores_left), folder)

    return make


def _kept_anyway(run: Run, folder: RunFolder) -> Run:
    """``run``; where its folder does not take it at its end it is kept in another place, and the end says so."""
    event = next(run)
    try:
        while True:
            if isinstance(event, RunEnded) and folder.unsaved is not None:
                event = replace(event, message=f"{event.message} {_elsewhere(folder.unsaved, folder.path.parent)}")
            event = run.send((yield event))
    except StopIteration:
        return
    finally:
        run.close()


def _elsewhere(run: UnsavedRun, besides: Path) -> str:
    try:
        return f"The run is kept in {keep_anywhere(run, besides)} instead."
    except WorkbenchError as error:
        return error.message


def keep_race(race: RaceSpec, folder: Path, now: datetime) -> Path:
    """Write the race as it has gone into a new file of ``folder``. Raises WorkbenchError with the reason."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkbenchError(f"Cannot write {folder}: {error.strerror or error}.") from None
    stem = f"{now:%Y-%m-%d_%H-%M-%S}_{_slug(race.title) or 'race'}"
    places = (folder / (f"{stem}.toml" if n == 1 else f"{stem}_{n}.toml") for n in itertools.count(1))
    path = next(place for place in places if not place.exists())
    save(race, path)
    return path


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]
