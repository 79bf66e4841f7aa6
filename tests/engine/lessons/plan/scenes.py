"""Small runs and races that are trained once, and scenes of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, Edit, Event, Stepped, Stop
from workbench.engine.core.progress import finished
from workbench.engine.core.race_events import RaceChange
from workbench.engine.data.store import DataStore
from workbench.engine.lessons.lesson_file import FOLDER, read_lesson
from workbench.engine.lessons.plan.own import scene_of_race, scene_of_run
from workbench.engine.lessons.plan.plan import LessonPlan, PlanScene
from workbench.engine.lessons.plan.record import Record
from workbench.engine.lessons.play import play
from workbench.engine.race.race import Race
from workbench.engine.race.spec import Racer, RaceSpec
from workbench.engine.race.standings import Standings
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train


def small_spec(**edits: Any) -> ExperimentSpec:
    """Digits and a small MLP for two epochs."""
    spec = ExperimentSpec().edited("data.source", {"kind": "digits"}).edited("model", {"kind": "mlp", "hidden": (16,)})
    for path, value in {"loop.epochs": 2, "loop.batch_size": 64, "optimizer.lr": 0.05, **edits}.items():
        spec = spec.edited(path.replace("__", "."), value)
    return spec


def run_folder(spec: ExperimentSpec, parent: Path, edits: Sequence[tuple[int, str, Any]] = (), stop: int = 0) -> Path:
    """A run with edits (after steps, path, value), stopped after ``stop`` steps (0: to its end)."""
    waiting = list(edits)

    def commands(event: Event) -> Command | None:
        if isinstance(event, Stepped) and waiting and event.step == waiting[0][0]:
            _, path, value = waiting.pop(0)
            return Edit(path, value)
        return Stop() if isinstance(event, Stepped) and stop and event.step >= stop else None

    folder = RunFolder.create(spec, parent)
    drive(train(spec, folder), commands, lambda event: None)
    return folder.path


@cache
def edited_run() -> PlanScene:
    """A run whose rate was changed after 10 steps, and which was stopped after 30."""
    return scene_of_run(run_folder(small_spec(), Path(mkdtemp()), [(10, "optimizer.lr", 0.01)], 30), "With a change")


@cache
def small_race() -> PlanScene:
    """A race of two, the second of which is dropped after 12 rounds."""
    race = RaceSpec(
        small_spec(),
        (Racer.of("As it is", {}), Racer.of("High {rate}", {"optimizer.lr": 0.5})),
        "Two rates",
        tape=(RaceChange(5, "edit", 0, 5, "optimizer.lr", 0.02), RaceChange(12, "drop", 1, 12)),
    )
    standings, data = Standings(race.racers), DataStore()

    def make(number: int, _name: str, spec: ExperimentSpec) -> Any:
        return train(spec, None, standings.racers[number].history.steps, data)

    raced = Race(race, make, data)
    drive(raced.run(), lambda event: None, standings.fold)
    return scene_of_race(raced.spec, [each.history for each in standings.racers])


@cache
def bowl() -> PlanScene:
    """A scene of the program that is measured at once, with its record."""
    lesson = read_lesson(FOLDER / "12-nesterov.toml")
    return PlanScene(lesson, record=Record.of(finished(play(lesson))))


def plan() -> LessonPlan:
    """All of them."""
    return LessonPlan("Monday", note="For the first lecture.").with_scenes(bowl(), edited_run(), small_race())
