"""How gradients are put into buckets for one all-reduce, without processes."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor

from workbench.engine.distributed import gradient_sum
from workbench.engine.distributed.gradient_sum import all_reduce_gradients, buckets
from workbench.engine.distributed.group import Group


class Doubling:
    """A group of two processes with the same gradients."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def all_reduce(self, tensor: Tensor) -> None:
        self.sizes.append(tensor.numel())
        tensor.mul_(2)


def test_gradients_are_summed_in_buckets_and_an_unused_parameter_keeps_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_sum, "MOST_AT_ONCE", 10)
    parameters = [torch.zeros(shape, requires_grad=True) for shape in ((2, 3), (4,), (1,), (30,))]
    for each in (parameters[0], parameters[1], parameters[3]):
        each.grad = torch.ones_like(each)
    group = Doubling()
    assert all_reduce_gradients(cast("Group", group), parameters, [0.25, 3.0]) == [0.5, 6.0]
    assert group.sizes == [2 + 4, 6 + 4, 30]  # numbers and which are used; two parameters; one that is larger
    assert parameters[2].grad is None
    for each in (parameters[0], parameters[1], parameters[3]):
        assert torch.equal(cast("Any", each.grad), torch.full_like(each, 2.0))


def test_types_are_not_mixed_in_one_bucket() -> None:
    one, two = torch.zeros(2), torch.zeros(2, dtype=torch.float64)
    assert [[each.dtype for each in bucket] for bucket in buckets([one, one, two])] == [
        [torch.float32, torch.float32],
        [torch.float64],
    ]
