"""Adam with Nesterov's look-ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.adam import MOMENTS, MOMENTS_IN_TORCH, Adam
from workbench.engine.catalog.optimizers.base import LearningRate, with_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch


class NAdam(Adam):
    """Dozat 2016, with his momentum that grows from half of beta 1 (``psi``), as torch has it."""

    kind: ClassVar[str] = "nadam"
    title: ClassVar[str] = "NAdam"
    summary: ClassVar[str] = "Adam that looks ahead as Nesterov momentum does."
    order: ClassVar[int] = 90
    elementwise: ClassVar[bool] = True

    lr: LearningRate = 2e-3
    momentum_decay: Annotated[
        float,
        Knob(
            "Momentum growth",
            "How fast the momentum grows from half of beta 1 to beta 1: beta 1 · (1 − 0.5 · 0.96^(t · this)). At "
            "torch's and the paper's 0.004 half of this growth takes about 4\u202f200 updates. Keras has this growth "
            "built in; other libraries leave it out and keep beta 1 throughout.",
            low=0.0,
            high=1.0,
            search=(0.001, 0.1),
            scale="log",
            live=True,
        ),
    ] = 4e-3

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import NAdam as TorchNAdam

        return TorchNAdam

    def hyper(self) -> dict[str, Any]:
        return {**super().hyper(), "momentum_decay": self.momentum_decay}

    def fixed(self) -> dict[str, Any]:
        return {"foreach": True}

    def constants(self) -> dict[str, float]:
        return {**super().constants(), "psi": self.momentum_decay}

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines = (
            *MOMENTS,
            "mu = b1*(1 - 0.5*0.96**(t*psi))",
            "mu_next = b1*(1 - 0.5*0.96**((t + 1)*psi))",
            "P = P*mu",
            "u = (1 - mu)*g/(1 - P) + mu_next*m/(1 - P*mu_next)",
            "x = x - lr*u/(sqrt(s/(1 - b2**t)) + eps)",
        )
        memory = {**MOMENTS_IN_TORCH, "P": "mu_product"}
        whole = with_decay(lines, self.weight_decay)
        rate = "lr/(sqrt(s/(1 - b2**t)) + eps)"
        return Rule(whole, self.constants(), memory, start={"P": 1.0}, velocity="u", rate=rate)
