"""Where a race is kept: its file, and the folder of each racer's run, which names the race."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.core.app_folders import home
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import RunEnded
from workbench.engine.core.race_events import RaceChange
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.race.file import save
from workbench.engine.race.spec import RaceSpec
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.unsaved_run import kept_anyway
from workbench.engine.shelf.about import About, write_about
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:  # a race imports torch, which the window does not wait for
    from workbench.engine.race.race import MakeRun, Race

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
        folder.goes_back = False
        with contextlib.suppress(WorkbenchError):  # a run without its name is still a run
            write_about(folder.path, About.of(f"{title or 'Race'}: {name}", (TAG,)))
        return kept_anyway(train(spec, folder, steps_of(number), data, cores_left=cores_left), folder)

    return make


class KeptRace:
    """A race whose file in ``folder`` is written at its start, at each change and at its end: after a kill it has all
    that was changed."""

    def __init__(self, race: Race, folder: Path) -> None:
        self._race, self._folder, self._began = race, folder, datetime.now()
        #: The race's file, None where there is none.
        self.file: Path | None = None
        #: Why the last writing has failed, as a sentence; else empty.
        self.trouble = ""

    @property
    def went(self) -> RaceSpec:
        """The race as it has gone so far."""
        return self._race.spec

    def run(self) -> Run:
        """The events of the race."""
        self._write()
        run = self._race.run()
        event = next(run)
        try:
            while True:
                if isinstance(event, (RaceChange, RunEnded)):
                    self._write()
                event = run.send((yield event))
        except StopIteration:
            return
        finally:
            run.close()

    def _write(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self.file = self.file or _free_place(self._folder, self._race.spec.title, self._began)
            save(self._race.spec, self.file)
            self.trouble = ""
        except OSError as error:
            self.trouble = f"Cannot write {self._folder}: {error.strerror or error}."
        except WorkbenchError as error:
            self.trouble = error.message


def _free_place(folder: Path, title: str, now: datetime) -> Path:
    stem = f"{now:%Y-%m-%d_%H-%M-%S}_{_slug(title) or 'race'}"
    places = (folder / (f"{stem}.toml" if n == 1 else f"{stem}_{n}.toml") for n in itertools.count(1))
    return next(place for place in places if not place.exists())


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]
