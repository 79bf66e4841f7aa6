"""A race of four small CNNs against the four runs one after another: folders, evaluations and checkpoints included."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from workbench.engine.core.drive import drive
from workbench.engine.core.events import Event
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.race.keep import kept_runs
from workbench.engine.race.race import Race
from workbench.engine.race.spec import Racer, RaceSpec
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

ROUNDS = 9
#: Short and in turn, so that whatever else the machine does falls on both alike.
EPOCHS = 6


def race_of_four() -> RaceSpec:
    """The default experiment, a small CNN on digits, with four optimizers."""
    base = ExperimentSpec().edited("loop.epochs", EPOCHS).edited("loop.threads", 1)
    kinds = ({"kind": "sgd", "lr": 0.1}, {"kind": "momentum", "lr": 0.05}, {"kind": "adam"}, {"kind": "rmsprop"})
    return RaceSpec(base, tuple(Racer.of(kind["kind"], {"optimizer": kind}) for kind in kinds))


def _nothing(event: Event) -> None:
    return None


def race_seconds(spec: RaceSpec, folder: Path) -> float:
    """The time of the whole race."""
    data = DataStore()
    race = Race(spec, kept_runs("", folder, lambda number: StepStore(), data), data)
    began = time.perf_counter()
    ended = drive(race.run(), _nothing, _nothing)
    assert ended.reason == "completed", ended.message
    return time.perf_counter() - began


def one_by_one_seconds(spec: RaceSpec, folder: Path) -> float:
    """The time of the same runs one after another, with one owner of the data, as in one window."""
    data = DataStore()
    began = time.perf_counter()
    for number in range(len(spec.racers)):
        alone = spec.spec_of(number)
        drive(train(alone, RunFolder.create(alone, folder), StepStore(), data), _nothing, _nothing)
    return time.perf_counter() - began


def main() -> None:
    """Print the median of the rounds' ratios and their spread."""
    spec = race_of_four()
    together, one_by_one = [], []
    with tempfile.TemporaryDirectory() as folder:
        race_seconds(spec, Path(folder))  # warms torch up
        for number in range(ROUNDS):
            order = (race_seconds, one_by_one_seconds) if number % 2 else (one_by_one_seconds, race_seconds)
            for measure in order:
                (together if measure is race_seconds else one_by_one).append(measure(spec, Path(folder)))
    ratios = sorted(raced / alone for raced, alone in zip(together, one_by_one, strict=True))
    print(f"Race of four CNNs      {median(together):8.2f} s")
    print(f"one after another      {median(one_by_one):8.2f} s")
    print(f"ratio                  {median(ratios):8.3f}   {ratios[0]:.3f} to {ratios[-1]:.3f}   target <= 1.1")


if __name__ == "__main__":
    main()
