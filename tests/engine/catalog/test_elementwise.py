"""Which optimizers and regularizers treat every number by itself: said by every member, and computed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.nn.layer_insertion import LayerInsertion

OPTIMIZERS, REGULARIZERS = members_of(Optimizer), members_of(Regularizer)
#: Values of settings that are off by default.
DECAY = 0.03


@pytest.mark.parametrize("cls", [*OPTIMIZERS.values(), *REGULARIZERS.values()], ids=lambda cls: cls.kind)
def test_every_member_says_whether_it_is(cls: type[Any]) -> None:
    """The base says no, which is safe; a member that forgets to say would be left out of stacking in silence."""
    bases = [base for base in cls.__mro__ if base not in (Optimizer, Regularizer)]
    assert any("elementwise" in vars(base) for base in bases)


class Single(nn.Module):
    """Matrices, as the hidden ones of a network and the last one; ``parameter`` is the hidden one."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.first = nn.Parameter(weight.clone())
        self.last = nn.Parameter(torch.ones(2, 2))


def moved(spec: Any, weight: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
    """``weight`` after a step with each of ``gradients`` (steps, *weight.shape)."""
    module = Single(weight)
    optimizer = spec.build(module)
    for gradient in gradients:
        module.first.grad, module.last.grad = gradient.clone(), torch.zeros(2, 2)
        optimizer.step()
    return module.first.detach()


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_an_optimizer_that_is_moves_each_number_as_if_it_were_alone(kind: str) -> None:
    spec = OPTIMIZERS[kind](weight_decay=DECAY)
    generator = torch.Generator().manual_seed(1)
    weight, gradients = torch.randn(4, 6, generator=generator), torch.randn(5, 4, 6, generator=generator)
    together = moved(spec, weight, gradients)
    alone = torch.cat([moved(spec, weight[k : k + 1], gradients[:, k : k + 1]) for k in range(4)])
    same = torch.allclose(together, alone, rtol=1e-5, atol=1e-7)
    assert same is spec.elementwise, kind
    assert not torch.allclose(together, weight, rtol=1e-5), "it moves at all"


@pytest.mark.parametrize("kind", REGULARIZERS)
def test_a_regularizer_that_is_adds_to_each_number_as_if_it_were_alone(kind: str) -> None:
    spec = REGULARIZERS[kind]()
    weight = torch.randn(4, 6, generator=torch.Generator().manual_seed(2))
    parts = LayerInsertion((spec,))
    for make in (lambda: spec.layer("fc"), lambda: spec.linear(nn.Linear(3, 3)), spec.pool, lambda: spec.branch(0, 2)):
        if spec.elementwise:
            assert make() is None, f"{kind} puts a layer into the model"
    assert not parts.placed
    together = torch.zeros_like(weight)
    spec.add_gradient([weight], [together])
    rows = [torch.zeros_like(weight[k : k + 1]) for k in range(4)]
    for k, row in enumerate(rows):
        spec.add_gradient([weight[k : k + 1]], [row])
    if spec.elementwise:
        assert torch.equal(together, torch.cat(rows))
    else:
        assert spec.is_random, "else it could be stacked"
