"""Small races for tests: begun, driven to their end, and compared with runs alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.engine.helpers import nothing, small_spec
from workbench.engine.core.drive import Run, drive
from workbench.engine.core.events import Command, EpochEnded, Event, RunEnded
from workbench.engine.core.race_events import RaceChange
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.race.keep import kept_runs
from workbench.engine.race.race import Race
from workbench.engine.race.spec import Racer, RaceSpec
from workbench.engine.race.standings import Standing, Standings
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

#: The settings of the racers: everything random takes part, and one diverges at once.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "Adam": {},
    "SGD": {"optimizer": {"kind": "sgd", "lr": 0.05}, "loop.batch_size": 20},
    "CNN": {"model": {"kind": "small_cnn", "channels": [4, 4]}, "loop.epochs": 1},
    "Wild": {"optimizer": {"kind": "sgd", "lr": 1e6}, "model.batch_norm": False},
    "Whole batch": {"optimizer": {"kind": "gradient_descent", "lr": 0.1}},
    "Two": {"ensemble": {"kind": "independent", "members": 2}},
    "Averaged": {"averaging": [{"kind": "ema"}], "loop.evaluate_every": 2, "loop.seed": 3},
}


def race_spec(*names: str, tape: Sequence[RaceChange] = (), **edits: Any) -> RaceSpec:
    """A race of some of ``KINDS``."""
    base = small_spec(loop__epochs=2, data__examples_per_class=10, **edits)
    return RaceSpec(base, tuple(Racer.of(name, KINDS[name]) for name in names), "Test", tape=tuple(tape))


class Raced:
    """A race that was driven to its end."""

    def __init__(
        self,
        spec: RaceSpec,
        folder: Path | None = None,
        commands: Callable[[Event], Command | None] = nothing,
        data: DataStore | None = None,
        spoilt: Mapping[str, Exception] | None = None,
    ) -> None:
        """``spoilt``: racers whose run is not begun, but raises."""
        self.spec = spec
        self.standings = Standings(spec.racers)
        self.events: list[Event] = []
        data = data or DataStore()
        runs = kept_runs(spec.title, folder, self._steps, data)

        def make(number: int, name: str, settings: ExperimentSpec) -> Run:
            if name in (spoilt or {}):
                raise (spoilt or {})[name]
            if folder is None:
                return train(settings, None, self._steps(number), data)
            return runs(number, name, settings)

        self.race = Race(spec, make, data)
        self.ended: RunEnded = drive(self.race.run(), commands, self._sink)

    def _steps(self, number: int) -> StepStore:
        return self.standing_at(number).history.steps

    def standing_at(self, number: int) -> Standing:
        while len(self.standings.racers) <= number:
            self.standings.add(self.race.spec.racers[len(self.standings.racers)])
        return self.standings.racers[number]

    def _sink(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, RaceChange):
            self.standing_at(event.racer)
        self.standings.fold(event)

    def of(self, name: str) -> Standing:
        return next(each for each in self.standings.racers if each.racer.name == name)


def numbers(standing: Standing) -> tuple[bytes, str]:
    """All that was measured of a racer, without times; NaN equals NaN in the text."""
    history = standing.history
    measured = [history.evaluations[at] for at in range(len(history.evaluations))]
    timeless = [replace(each, seconds=0.0, images_per_second=0.0) for each in measured]
    return history.steps.read(0)[1][:, :4].tobytes(), repr(timeless)


def files(folder: str) -> dict[str, str]:
    """The SHA-256 of each file of weights."""
    found = sorted(Path(folder).rglob("*.safetensors"))
    assert found
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def alone(spec: ExperimentSpec, folder: Path, commands: Callable[[Event], Command | None] = nothing) -> Standing:
    """The same settings trained by themselves."""
    standing = Standing(Racer("alone"))
    run = train(spec, RunFolder.create(spec, folder), standing.history.steps, DataStore())
    drive(run, commands, standing.history.fold)
    return standing


def folder_of(standing: Standing) -> str:
    """The folder of a racer's run."""
    assert standing.history.started is not None
    return standing.history.started.folder


def epochs(standing: Standing) -> list[int]:
    """The epochs whose ends were measured."""
    found = (standing.history.evaluations[at] for at in range(len(standing.history.evaluations)))
    return [each.epochs_done for each in found if isinstance(each, EpochEnded)]
