"""All rules that explain a run's curves. A new rule is one class and its place in ``RULES``.

``tests/engine/report/recorded`` has curves of real runs on which each rule must speak or be silent.
"""

from __future__ import annotations

from math import isfinite
from typing import Final

from workbench.engine.report.causes import CAUSES, Capacity
from workbench.engine.report.curve import ENOUGH, Curve, Fit, chance_of
from workbench.engine.report.curve_rules import BestAtLast, NoisyValidation, NotLearning, Overfitting, SilentUnits
from workbench.engine.report.explanation import Explanation, Rule
from workbench.engine.report.layer_stats import numbers
from workbench.engine.report.points import Points
from workbench.engine.run_store.history import History

#: In the order in which they are shown: what keeps a network from learning comes before what it could do better.
RULES: Final[tuple[Rule, ...]] = (
    NotLearning(),
    *(each for each in CAUSES if not isinstance(each, Capacity)),
    SilentUnits(),
    Overfitting(),
    NoisyValidation(),
    *(each for each in CAUSES if isinstance(each, Capacity)),
    BestAtLast(),
)


def explained(curve: Curve) -> tuple[Explanation, ...]:
    """What each rule says that speaks; nothing of a run whose losses are no numbers any more."""
    if not (isfinite(curve.now.train.loss) and isfinite(curve.now.val.loss)):
        return ()
    found = (rule.explained(curve) for rule in RULES)
    return tuple(each for each in found if each is not None)


def curve_of(history: History, points: Points) -> Curve | None:
    """What the rules look at; None where the start was not measured, unless the run is a fork, which begins with what
    another one has learned. ``points`` has at least one evaluation."""
    if history.started is None or (points[0].epoch.step and not history.started.parent):
        return None
    stats = history.layers
    layers = [(stat.name, numbers(stat)) for stat in stats.layers] if stats is not None else []
    at_ends = points.train_at_ends()
    train = at_ends if len(at_ends) > ENOUGH else points.train
    return Curve(Fit(history, train, chance_of(history), layers), points)
