"""Mean and spread of the signal before and behind batch norm."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.engine.core.text import short
from workbench.engine.lessons.picture import Line, Panel, Picture, Style, line
from workbench.engine.lessons.quantities.of_runs import OfRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.engine.lessons.real_runs import RealRun
    from workbench.engine.training.run_context import RunContext


class NormedSpread(OfRun):
    """The standard deviation of what reaches the last hidden activation at the start, a mean over its units."""

    kind: ClassVar[str] = "normed_spread"
    title: ClassVar[str] = "Spread of what reaches the last hidden activation"
    summary: ClassVar[str] = (
        "The standard deviation over 256 training examples of what reaches the last hidden activation, a mean over its "
        "units, before the first step; behind batch norm where there is one."
    )
    order: ClassVar[int] = 47
    looks: ClassVar[bool] = True

    def number(self, runs: Sequence[RealRun]) -> float:
        return _layers(runs[self.run].looks[0], "behind")[-1]

    def look(self, run: RunContext) -> Mapping[str, float]:
        return _look(run)

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return _picture(runs)


class NormedMean(OfRun):
    """The largest absolute mean of a unit's input to its hidden activation, before the first step."""

    kind: ClassVar[str] = "normed_mean"
    title: ClassVar[str] = "Largest mean of a unit's input"
    summary: ClassVar[str] = (
        "The largest absolute mean over 256 training examples of what reaches a hidden activation, of all units of all "
        "layers, before the first step."
    )
    order: ClassVar[int] = 48
    looks: ClassVar[bool] = True

    def number(self, runs: Sequence[RealRun]) -> float:
        return max(_layers(runs[self.run].looks[0], "mean"))

    def look(self, run: RunContext) -> Mapping[str, float]:
        return _look(run)

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return _picture(runs)


def _look(run: RunContext) -> Mapping[str, float]:
    """For each hidden layer N its standard deviations ``before N``, ``behind N``, and the largest ``mean N`` behind."""
    from workbench.engine.lessons.norm_probe import signals

    found: dict[str, float] = {}
    for number, signal in enumerate(signals(run)):
        found[f"before {number}"], found[f"behind {number}"] = signal.before.std, signal.behind.std
        found[f"mean {number}"] = signal.behind.mean
    return found


def _layers(look: Mapping[str, float], what: str) -> list[float]:
    """What was read of each layer, the first one first."""
    return [value for name, value in look.items() if name.startswith(f"{what} ")]


def _picture(runs: Sequence[RealRun]) -> Picture:
    from workbench.engine.lessons.run_panels import BEST, guessing_loss, loss_panel, run_table

    lines: list[Line] = []
    for run in runs:
        newest = run.looks[max(run.looks)] if run.looks else {}
        lines += [_line(run.name, _layers(newest, "behind")), *_before(run.name, newest)]
    spread = Panel("Input of the activations", "Hidden layer", "Standard deviation", tuple(lines), log_y=True)
    before = "Spread at the start, before", lambda run: short(_layers(run.looks[0], "before")[-1], 2)
    behind = "Behind", lambda run: short(_layers(run.looks[0], "behind")[-1], 3)
    guessing = guessing_loss(runs[0])
    loss = loss_panel(runs, guessing, "Guessing", most=1.5 * guessing)
    return Picture((spread, loss), run_table(runs, (before, behind, BEST)))


def _before(name: str, look: Mapping[str, float]) -> list[Line]:
    """The dashed line before batch norm; none where there is no batch norm."""
    before = _layers(look, "before")
    return [] if before == _layers(look, "behind") else [_line(f"{name}, before", before, "dashed")]


def _line(name: str, values: Sequence[float], style: Style = "solid") -> Line:
    return line(name, range(1, len(values) + 1), values, style)
