"""Adam that scales each coordinate only after it has seen enough gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.engine.catalog.optimizers.adam import MOMENTS, MOMENTS_IN_TORCH, Adam
from workbench.engine.catalog.optimizers.base import with_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch


class RAdam(Adam):
    """Liu et al. 2020: Adam's update times the rectification r, plain momentum while the variance is unknown.

    Torch adds epsilon to the root of the uncorrected second moment; the paper has none.
    """

    kind: ClassVar[str] = "radam"
    title: ClassVar[str] = "RAdam"
    summary: ClassVar[str] = (
        "Adam with a built-in warm-up: plain momentum first (5 updates at beta 2 0.999), the full scale later."
    )
    order: ClassVar[int] = 100
    elementwise: ClassVar[bool] = True

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import RAdam as TorchRAdam

        return TorchRAdam

    def fixed(self) -> dict[str, Any]:
        return {"foreach": True}

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines = (
            *MOMENTS,
            "N = 2/(1 - b2) - 1",
            "n = N - 2*t*b2**t/(1 - b2**t)",
            "r = sqrt((n - 4)*(n - 2)*N/((N - 4)*(N - 2)*n)) if n > 5 else 0",
            "a = r*sqrt(1 - b2**t)/(sqrt(s) + eps) if n > 5 else 1",
            "m_hat = m/(1 - b1**t)",
            "x = x - lr*a*m_hat",
        )
        whole = with_decay(lines, self.weight_decay)
        return Rule(whole, self.constants(), MOMENTS_IN_TORCH, velocity="m_hat", rate="lr*a")
