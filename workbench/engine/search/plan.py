"""What a study does: the experiment, its fields, how settings are chosen, how long, and which trials end early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal, get_args

from workbench import __version__
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.core.text import counted, grouped, rough_duration
from workbench.engine.search.field import Field
from workbench.engine.search.space import Space
from workbench.engine.shelf.cards import values_in
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import dumps, loads

SamplerKind = Literal["random", "grid", "tpe"]
PruningKind = Literal["off", "median", "hyperband"]
SAMPLERS: Final[tuple[SamplerKind, ...]] = get_args(SamplerKind)
PRUNINGS: Final[tuple[PruningKind, ...]] = get_args(PruningKind)
#: Name of each sampler, and when to use it.
WHEN: Final[Mapping[SamplerKind, tuple[str, str]]] = {
    "random": (
        "Random",
        "Use it first, with any number of settings: each trial tries another value of every setting, so none is spent "
        "on a setting that does not matter.",
    ),
    "grid": (
        "Grid",
        "Use it for one or two settings whose picture you want to see: the trials are the product of the values of "
        "each setting, so it needs by far the most of them.",
    ),
    "tpe": (
        "TPE",
        "Use it when a trial takes long and there are some dozens of them: it looks where earlier trials were good "
        "(tree-structured Parzen estimator; its first 10 trials are random).",
    ),
}
#: Pruners and their descriptions.
PRUNING: Final[Mapping[PruningKind, tuple[str, str]]] = {
    "off": ("Off", "Every trial trains to its end."),
    "median": (
        "Median",
        "A trial ends when its best accuracy is below the median of the earlier trials at the same epoch; it begins "
        "with the sixth trial. Settings that begin slowly and end well are lost.",
    ),
    "hyperband": (
        "Hyperband",
        "Most trials end after few epochs and the best third goes on each time (Li et al. 2018). Settings that begin "
        "slowly and end well are lost.",
    ),
}
#: Number of fields above which the lecture's advice is shown.
MOST_ADVISED: Final = 4
#: The advice counts combinations with this many values of each field.
_VALUES: Final = 5
_VERSION: Final = 1


@dataclass(frozen=True)
class Plan:
    """A study of the experiment ``base``. It begins no trial beyond ``trials`` (trials that are added by hand are not
    counted), and none ``minutes`` after it was started or gone on with; None: no limit."""

    base: ExperimentSpec
    fields: tuple[Field, ...]
    sampler: SamplerKind = "random"
    seed: int = 0
    pruning: PruningKind = "off"
    trials: int | None = None
    minutes: float | None = None

    @cached_property
    def space(self) -> Space:
        """What its trials try."""
        return Space(self.base, self.fields)

    @cached_property
    def grid(self) -> tuple[dict[str, Any], ...]:
        """The settings of its trials in their order, of a grid."""
        return self.space.shuffled_grid(self.trials or 1, self.seed)

    @property
    def planned(self) -> int | None:
        """How many trials there will be; None where only the time ends it."""
        return min(self.trials or len(self.grid), len(self.grid)) if self.sampler == "grid" else self.trials

    def refuse_problems(self) -> None:
        """Raise SpecError for what no trial could do."""
        wrong = [each for each in self.base.problems() if each.severity == "error"]
        if not self.fields:
            wrong.append(Problem("", "a search needs at least one field"))
        if self.trials is not None and self.trials < 1:
            wrong.append(Problem("", "a search needs at least one trial"))
        if self.minutes is not None and not 0 < self.minutes < float("inf"):
            wrong.append(Problem("", "a search needs more than 0 minutes"))
        is_open = any(_is_open(field) for field in self.fields)
        if self.trials is None and self.sampler == "grid" and is_open:
            wrong.append(Problem("", "a grid needs a number of trials, or a count for each field"))
        elif self.trials is None and self.minutes is None and self.sampler != "grid":
            wrong.append(Problem("", "a search needs a number of trials or of minutes"))
        if wrong:
            raise SpecError(wrong)
        if self.sampler == "grid":
            _ = self.grid  # raises where it is too large

    def point(self, number: int) -> dict[str, Any] | None:
        """The settings of the trial ``number`` (from 0), a function of the plan and the number; None behind the last
        one. TPE chooses by itself."""
        if self.planned is not None and number >= self.planned:
            return None
        return self.grid[number] if self.sampler == "grid" else self.space.random(self.seed, number)

    def typed(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The settings of a trial whose values are typed, by path. Raises SpecError for those that are none of it."""
        found: dict[str, Any] = {}
        for field in self.fields:
            if field.path in texts:
                found[field.path] = field.named(values_in(field.path, texts[field.path])[0])
        wrong = [field for field in self.fields if field.path in found and not field.has(found[field.path])]
        if wrong:
            raise SpecError([Problem(each.path, f"must lie in the range of the study: {each.words}") for each in wrong])
        return found

    def to_plain(self) -> dict[str, Any]:
        """Plain data for the database."""
        said = {name: getattr(self, name) for name in ("sampler", "seed", "pruning", "trials", "minutes")}
        fields = [asdict(field) for field in self.fields]
        return {"version": _VERSION, "program": __version__, "base": dumps(self.base), "fields": fields, **said}

    @classmethod
    def of_plain(cls, said: Any, name: str) -> Plan:
        """The plan that ``to_plain`` gave of the study ``name``. Raises WorkbenchError if it cannot be understood."""
        try:
            program, version = str(said["program"]), said["version"]
        except (KeyError, TypeError):
            raise WorkbenchError(f"The study {name} was not made by this program.") from None
        made_by = f"The study {name} was made by version {program} of this program, this is {__version__}"
        if version != _VERSION:
            raise WorkbenchError(f"{made_by}, which cannot read it.")
        try:
            base = loads(said["base"])
            fields = tuple(Field(**{**each, "choices": tuple(each["choices"])}) for each in said["fields"])
            made = cls(base, fields, said["sampler"], said["seed"], said["pruning"], said["trials"], said["minutes"])
            for field in fields:  # a setting that this version lacks
                _known(made.space, field)
        except SpecError as error:
            raise WorkbenchError(f"{made_by}, which does not know all of its settings: {error.problems[0]}.") from None
        except (KeyError, TypeError, ValueError):
            raise WorkbenchError(f"{made_by}, which cannot read it.") from None
        return made

    def with_budget(self, trials: int | None, minutes: float | None) -> Plan:
        """The same study with another budget. Raises WorkbenchError where its trials would become others."""
        if self.sampler == "grid" and trials != self.trials and any(_is_open(field) for field in self.fields):
            words = f"The grid was laid for {counted(self.trials or 1, 'trial')}; another number is another study."
            raise WorkbenchError(words)
        return replace(self, trials=trials, minutes=minutes)


