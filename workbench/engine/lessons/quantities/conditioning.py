"""How the number of updates grows with the condition number of a valley."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, ClassVar, Final, Literal

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.sgd import SGD, Momentum
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.core.text import grouped
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage
from workbench.engine.lessons.racing import bowl, updates_to_come_near
from workbench.engine.lessons.starts import around_the_minimum
from workbench.engine.playground.spec import PlaygroundSpec

Rule = Literal["descent", "momentum", "fixed_momentum"]
TITLES: Final[dict[Rule, str]] = {
    "descent": "Gradient descent",
    "momentum": "Best rate and momentum",
    "fixed_momentum": "Momentum 0.9, best rate",
}
#: Where gradient descent would need 30,000 updates it is left out.
CONDITIONS: Final[dict[Rule, tuple[float, ...]]] = {
    "descent": (10.0, 100.0, 1000.0),
    "momentum": (10.0, 100.0, 1000.0, 10_000.0),
    "fixed_momentum": (1000.0, 10_000.0),
}
#: Enough updates for each rule, as a function of the condition number.
_LENGTHS: Final[dict[Rule, Callable[[float], float]]] = {
    "descent": lambda condition: 4 * condition,
    "momentum": lambda condition: 20 + 4 * math.sqrt(condition),
    "fixed_momentum": lambda condition: 0.3 * condition,
}
#: Rate times condition number, and momentum, with the fewest updates: found on a grid of both, over 64 starts. In the
#: long run lr = (2/(1 + √κ))², rho = ((√κ − 1)/(√κ + 1))² are best (Polyak 1964); on so short a way a little less.
BEST: Final = {
    10.0: (1.751, 0.41416),
    100.0: (3.0716, 0.71408),
    1000.0: (2.572, 0.92096),
    10_000.0: (3.045, 0.97333),
}
#: Updates are counted until the distance to the minimum is this share of that at the start.
NEAR: Final = 1e-3
#: Balls over which a number of updates is a mean.
BALLS: Final = 16
_FIXED: Final = 0.9


class GrowthWithCondition(Quantity):
    """The exponent p of updates ∝ κᵖ, by least squares in logarithms."""

    kind: ClassVar[str] = "growth_with_condition"
    title: ClassVar[str] = "Growth of the updates with the condition number"
    summary: ClassVar[str] = (
        "The exponent p where the updates grow as the p-th power of the condition number, each time at "
        "the best learning rate of the rule: 1 for proportional, 0.5 for the square root."
    )
    order: ClassVar[int] = 7
    decimals: ClassVar[int | None] = 2

    rule: Annotated[
        Rule,
        Knob(
            "Rule",
            "Which rule goes down the valley.",
            options={
                "descent": "gradient descent at its best rate",
                "momentum": "momentum at its best rate and its best momentum for each condition number",
                "fixed_momentum": "momentum 0.9 at its best rate",
            },
            titles={"fixed_momentum": "momentum 0.9"},
        ),
    ] = "descent"

    def measure(self, stage: Stage) -> Measuring:
        surface = stage.race.surface
        tilt = surface.tilt if isinstance(surface, Bowl) else 0.0
        found: dict[Rule, dict[float, float]] = {rule: {} for rule in TITLES}
        total = sum(map(len, CONDITIONS.values()))
        for done, (rule, condition) in enumerate([(r, c) for r in TITLES for c in CONDITIONS[r]]):
            yield Frame(done, total, f"{TITLES[rule]}: condition number {grouped(condition)}", _picture(found))
            found[rule][condition] = updates(rule, condition, tilt, stage.seed)
        yield Frame(total, total, "The exponents are fitted", _picture(found))
        own = found[self.rule]
        return float(np.polyfit(np.log(list(own)), np.log(list(own.values())), 1)[0])


@lru_cache(maxsize=64)
def updates(rule: Rule, condition: float, tilt: float, seed: int) -> float:
    """Mean updates until the distance to the minimum is ``NEAR`` of that at the start."""
    length = round(_LENGTHS[rule](condition))
    spec = PlaygroundSpec(racers=(best(rule, condition),), surface=bowl(condition, tilt), updates=length)
    return updates_to_come_near(spec, around_the_minimum(BALLS, seed, tilt), NEAR)


def best(rule: Rule, condition: float) -> Optimizer:
    """The rule with the rate, and the momentum, that need the fewest updates until ``NEAR``.

    Gradient descent: lr = 2/(1 + κ). With rho fixed, the flat direction decides in a narrow valley: a rate just below
    the largest stable one, 2(1 + rho)/κ.
    """
    if rule == "descent":
        return SGD(lr=2 / (1 + condition))
    scaled, momentum = BEST[condition] if rule == "momentum" else (0.95 * 2 * (1 + _FIXED), _FIXED)
    return Momentum(lr=scaled / condition, momentum=momentum)


def _picture(found: dict[Rule, dict[float, float]]) -> Picture:
    lines = tuple(line(TITLES[rule], list(own), list(own.values())) for rule, own in found.items() if own)
    axis = np.array([10.0, 10_000.0])
    theory = (line("∝ κ", axis, 3.5 * axis, style="dashed"), line("∝ √κ", axis, 2.5 * axis**0.5, style="dashed"))
    panel = Panel(
        "Updates to 1/1000 of the distance",
        "Condition number κ",
        "Updates",
        (*lines, *theory),
        log_x=True,
        log_y=True,
    )
    return Picture((panel,), _table(found))


def _table(found: dict[Rule, dict[float, float]]) -> Table:
    conditions = CONDITIONS["momentum"]
    rows = ((TITLES[rule], *(grouped(own[c]) if c in own else "–" for c in conditions)) for rule, own in found.items())
    return Table(("Updates at condition number", *map(grouped, conditions)), tuple(rows))
