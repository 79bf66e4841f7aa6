"""Rules for many updates at once: the same numbers as one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.update_rule import compute, compute_columns

GROUP = {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1}


def _rules() -> dict[str, tuple[tuple[str, ...], dict[str, float]]]:
    found = {}
    for kind, cls in members_of(Optimizer).items():
        for is_muon in (True, False) if cls.takes_matrices_only else (False,):
            rule = cls(weight_decay=0.1).rule({**GROUP, "muon": is_muon})
            if rule is not None:
                found[f"{kind} {is_muon}"] = (rule.lines, dict(rule.constants))
    return found


RULES = _rules()


@pytest.mark.parametrize("name", RULES)
def test_columns_have_what_each_update_has(name: str) -> None:
    lines, constants = RULES[name]
    numbers = np.random.default_rng(5)
    columns = {n: numbers.uniform(0.2, 0.9, 40) for n in "abcdefghijklmnopqrsuvwxyzPLR"}
    columns |= {n: numbers.uniform(0.2, 0.9, 40) for n in ("lr", "step", "m_max")} | {"t": np.arange(1.0, 41.0)}
    known = {n: column for n, column in columns.items() if n not in constants}
    together = compute_columns(lines, known | constants)
    for place in (0, 3, 6, 39):
        for line in compute(lines, {n: float(column[place]) for n, column in known.items()} | constants):
            last = line.text.split(" = ")[0]
            if line is not lines[-1] and sum(text.startswith(f"{last} =") for text in lines) > 1:
                continue  # of a name that is given twice the columns keep the second value
            found = np.broadcast_to(together[last], 40)[place]
            assert found == pytest.approx(line.result, rel=1e-9, nan_ok=True), line.text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x = 1/(a - 3)", [-1 / 3, np.inf, 1.0]),
        ("x = sqrt(a - 3)", [np.nan, 0.0, 1.0]),
        ("x = 1/(a - 3) if a > 3 else a", [0.0, 3.0, 1.0]),
        ("x = max(a, 3) - min(a, 3) - abs(-a)", [3.0, -3.0, -3.0]),
    ],
)
def test_what_has_no_value_is_infinite_or_nan_in_its_column_alone(text: str, values: list[float]) -> None:
    found = compute_columns((text,), {"a": np.array([0.0, 3.0, 4.0])})["x"]
    assert np.array_equal(found, values, equal_nan=True)


@pytest.mark.parametrize("work", [compute, compute_columns])
def test_the_values_that_went_in_stay(work: Any) -> None:
    values = {"x": 1.0, "g": 2.0, "lr": 0.5}
    work(("g = 2*g", "x = x - lr*g"), values)
    assert values == {"x": 1.0, "g": 2.0, "lr": 0.5}
