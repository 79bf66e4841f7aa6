"""Workarounds for torch: each test fails when its workaround is no longer needed or no longer works."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from workbench.engine.nn import torch_workarounds
from workbench.engine.nn.torch_workarounds import (
    ACTIVATION_BACKWARD,
    has_forward_hooks,
    remove_forward_hook,
    set_forward_hook,
    set_mode,
)

KERNELS = sorted(name for name in vars(torch_workarounds) if name.startswith(("foreach_", "fused_")))


@pytest.mark.parametrize("name", KERNELS)
def test_torch_has_no_public_kernel_for_lists(name: str) -> None:
    """Fails when torch has a public name: then that can be used."""
    assert not hasattr(torch, name)
    assert getattr(torch_workarounds, name) is getattr(torch, f"_{name}")


def test_the_kernels_for_lists_compute_what_their_names_say() -> None:
    ones, twos = [torch.ones(3), torch.ones(2)], [torch.full((3,), 2.0), torch.full((2,), 2.0)]
    torch_workarounds.foreach_mul_(ones, 3.0)
    torch_workarounds.foreach_add_(ones, twos, alpha=0.5)
    torch_workarounds.foreach_addcmul_(ones, twos, twos, 2.0)
    torch_workarounds.foreach_addcdiv_(ones, twos, twos, -1.0)
    torch_workarounds.foreach_lerp_(ones, twos, 0.5)
    torch_workarounds.foreach_sub_(ones, twos)
    assert [each.tolist() for each in ones] == [[4.5] * 3, [4.5] * 2]
    copies = [torch.zeros(3), torch.zeros(2)]
    torch_workarounds.foreach_copy_(copies, ones)
    assert all(torch.equal(one, other) for one, other in zip(copies, ones, strict=True))
    assert [each.item() for each in torch_workarounds.foreach_norm(twos)] == pytest.approx([12**0.5, 8**0.5])
    assert torch.equal(torch_workarounds.foreach_sqrt([torch.tensor([9.0])])[0], torch.tensor([3.0]))
    assert torch.equal(torch_workarounds.foreach_sign([torch.tensor([-2.0, 0.0])])[0], torch.tensor([-1.0, 0.0]))
    assert torch.equal(torch_workarounds.foreach_add(ones, 1.0)[1], ones[1] + 1.0)


def test_a_forward_hook_is_called_until_it_is_removed() -> None:
    layer, seen = nn.Linear(2, 1), list[torch.Tensor]()
    assert not has_forward_hooks(layer)
    set_forward_hook(layer, 7, lambda module, inputs, output: seen.append(output))
    assert has_forward_hooks(layer)
    output = layer(torch.ones(1, 2))
    remove_forward_hook(layer, 7)
    remove_forward_hook(layer, 7)
    layer(torch.ones(1, 2))
    assert len(seen) == 1 and seen[0] is output and not has_forward_hooks(layer)


def test_register_forward_hook_uses_the_same_table() -> None:
    """Fails when torch keeps its hooks elsewhere: then ours would no longer be called in the same order."""
    layer = nn.Linear(2, 1)
    handle = layer.register_forward_hook(lambda module, inputs, output: None)
    assert has_forward_hooks(layer)
    handle.remove()
    assert not has_forward_hooks(layer)


@pytest.mark.parametrize("kind", list(ACTIVATION_BACKWARD), ids=lambda kind: kind.__name__)
def test_the_derivatives_are_those_of_autograd(kind: type[nn.Module]) -> None:
    layer = kind()
    x = torch.linspace(-3, 3, 41, requires_grad=True)
    gradient = torch.linspace(1, 2, 41)
    y = layer(x)
    (expected,) = torch.autograd.grad(y, x, gradient)
    assert torch.equal(ACTIVATION_BACKWARD[kind](layer, gradient, x.detach(), y.detach()), expected)


class HalfFrozen(nn.Module):
    """Its norm stays in evaluation mode."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.drop, self.nothing = nn.BatchNorm1d(2), nn.Dropout(), None

    def train(self, mode: bool = True) -> HalfFrozen:
        super().train(mode)
        self.norm.eval()
        return self


def test_setting_the_mode_directly_equals_torchs_train() -> None:
    one, other = (nn.Sequential(nn.Linear(2, 2), nn.Sequential(HalfFrozen(), nn.ReLU())) for _ in range(2))
    other[1].register_module("none", None)
    for is_training in (False, True, True, False):
        set_mode(one, is_training)
        other.train(is_training)
        assert [each.training for each in one.modules()] == [each.training for each in other.modules()]
