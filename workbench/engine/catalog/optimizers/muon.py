"""Momentum with orthogonalized updates, for the matrices inside a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.adam import CORRECTED, CORRECTED_RATE, MOMENTS, MOMENTS_IN_TORCH
from workbench.engine.catalog.optimizers.adamw import SHRINK
from workbench.engine.catalog.optimizers.base import LearningRate, Optimizer, split_by_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch


class Muon(Optimizer):
    """Jordan 2024, torch's class: ``m = mu m + (1 - mu) g; u = (1 - mu) g + mu m; x -= 0.2 sqrt(max(A, B)) lr NS(u)``.

    NS is five Newton-Schulz steps in bfloat16. Every torch that this project admits (2.11 and later) has it.
    """

    kind: ClassVar[str] = "muon"
    title: ClassVar[str] = "Muon"
    summary: ClassVar[str] = (
        "Momentum for hidden matrices, with updates that are equally strong in every direction; AdamW for the rest."
    )
    order: ClassVar[int] = 110
    elementwise: ClassVar[bool] = False
    takes_matrices_only: ClassVar[bool] = True

    lr: LearningRate = 2e-3
    momentum: Annotated[
        float,
        Knob(
            "Momentum",
            "How much of the mean gradient is kept at each update of a hidden matrix, with Nesterov's look-ahead. "
            "Hidden matrices are the two-dimensional weights except the last one, the classifier; convolution "
            "kernels, biases, norm parameters and the classifier follow AdamW (0.9, 0.999, 1e-8). Updates are scaled "
            "by 0.2 · √(longer side), so that one learning rate suits both (torch's match_rms_adamw); the weight "
            "decay is subtracted from the weights directly. The orthogonal update is computed in bfloat16, about "
            "three digits.",
            low=0.0,
            high=0.9999,
            search=(0.5, 0.99),
            live=True,
        ),
    ] = 0.95

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from workbench.engine.nn.optim.muon import MuonWithAdamW

        return MuonWithAdamW

    def hyper(self) -> dict[str, Any]:
        return {"momentum": self.momentum}

    def fixed(self) -> dict[str, Any]:
        return {"nesterov": True}

    def groups(self, model: torch.nn.Module) -> list[dict[str, Any]]:
        decayed, kept = split_by_decay(model)
        hidden = [p for p in decayed if p.dim() == 2][:-1]
        chosen = {id(p) for p in hidden}
        rest = [p for p in decayed if id(p) not in chosen]
        groups: list[dict[str, Any]] = [
            {"params": hidden, "decays": True, "muon": True},
            {"params": rest, "decays": True, "muon": False},
            {"params": kept, "decays": False, "muon": False},
        ]
        return [group for group in groups if group["params"]]

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        if not group["muon"]:
            beta1, beta2 = group["betas"]
            constants = {"b1": beta1, "b2": beta2, "eps": group["eps"], "wd": self.weight_decay}
            lines: tuple[str, ...] = (*MOMENTS, *CORRECTED)
            words = ("No hidden matrix, so AdamW's rule",)
            lines = (SHRINK, *lines) if self.weight_decay else lines
            return Rule(lines, constants, MOMENTS_IN_TORCH, words=words, velocity="m_hat", rate=CORRECTED_RATE)
        return Rule(
            ("m = mu*m + (1 - mu)*g", "u = mu*m + (1 - mu)*g"),
            {"mu": self.momentum},
            memory={"m": "momentum_buffer"},
            words=(
                "x = x − lr·wd·x − 0.2·√(longer side)·lr·O, O from the whole matrix u by five Newton–Schulz steps, "
                "which mix its numbers",
            ),
            checked=False,
            velocity="u",
            rate="",
        )
