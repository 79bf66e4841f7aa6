"""Optimizers without torch's compiler: the same numbers; test_fresh_process.py sees that none is loaded."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.nn.eager_optimizer import without_compiler

MEMBERS = [cls() for cls in members_of(Optimizer).values()]


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda s: s.kind)
def test_the_numbers_are_those_of_the_torch_class(spec: Optimizer) -> None:
    ours = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    theirs = copy.deepcopy(ours)
    first = spec.build(ours)
    second = spec.torch_class()(spec.groups(theirs), lr=spec.lr, **spec.hyper(), **spec.fixed())
    spec.tune(second)
    x = torch.randn(16, 6, generator=torch.Generator().manual_seed(0))
    for _ in range(5):
        for net, optimizer in ((ours, first), (theirs, second)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), torch.arange(16) % 3).backward()
            optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    assert first.state_dict()["state"].keys() == second.state_dict()["state"].keys()


def test_a_state_can_be_saved_and_put_back() -> None:
    net = nn.Linear(2, 2)
    spec = members_of(Optimizer)["adam"]()
    optimizer = spec.build(net)
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    other = spec.build(net)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert torch.equal(other.state_dict()["state"][0]["exp_avg"], optimizer.state_dict()["state"][0]["exp_avg"])
    assert isinstance(optimizer, torch.optim.Adam)
    assert torch.is_grad_enabled()


def test_what_is_no_class_is_left_alone() -> None:
    def make(*arguments: object, **named: object) -> torch.optim.Optimizer:
        return torch.optim.SGD([torch.zeros(1)], *arguments, **named)

    assert without_compiler(make) is make
