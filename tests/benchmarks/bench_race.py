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
#: Short runs in alternation, so that other load on the machine affects both alike.
EPOCHS = 6


def race_of_four() -> RaceSpec:
    """The default experiment, a small CNN on digits, with four optimizers."""
    base = ExperimentSpec().edited("loop.epochs", EPOCHS).edited("loop.threads", 1)
    kinds = ({"kind": "sgd", "lr": 0.1}, {"kind": "momentum", "lr": 0.05}, {"kind": "adam"}, {"kind": "rmsprop"})
    return RaceSpec(base, tuple(Racer.of(kind["kind"], {"optimizer": kind}) for kind in kinds))


#: Seconds of the clock and of the processor.
Times = tuple[float, ...]


def _nothing(event: Event) -> None:
    return None


def race_seconds(spec: RaceSpec, folder: Path) -> Times:
    """The times of the whole race."""
    data = DataStore()
    race = Race(spec, kept_runs("", folder, lambda number: StepStore(), data), data)
    began = _now()
    ended = drive(race.run(), _nothing, _nothing)
    assert ended.reason == "completed", ended.message
    return _since(began)


def one_by_one_seconds(spec: RaceSpec, folder: Path) -> Times:
    """The times of the same runs one after another, with one owner of the data, as in one window."""
    data = DataStore()
    began = _now()
    for number in range(len(spec.racers)):
        alone = spec.spec_of(number)
        drive(train(alone, RunFolder.create(alone, folder), StepStore(), data), _nothing, _nothing)
    return _since(began)


def _now() -> Times:
    return time.perf_counter(), time.process_time()


def _since(began: Times) -> Times:
    return tuple(now - then for now, then in zip(_now(), began, strict=True))


def main() -> None:
    """Print the median of the rounds' ratios and their spread, of the time and of the processor's time."""
    spec = race_of_four()
    together: list[Times] = []
    one_by_one: list[Times] = []
    with tempfile.TemporaryDirectory() as folder:
        race_seconds(spec, Path(folder))  # warms torch up
        for number in range(ROUNDS):
            order = (race_seconds, one_by_one_seconds) if number % 2 else (one_by_one_seconds, race_seconds)
            for measure in order:
                (together if measure is race_seconds else one_by_one).append(measure(spec, Path(folder)))
    for which, name in enumerate(("time", "processor time")):
        raced, alone = ([each[which] for each in times] for times in (together, one_by_one))
        ratios = sorted(one / other for one, other in zip(raced, alone, strict=True))
        spread = f"{ratios[0]:.3f} to {ratios[-1]:.3f}"
        print(f"Race of four CNNs, {name:<15} {median(raced):6.2f} s, one after another {median(alone):6.2f} s")
        print(f"ratio {median(ratios):6.3f}   {spread}   target <= 1.1")


if __name__ == "__main__":
    main()
