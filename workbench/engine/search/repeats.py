"""The noise of seeds: the first three trials and the experiment itself are trained again with three other seeds.

Each of these runs is claimed by one process; its result is kept in the study, so that any machine can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, percent
from workbench.engine.run_store.resumable import end_of
from workbench.engine.search import claims
from workbench.engine.search.claims import Claim
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Trial, best_of
from workbench.engine.shelf.noise import Measured, Versus, spread, versus_measured
from workbench.engine.shelf.read_record import read_record
from workbench.engine.spec.experiment import ExperimentSpec

#: Number of the best trials that are repeated, and the number of other seeds for each.
FIRST: Final = 3
SEEDS: Final = 3
#: Name of the experiment with the default settings.
DEFAULT: Final = "default"
#: The code of the notice that says which repeat begins, and how many there are.
BEGINS: Final = "repeat_begins"
#: How the name of an attribute of the study begins that says what has become of a repeat.
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
    def key(self) -> str:
        """The name of its attribute of the study; files on users' disks depend on it."""
        return f"{_REPEAT}{self.of} {self.seed}"

    @property
    def words(self) -> str:
        """What it is, for people."""
        what = "the settings without the search" if self.of == DEFAULT else f"trial {self.of}"
        return f"{what} again with seed {grouped(self.seed)}"


@dataclass(frozen=True, slots=True)
class Repeated:
    """What was repeated: what the runs with other seeds have reached."""

    of: str
    measured: tuple[Measured, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """The best validation accuracy of each run (a share of 1)."""
        return tuple(each.accuracy for each in self.measured)

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


def missing(study: Study) -> tuple[Repeat, ...]:
    """The repeats that have not ended yet."""
    known, found = _known(study), []
    for of, settings in _wanted(study).items():
        for at in range(SEEDS):
            seed = study.plan.base.loop.seed + 1 + at
            repeat = Repeat(of, seed, study.spec(settings).edited("loop.seed", seed))
            if not _has_ended(known.get(repeat.key, {})):
                found.append(repeat)
    return tuple(found)


def planned(study: Study) -> int:
    """The number of all repeats, those that have ended among them; 0 without a complete trial."""
    return SEEDS * len(_wanted(study))


def take(study: Study, left: tuple[Repeat, ...]) -> tuple[Repeat, Claim] | None:
    """Claim the first of the repeats that are ``left`` that no other process trains; None if others train all."""
    for repeat in left:
        claim = claims.take(study, repeat.key)
        if claim is not None:
            return repeat, claim
    return None


def verdict(study: Study, trials: tuple[Trial, ...] | None = None) -> Verdict | None:
    """What the repeats say; None until all have ended."""
    if missing(study):
        return None
    known = _known(study)
    first = tuple((trial, _repeated(known, str(trial.number))) for trial in _first(study, trials))
    default = _repeated(known, DEFAULT)
    if not first:
        return None
    best = first[0][1].measured
    over_second = versus_measured(first[1][1].measured, best) if len(first) > 1 else None
    return Verdict(first, default, over_second, versus_measured(default.measured, best))


def _first(study: Study, trials: tuple[Trial, ...] | None = None) -> tuple[Trial, ...]:
    return best_of(study.trials() if trials is None else trials, FIRST)


def _wanted(study: Study) -> dict[str, Mapping[str, object]]:
    """Name and settings of all that is repeated; nothing without a complete trial."""
    first = _first(study)
    named: dict[str, Mapping[str, object]] = {str(trial.number): trial.values for trial in first}
    return {**named, DEFAULT: {}} if first else {}


def _known(study: Study) -> dict[str, dict[str, Any]]:
    """The values of the attributes of all repeats that were begun, by name."""
    return {key: claims.said_of(text) for key, text in claims.read(study).items() if key.startswith(_REPEAT)}


def _has_ended(said: Mapping[str, Any]) -> bool:
    """Whether nothing more is to be trained: it is complete, or has failed. Older versions recorded only the folder."""
    if "ended" in said or "beats" in said or "folder" not in said:
        return "ended" in said
    return end_of(Path(said["folder"])) is not None


def _repeated(known: Mapping[str, Mapping[str, Any]], of: str) -> Repeated:
    found = (_measured(said) for key, said in known.items() if key.startswith(f"{_REPEAT}{of} "))
    return Repeated(of, tuple(each for each in found if each is not None))


def _measured(said: Mapping[str, Any]) -> Measured | None:
    """What a repeat has reached; None of one that has failed."""
    if "ended" in said:
        return Measured(**said["ended"]) if said["ended"] else None
    try:
        record = read_record(Path(said["folder"]))
    except (OSError, WorkbenchError):
        record = None
    return Measured.of(record) if record is not None and record.status == "finished" else None


def _compared(number: int, other: str, found: Versus | None) -> str:
    if found is None:
        return f"Whether trial {number} is better than {other} is not known."
    does = "is not shown to be better than"
    if found.is_more_than_noise:
        does = "is better than" if found.difference > 0 else "is worse than"
    return f"Trial {number} {does} {other}: {found.words}"
