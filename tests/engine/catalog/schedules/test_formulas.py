"""The closed form that the form shows is the rate that runs."""

from __future__ import annotations

import math
import re
from typing import cast

import pytest

from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.decays import Cosine, Exponential, Linear, Milestones, OneOverT, StepDecay
from workbench.engine.catalog.variant import Variant, members_of

OTHERS = {
    "step": StepDecay(gamma=0.3, every=4),
    "milestones": Milestones(gamma=0.3, at=(3, 3, 11)),
    "exponential": Exponential(a=0.07),
    "one_over_t": OneOverT(a=0.4),
    "linear": Linear(final=0.2),
    "cosine": Cosine(final=0.1),
}
MEMBERS = cast("dict[str, type[Schedule]]", members_of(cast("type[Variant]", Schedule)))
SHOWN = [kind for kind, cls in MEMBERS.items() if cls.formula]
SIGNS = {"·": "*", "−": "-", "^": "**", "π": "math.pi", "cos(": "math.cos(", "exp(": "math.exp("}


def evaluated(schedule: Schedule, k: int, total: int) -> float:
    """The formula as arithmetic, the rate being 1."""
    text = re.sub(r"⌊(.+?)⌋", r"math.floor(\1)", schedule.formula)
    for sign, python in SIGNS.items():
        text = text.replace(sign, python)
    drops = sum(k >= at for at in getattr(schedule, "at", ()))
    names = {"math": math, "lr": 1.0, "k": k, "T": total, "drops": drops, **schedule.model_dump()}
    return float(eval(text, {"__builtins__": {}}, names))


def test_all_but_a_few_have_a_closed_form() -> None:
    assert set(SHOWN) == {"constant", *OTHERS}


@pytest.mark.parametrize("kind", SHOWN)
def test_the_formula_is_what_runs(kind: str) -> None:
    cls = MEMBERS[kind]
    for schedule in (cls(), OTHERS.get(kind, cls())):
        for k in range(16):
            assert evaluated(schedule, k, 15) == pytest.approx(schedule.multiplier(k, 15), rel=1e-12)
