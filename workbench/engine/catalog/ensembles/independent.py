"""Independent models, trained together, whose predictions are averaged."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog.ensembles.base import Ensemble
from workbench.engine.catalog.ensembles.single import Single
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import Problem, SpecError

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: Members are measured on the same examples, on the same device, in one run.
_SHARED = (
    *("data", "ensemble", "title", "note", "testing"),
    *("loop.device", "loop.fastest", "loop.threads", "loop.precision", "loop.memory_format"),
    "loop.processes",
)


class Independent(Ensemble):
    """N models with seeds s, s + 1, …; other settings may differ too. Their probabilities are averaged."""

    kind: ClassVar[str] = "independent"
    title: ClassVar[str] = "Independent models"
    summary: ClassVar[str] = "Several models with different seeds, whose predictions are averaged."
    order: ClassVar[int] = 20
    one_process_only: ClassVar[str] = "its members take their steps in turns, as one run"

    members: Annotated[
        int,
        Knob(
            "Members",
            "This many models are trained side by side, each with its own seed. Training and every later prediction "
            "cost this many times as much. The curves, the star and the gap show the mean of the members, with the "
            "average of their predictions as a separate curve. Small fully connected networks that differ only in "
            "the seed are computed as one.",
            unit="models",
            low=2,
            high=32,
            lesson="The average of several independent models is a little better than the mean model, about 2 %.",
        ),
    ] = 5
    differs: Annotated[
        str,
        Knob(
            "What differs",
            "Settings that differ between the members besides the seed, as path = [values], separated by semicolons. "
            "Sizes, rates and regularization may differ; hyperparameters need not be the same in an ensemble. For "
            "example optimizer.lr = [0.1, 0.05]. If there are fewer values than members, the values are repeated.",
        ),
    ] = ""

    def members_of(self, spec: ExperimentSpec) -> tuple[ExperimentSpec, ...]:
        """Raises SpecError if what differs cannot be read or is not valid."""
        different = self.different()
        made = []
        for number in range(self.members):
            member = spec.edited("ensemble", Single()).edited("loop.seed", spec.loop.seed + number)
            for path, values in different.items():
                member = member.edited(path, values[number % len(values)])
            made.append(member)
        return tuple(made)

    def different(self) -> dict[str, list[Any]]:
        """The values of each path that differs. Raises SpecError."""
        found: dict[str, list[Any]] = {}
        for part in filter(None, (part.strip() for part in self.differs.split(";"))):
            path, _, text = (each.strip() for each in part.partition("="))
            try:
                values = tomllib.loads(f"values = {text}")["values"]
            except tomllib.TOMLDecodeError:
                values = None
            if not isinstance(values, list) or not values:
                raise SpecError([Problem("differs", f"needs a list of values, path = [values], not {part[:40]!r}")])
            shared = next((shared for shared in _SHARED if overlap(path, shared)), None)
            if shared is not None:
                what = shared if shared.startswith(f"{path}.") else "it"
                raise SpecError([Problem("differs", f"cannot hold {path}: all members share {what}")])
            held = next((other for other in found if overlap(path, other)), None)
            if held is not None:
                raise SpecError([Problem("differs", f"names both {held} and {path}: one would overwrite the other")])
            found[path] = values
        return found

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        try:
            members = self.members_of(spec)
        except SpecError as error:
            first = error.problems[0]
            yield Problem(f"{path}.differs", first.message if first.path == "differs" else str(first))
            return
        if spec.data.validation_fraction == 0:
            yield Problem(path, "needs validation examples: without them there is no average", "warning")
        for number, member in enumerate(members, 1):
            wrong = [p for p in member.problems() if p.severity == "error" and p not in spec_errors(spec, path)]
            if wrong:
                yield Problem(f"{path}.differs", f"member {number}: {wrong[0]}")
                return

    def brief(self) -> str:
        return f"{self.members}"


def overlap(path: str, other: str) -> bool:
    """Whether two dotted paths are the same or one holds the other."""
    return path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")


def spec_errors(spec: ExperimentSpec, path: str) -> tuple[Problem, ...]:
    """The problems of the experiment itself, which are not repeated for every member."""
    return spec.edited(path, Single()).problems()
