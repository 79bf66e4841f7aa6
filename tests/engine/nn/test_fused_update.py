"""The direct call of a fused kernel against the optimizer's own step, to the last bit."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from workbench.engine.nn.eager_optimizer import rule_of, without_compiler
from workbench.engine.nn.fused_update import FusedUpdate, has_fused_kernel

KINDS: list[tuple[type[torch.optim.Optimizer], dict[str, Any]]] = [
    (torch.optim.Adam, {"betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.1}),
    (torch.optim.Adam, {"maximize": True}),
    (torch.optim.AdamW, {"weight_decay": 0.3}),
    (torch.optim.SGD, {}),
    (torch.optim.SGD, {"momentum": 0.9, "dampening": 0.1, "weight_decay": 0.1}),
    (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
]


def made(kind: Any, settings: dict[str, Any]) -> tuple[list[nn.Parameter], torch.optim.Optimizer]:
    """Two groups with rules of their own, behind their first step."""
    numbers = torch.Generator().manual_seed(3)
    parameters = [nn.Parameter(torch.randn(size, generator=numbers)) for size in (37, 8)]
    groups = [{"params": [parameters[0]]}, {"params": [parameters[1]], "weight_decay": 0.0}]
    optimizer = without_compiler(kind)(groups, lr=0.1, fused=True, **settings)
    for parameter in parameters:
        parameter.grad = torch.randn(parameter.shape, generator=numbers)
    optimizer.step()
    return parameters, optimizer


@pytest.mark.parametrize(("kind", "settings"), KINDS)
def test_the_kernel_moves_the_same_bits(kind: Any, settings: dict[str, Any]) -> None:
    (parameters, optimizer), (expected, torchs) = made(kind, settings), made(kind, settings)
    assert has_fused_kernel(optimizer) and rule_of(optimizer) is kind
    update = FusedUpdate(optimizer)
    for rate in (0.1, 0.03, 0.0):
        for each in (optimizer, torchs):
            for scale, group in enumerate(each.param_groups, 1):
                group["lr"] = rate * scale
        update.step(rate)
        torchs.step()
    update.release()
    optimizer.step()  # goes on by itself
    torchs.step()
    for one, other in zip(parameters, expected, strict=True):
        assert torch.equal(one, other)
        for name, value in torchs.state[other].items():
            assert torch.equal(optimizer.state[one][name], value)


def test_optimizers_without_such_a_kernel_have_none() -> None:
    parameter = nn.Parameter(torch.ones(3))
    assert not has_fused_kernel(torch.optim.RMSprop([parameter]))
    assert not has_fused_kernel(torch.optim.Adam([parameter], foreach=True))
    assert not has_fused_kernel(torch.optim.Adam([parameter], fused=True, amsgrad=True))


def test_a_class_of_its_own_has_its_own_rule() -> None:
    class Other(torch.optim.Adam):
        """Might move otherwise."""

    optimizer = Other([nn.Parameter(torch.ones(3))], fused=True)
    assert rule_of(optimizer) is Other and not has_fused_kernel(optimizer)
