"""Step lengths and effective rates: what the adaptive rules do to the learning rate."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.text import grouped, short
from workbench.engine.core.update_rule import compute_columns
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage
from workbench.engine.lessons.quantities.saddles import Racer
from workbench.engine.lessons.racing import names, raced
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.playground.trail import Trail

#: At these updates a table has the steps.
_SHOWN = (1, 12, 100, 1000, 10_000)


class StepOverRate(Quantity):
    """The longest coordinate of one step, divided by the learning rate."""

    kind: ClassVar[str] = "step_over_rate"
    title: ClassVar[str] = "Step ÷ learning rate"
    summary: ClassVar[str] = "The length of one step in its longest coordinate, divided by the learning rate."
    order: ClassVar[int] = 14
    decimals: ClassVar[int | None] = 2

    racer: Racer = 0
    update: Annotated[int, Knob("Update", "The step that is measured, from 1.", low=1, high=100_000)] = 1

    def measure(self, stage: Stage) -> Measuring:
        spec = stage.race
        yield Frame(0, 1, "The balls step down the slope")
        lengths = [_over_rate(trail) for trail in raced(spec)]
        yield Frame(1, 1, "They have gone", Picture((_panel(spec, lengths),), _table(spec, lengths)))
        own = lengths[self.racer]
        return float(own[self.update - 1]) if self.update <= len(own) else float("nan")


class StepExponent(Quantity):
    """The exponent p where the length of the t-th step is proportional to tᵖ, by least squares in logarithms."""

    kind: ClassVar[str] = "step_exponent"
    title: ClassVar[str] = "Growth of the steps with time"
    summary: ClassVar[str] = (
        "The exponent p where the length of the t-th step goes with the p-th power of t: 0 for steps that stay, −0.5 "
        "for steps that shrink with the root of the number of updates."
    )
    order: ClassVar[int] = 15
    decimals: ClassVar[int | None] = 2

    racer: Racer = 0

    def measure(self, stage: Stage) -> Measuring:
        spec = stage.race
        yield Frame(0, 1, "The balls step down the slope")
        lengths = [_over_rate(trail) for trail in raced(spec)]
        yield Frame(1, 1, "They have gone", Picture((_panel(spec, lengths),), _table(spec, lengths)))
        own = lengths[self.racer]
        updates = np.arange(1, len(own) + 1)
        return float(np.polyfit(np.log(updates), np.log(own), 1)[0])


class RateRises(Quantity):
    """In how many updates the effective rate of a coordinate was above that of the update before."""

    kind: ClassVar[str] = "rate_rises"
    title: ClassVar[str] = "Updates in which an effective rate rises"
    summary: ClassVar[str] = (
        "How many updates have a larger effective rate (the factor on the gradient) in one of the coordinates than the "
        "update before."
    )
    order: ClassVar[int] = 16
    unit: ClassVar[str] = "updates"

    racer: Racer = 0

    def measure(self, stage: Stage) -> Measuring:
        spec = stage.race
        yield Frame(0, 1, "The balls roll down")
        trails = raced(spec)
        yield Frame(1, 1, "They have rolled", Picture((_rates_panel(spec, trails),)))
        rates = trails[self.racer].effective_rates
        return float("nan") if rates is None else float((np.diff(rates[:, 0], axis=0) > 0).any(axis=1).sum())


class ScaledCondition(Quantity):
    """The condition number of the valley as the rule sees it at the end: of √D H √D, D the effective rates.

    H are the second derivatives at the lowest point. For a rule with one rate for all it is that of H.
    """

    kind: ClassVar[str] = "scaled_condition"
    title: ClassVar[str] = "Condition number after scaling"
    summary: ClassVar[str] = (
        "How much steeper the steep direction is than the flat one once each coordinate is scaled by its effective "
        "rate: 1 for a valley that has been evened out."
    )
    order: ClassVar[int] = 17
    decimals: ClassVar[int | None] = 1

    racer: Racer = 0

    def measure(self, stage: Stage) -> Measuring:
        spec = stage.race
        yield Frame(0, 1, "The balls roll down")
        trails = raced(spec)
        numbers = [_scaled_condition(trail) for trail in trails]
        rows = tuple((name, short(number, 3)) for name, number in zip(names(spec), numbers, strict=True))
        table = Table(("Optimizer", "Condition number after scaling"), rows)
        yield Frame(1, 1, "They have rolled", Picture((_rates_panel(spec, trails),), table))
        return numbers[self.racer]


class QuietCoordinate(Quantity):
    """How far a coordinate without a gradient (the vertical one) has moved at the end; NaN if it is no number."""

    kind: ClassVar[str] = "quiet_coordinate"
    title: ClassVar[str] = "Distance moved by the coordinate without a gradient"
    summary: ClassVar[str] = (
        "How far the vertical coordinate, whose gradient is 0 throughout, has moved at the end; NaN where 0 was "
        "divided by 0."
    )
    order: ClassVar[int] = 18

    racer: Racer = 0
    leave_out: Annotated[
        bool,
        Knob(
            "Leave out the small constant",
            "Compute the same rule with a small constant of exactly 0, which no setting allows, from the lines of its "
            "formula.",
        ),
    ] = False

    def measure(self, stage: Stage) -> Measuring:
        yield Frame(0, 1, "The ball steps down the slope")
        trail = raced(stage.race)[self.racer]
        places = _without_constant(trail) if self.leave_out else trail.points[:, 0, 1]
        panel = Panel(
            "The coordinate without a gradient", "Update", "Place", (line("", np.arange(len(places)), places),)
        )
        yield Frame(1, 1, "It has gone", Picture((panel,)))
        return float(np.abs(places - places[0]).max())


def _over_rate(trail: Trail) -> Array:
    """The longest coordinate of each step ÷ its rate, shape (T,)."""
    found: Array = np.abs(trail.steps[:, 0]).max(axis=1) / trail.rates
    return found


def _panel(spec: PlaygroundSpec, lengths: list[Array]) -> Panel:
    lines = (line(n, np.arange(1, len(own) + 1), own) for n, own in zip(names(spec), lengths, strict=True))
    return Panel("Step ÷ learning rate", "Update", "Step ÷ rate", tuple(lines), log_x=True, log_y=True)


def _table(spec: PlaygroundSpec, lengths: list[Array]) -> Table:
    updates = [u for u in _SHOWN if u <= spec.updates]
    rows = tuple(
        (name, *(grouped(float(own[u - 1]), 3) for u in updates))
        for name, own in zip(names(spec), lengths, strict=True)
    )
    return Table(("Step ÷ learning rate at update", *map(grouped, updates)), rows)


def _rates_panel(spec: PlaygroundSpec, trails: tuple[Trail, ...]) -> Panel:
    lines = []
    for name, trail in zip(names(spec), trails, strict=True):
        rates = trail.effective_rates
        if rates is not None:
            for axis, word in enumerate(("horizontal", "vertical")):
                lines.append(line(f"{name}, {word}", np.arange(1, len(rates) + 1), rates[:, 0, axis]))
    return Panel("Effective rate of each coordinate", "Update", "Effective rate", tuple(lines), log_y=True)


def _scaled_condition(trail: Trail) -> float:
    minima = trail.surface.minima()
    if not minima or trail.effective_rates is None:
        return float("nan")
    root = np.sqrt(trail.effective_rates[-1, 0])
    values = np.linalg.eigvalsh(root[:, None] * trail.surface.hessian(*minima[0]) * root)
    return float(values[-1] / values[0])


def _without_constant(trail: Trail) -> Array:
    """The vertical places (T + 1,) by the rule's lines with the small constant 0; NaN from where it is no number."""
    place = float(trail.points[0, 0, 1])
    if trail.rule is None:
        return np.array([place, np.nan])
    known: dict[str, Array | float] = {name: column[:, 0, 1] for name, column in trail.memory.items()}
    known |= {**trail.rule.constants, "eps": 0.0, "x": trail.points[:-1, 0, 1], "g": trail.gradients[:, 0, 1]}
    known |= {"lr": trail.rates, "t": np.arange(1.0, trail.updates + 1)}
    with np.errstate(all="ignore"):
        return np.concatenate([[place], compute_columns(trail.rule.lines, known)["x"]])
