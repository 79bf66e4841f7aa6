"""Copies of nested tensors: deep, into used memory, with shared parts shared."""

from __future__ import annotations

import torch

from workbench.engine.nn.tensors import Unchanging, copied


def test_a_copy_shares_nothing_but_what_never_changes() -> None:
    weights = {"w": torch.ones(3)}
    best = {"w": torch.zeros(3)}
    made = copied({"network": weights, "best": Unchanging(best), "steps": [1, (2.0, torch.ones(1))], "text": "x"})
    weights["w"] += 1
    assert made["network"]["w"].tolist() == [1, 1, 1] and made["best"] is best
    assert made["steps"][1][0] == 2.0 and isinstance(made["steps"][1], tuple) and made["text"] == "x"


def test_used_memory_is_written_over_where_it_fits() -> None:
    first = copied({"a": torch.ones(3), "b": torch.ones(2), "c": torch.ones(1)})
    made = copied({"a": torch.zeros(3), "b": torch.zeros(4), "c": torch.zeros(1).long(), "d": torch.ones(1)}, first)
    assert made["a"] is first["a"] and first["a"].tolist() == [0, 0, 0]
    assert made["b"] is not first["b"] and made["b"].tolist() == [0] * 4
    assert made["c"].dtype == torch.int64 and made["d"].tolist() == [1]


def test_a_tensor_that_is_there_twice_is_one_tensor_in_the_copy() -> None:
    shared = torch.ones(2)
    made = copied([shared, {"again": shared}])
    assert made[0] is made[1]["again"] and made[0] is not shared
