"""The pass of several MLPs at once, written out, against autograd on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional

from workbench.engine.nn.stacked_pass import Linears, StackedPass, losses_and_gradient
from workbench.engine.nn.torch_workarounds import ACTIVATION_BACKWARD

BENDS = [nn.ReLU(), nn.LeakyReLU(0.2), nn.ELU(0.7), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Tanh(), nn.Sigmoid()]
MEMBERS, BATCH, SIZES = 3, 7, (5, 6, 4)


def test_every_activation_is_tried() -> None:
    assert {type(bend) for bend in BENDS} == set(ACTIVATION_BACKWARD)


def random(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def members(bend: nn.Module) -> list[nn.Sequential]:
    made = []
    for member in range(MEMBERS):
        layers: list[nn.Module] = []
        for place, (inputs, outputs) in enumerate(pairwise(SIZES)):
            linear = nn.Linear(inputs, outputs, dtype=torch.float64)
            with torch.no_grad():
                linear.weight.copy_(random(outputs, inputs, seed=10 * member + place))
                linear.bias.copy_(random(outputs, seed=100 + 10 * member + place))
            layers += [linear, bend]
        made.append(nn.Sequential(*layers[:-1]))
    return made


def stacked(models: Sequence[nn.Sequential]) -> list[Linears | nn.Module]:
    return [
        Linears.of(
            *(nn.Parameter(torch.stack([getattr(m[k], n).detach() for m in models])) for n in ("weight", "bias"))
        )
        if isinstance(layer, nn.Linear)
        else layer
        for k, layer in enumerate(models[0])
    ]


@pytest.mark.parametrize("smoothing", [0.0, 0.13])
@pytest.mark.parametrize("bend", BENDS, ids=repr)
def test_losses_and_gradients_are_autograds(bend: nn.Module, smoothing: float) -> None:
    models, layers = members(bend), stacked(members(bend))
    x = random(MEMBERS, BATCH, SIZES[0], seed=7)
    y = torch.randint(0, SIZES[-1], (MEMBERS, BATCH), generator=torch.Generator().manual_seed(8))
    both = StackedPass(layers)
    for _ in range(2):  # the second replaces the gradients of the first
        with torch.no_grad():
            losses, gradient = losses_and_gradient(both.forward(x), y, smoothing)
            both.backward(gradient)
    for number, model in enumerate(models):
        logits = model(x[number])
        functional.cross_entropy(logits, y[number], label_smoothing=smoothing).backward()
        plain = functional.cross_entropy(logits.detach(), y[number])
        torch.testing.assert_close(losses[number], plain, rtol=1e-12, atol=1e-12)
        for k, layer in enumerate(layers):
            if isinstance(layer, Linears):
                for name in ("weight", "bias"):
                    got, want = getattr(layer, name).grad[number], getattr(model[k], name).grad
                    torch.testing.assert_close(got, want, rtol=1e-10, atol=1e-12)
