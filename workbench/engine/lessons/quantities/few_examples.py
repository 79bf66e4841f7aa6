"""Validation accuracy against the number of training examples per class, at equal numbers of steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.text import grouped, percent
from workbench.engine.lessons.picture import Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, NamedSpec, Quantity, Stage
from workbench.engine.lessons.quantities.of_draws import drawn
from workbench.engine.lessons.quantities.of_runs import Against, RunNumber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.lessons.ended_runs import Ended
    from workbench.engine.spec.experiment import ExperimentSpec

#: Validation accuracies by examples per class and the name of the run, one a draw.
_Found = dict[tuple[int, str], list[float]]


class LeadWithFew(Quantity):
    """Validation accuracy of one run minus that of another, in points, with one of several numbers of examples."""

    kind: ClassVar[str] = "lead_with_few"
    title: ClassVar[str] = "Lead in validation accuracy"
    summary: ClassVar[str] = (
        "The validation accuracy of one run at its end minus that of another, each trained for the same number of "
        "steps on a few examples of each class; the mean over several draws of these."
    )
    order: ClassVar[int] = 75
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    run: RunNumber = 0
    against: Against = 1
    examples: Annotated[
        int, Knob("Examples per class", "The number at which the two runs are compared.", low=1, high=500)
    ] = 5
    numbers: Annotated[
        tuple[int, ...],
        AsTuple,
        Knob("Numbers of examples", "Numbers of training examples per class; a run for each.", low=1, high=500),
    ] = (5, 20, 80)
    draws: Annotated[int, Knob("Draws", "Number of random draws of the examples to average over.", low=1, high=10)] = 2

    @property
    def needed_runs(self) -> int:
        return 1 + max(self.run, self.against)

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.ended_runs import ended_runs

        plan = [
            (number, NamedSpec(named.name, self._sized(named.spec, number)))
            for number in self.numbers
            for named in drawn(stage, self.draws)
        ]
        places = [(number, named.name) for number, named in plan]
        names = [named.name for named in stage.runs]

        def draw(ended: Sequence[Ended]) -> Picture:
            return _picture(names, self.numbers, _sorted(places, ended))

        ended = yield from ended_runs([named for _, named in plan], draw, stage.trained)
        found = _sorted(places, ended)
        of = [found.get((self.examples, names[place]), [math.nan]) for place in (self.run, self.against)]
        return 100 * float(np.mean(of[0]) - np.mean(of[1]))

    def _sized(self, spec: ExperimentSpec, number: int) -> ExperimentSpec:
        """``spec`` on ``number`` examples of each class. Its epochs are those for the first of the numbers; with more
        examples there are fewer, so that all make about as many steps.
        """
        epochs = max(1, round(spec.loop.epochs * self.numbers[0] / number))
        return spec.edited("data.examples_per_class", number).edited("loop.epochs", epochs)


def _sorted(places: Sequence[tuple[int, str]], ended: Sequence[Ended]) -> _Found:
    found: _Found = {}
    for place, each in zip(places, ended, strict=False):
        found.setdefault(place, []).append(each.val.accuracy)
    return found


def _picture(names: Sequence[str], numbers: Sequence[int], found: _Found) -> Picture:
    lines = []
    for name in names:
        known = [number for number in numbers if (number, name) in found]
        lines.append(line(name, known, [100 * float(np.mean(found[number, name])) for number in known]))
    panel = Panel("Validation accuracy", "Examples per class", "Accuracy in per cent", tuple(lines), log_x=True)
    rows = tuple((name, *(_text(found.get((number, name))) for number in numbers)) for name in names)
    return Picture((panel,), Table(("Examples per class", *map(grouped, numbers)), rows))


def _text(accuracies: list[float] | None) -> str:
    return "…" if accuracies is None else percent(float(np.mean(accuracies)))