def advice(fields: int, seconds: float | None) -> str:
    """What the lecture says of a search over ``fields`` fields, with the number of combinations and the time at the
    measured ``seconds`` a trial; empty up to four."""
    if fields <= MOST_ADVISED:
        return ""
    combinations = _VALUES**fields
    time = f", {rough_duration(combinations * seconds)} at {grouped(seconds, 1)} s a trial" if seconds else ""
    return (
        f"The number of possibilities is exponential in the number of settings: {grouped(_VALUES)} values of each of "
        f"{grouped(fields)} are {grouped(combinations)} combinations{time}. The lecture tries not to search more than "
        f"four at a time."
    )


def _is_open(field: Field) -> bool:
    return not field.choices and field.count is None


def _known(space: Space, field: Field) -> None:
    """Raise SpecError if no trial of ``space`` could have ``field``."""
    from workbench.engine.search.field import fields_of

    parents = [f"{each.path}={_typed(each)}" for each in space.fields if field.path.startswith(f"{each.path}.")]
    typed = f"{field.path}={_typed(field)}"
    fields_of(space.base, [*parents, typed])


def _typed(field: Field) -> str:
    import json

    if not field.choices:
        return f"{field.low}:{field.high}"
    return ",".join(each["kind"] if isinstance(each, dict) else json.dumps(each) for each in field.choices)
