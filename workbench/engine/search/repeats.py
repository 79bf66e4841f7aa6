"""The noise of seeds: the first three trials and the experiment itself are trained again with three other seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import counted, grouped, percent
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.resumable import last_event, resumable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Start
from workbench.engine.run_store.unsaved_run import kept_anyway
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Trial, best_of
from workbench.engine.search.trial_run import name_run
from workbench.engine.shelf.noise import Versus, spread, versus
from workbench.engine.shelf.read_record import read_record
from workbench.engine.shelf.record import RunRecord
from workbench.engine.spec.experiment import ExperimentSpec

#: Number of the best trials that are repeated, and the number of other seeds for each.
FIRST: Final = 3
SEEDS: Final = 3
#: Name of the experiment with the default settings.
DEFAULT: Final = "default"
#: How the name of an attribute begins that holds the folder of a repeat: each has its own, so that several processes
#: take nothing from each other.
_REPEAT: Final = "repeat "
_HOW: Final = (
    "± is the standard deviation over seeds. Compared by Welch's t-test (95 % interval of the difference), the trials' "
    "own runs left out, which were chosen for their result."
)


@dataclass(frozen=True, slots=True)
class Repeat:
    """One run that is no trial: of the trial ``of`` (its number as text, or ``DEFAULT``), with the seed ``seed``."""

    of: str
    seed: int
    spec: ExperimentSpec

    @property
    def words(self) -> str:
        """What it is, for people."""
        what = "the settings without the search" if self.of == DEFAULT else f"trial {self.of}"
        return f"{what} again with seed {grouped(self.seed)}"


@dataclass(frozen=True, slots=True)
class Repeated:
    """What was repeated: the accuracies (shares of 1) of the runs with other seeds."""

    of: str
    records: tuple[RunRecord, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """The best validation accuracy of each run."""
        return tuple(each.best_accuracy for each in self.records if each.best_accuracy is not None)

    @property
    def words(self) -> str:
        """``96.1 ± 0.4 % (3 seeds)``: the mean and the standard deviation."""
        values = self.accuracies
        if not values:
            return "not measured"
        seeds = counted(len(values), "seed")
        return f"{grouped(100 * fmean(values), 1)} ± {percent(spread(values))} ({seeds})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the repeats say: the first trials in the order of their value, the experiment without the search, and the
    first against the second and against that one. There is at least one trial."""

    first: tuple[tuple[Trial, Repeated], ...]
    default: Repeated
    over_second: Versus | None
    over_default: Versus | None

    @property
    def lines(self) -> tuple[str, ...]:
        """Sentences for people: the mean of each, the comparisons, how they were made."""
        return (*self._means, *self.comparisons, _HOW)

    @property
    def means(self) -> str:
        """The mean of each in one line."""
        return f"{'; '.join(self._means)}. {_HOW}"

    @property
    def _means(self) -> tuple[str, ...]:
        of_trials = (f"Trial {trial.number}: {repeated.words}" for trial, repeated in self.first)
        return (*of_trials, f"Without the search: {self.default.words}")

    @property
    def comparisons(self) -> tuple[str, ...]:
        """Whether the first is better than the second, and than the settings without the search."""
        number = self.first[0][0].number
        of_second = [self.first[1][0].number] if len(self.first) > 1 else []
        found = [_compared(number, f"trial {second}", self.over_second) for second in of_second]
        return (*found, _compared(number, "the settings without the search", self.over_default))


def missing(study: Study) -> Iterator[Repeat]:
    """The repeats that have not ended yet."""
    kept = _kept(study)
    for of, settings in _wanted(study).items():
        for at in range(SEEDS):
            seed = study.plan.base.loop.seed + 1 + at
            folder = kept.get(of, {}).get(str(seed))
            if folder is None or not _is_over(Path(folder)):
                yield Repeat(of, seed, study.plan.space.spec(settings).edited("loop.seed", seed))


def begin(study: Study, repeat: Repeat, parent: Path | None) -> tuple[ExperimentSpec, RunFolder, Start | None]:
    """The folder of a repeat, which the study knows before it is there; one that was cut off goes on.

    Raises FolderIsHeld where another process trains it, WorkbenchError where no folder can be made.
    """
    folder = _kept(study).get(repeat.of, {}).get(str(repeat.seed))
    if folder is not None and isinstance(resumable(Path(folder)), int):
        return reopened(Path(folder))

    def keep(path: Path) -> None:
        study.set_attribute(f"{_REPEAT}{repeat.of} {repeat.seed}", str(path))

    made = RunFolder.create(repeat.spec, parent, tell=keep)
    made.goes_back = False
    name_run(made.path, f"{study.name}: {repeat.words}")
    return repeat.spec, made, None


def run(begun: tuple[ExperimentSpec, RunFolder, Start | None], data: DataStore, steps: StepStore) -> Run:
    """The events of a repeat."""
    from workbench.engine.train import train

    spec, folder, start = begun
    return kept_anyway(train(spec, folder, steps, data, start), folder)


def verdict(study: Study, trials: tuple[Trial, ...] | None = None) -> Verdict | None:
    """What the repeats say; None until all have ended."""
    if next(missing(study), None) is not None:
        return None
    kept = _kept(study)
    first = tuple((trial, _repeated(kept, str(trial.number))) for trial in _first(study, trials))
    default = _repeated(kept, DEFAULT)
    if not first:
        return None
    best = first[0][1].records
    over_second = versus(first[1][1].records, best) if len(first) > 1 else None
    return Verdict(first, default, over_second, versus(default.records, best))


def _first(study: Study, trials: tuple[Trial, ...] | None = None) -> tuple[Trial, ...]:
    return best_of(study.trials() if trials is None else trials, FIRST)


def _wanted(study: Study) -> dict[str, Mapping[str, object]]:
    """Name and settings of all that is repeated; nothing without a complete trial."""
    first = _first(study)
    named: dict[str, Mapping[str, object]] = {str(trial.number): trial.values for trial in first}
    return {**named, DEFAULT: {}} if first else {}


def _kept(study: Study) -> dict[str, dict[str, str]]:
    """The folder of each repeat that was begun, by its name and seed."""
    found: dict[str, dict[str, str]] = {}
    for name, folder in study.attributes().items():
        if name.startswith(_REPEAT):
            of, _, seed = name.removeprefix(_REPEAT).partition(" ")
            found.setdefault(of, {})[seed] = str(folder)
    return found


def _is_over(folder: Path) -> bool:
    """Whether nothing more is to be trained there: it is complete, or has failed."""
    last = last_event(folder)
    return last.get("event") == "RunEnded" and last.get("reason") != "stopped"


def _repeated(kept: Mapping[str, Mapping[str, str]], of: str) -> Repeated:
    found = []
    for folder in kept.get(of, {}).values():
        try:
            record = read_record(Path(folder))
        except (OSError, WorkbenchError):
            record = None
        if record is not None and record.status == "finished":
            found.append(record)
    return Repeated(of, tuple(found))


def _compared(number: int, other: str, found: Versus | None) -> str:
    if found is None:
        return f"Whether trial {number} is better than {other} is not known."
    does = "is not shown to be better than"
    if found.is_more_than_noise:
        does = "is better than" if found.difference > 0 else "is worse than"
    return f"Trial {number} {does} {other}: {found.words}"
