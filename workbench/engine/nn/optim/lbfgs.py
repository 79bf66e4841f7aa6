"""Torch's L-BFGS with one update per step, with weight decay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class OneStepLBFGS(torch.optim.LBFGS):
    """One update per step from the given gradients, without a line search.

    With ``max_iter=1`` the loss has no effect, so none is computed. The first ``decaying`` parameters of the one
    group have ``weight_decay * x`` added to their gradient: torch's class has no weight decay.
    """

    _stood_still = False

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter."""
        before = self._kept().get("n_iter", 0)
        loss = super().step(closure or _no_loss)  # type: ignore[no-untyped-call]
        self._stood_still = self._kept()["n_iter"] == before
        return loss

    def step_length(self) -> float:
        """The step length of the last update along its direction: 0 where torch found nothing left to gain."""
        state = self._kept()
        flat = float(state["prev_flat_grad"].dot(state["d"])) > -self.param_groups[0]["tolerance_change"]
        return 0.0 if self._stood_still or flat else float(state["t"])

    def _kept(self) -> dict[str, Any]:
        """Torch keeps the state common to all parameters with the first one."""
        found: dict[str, Any] = self.state[self.param_groups[0]["params"][0]]
        return found

    def _gather_flat_grad(self) -> Tensor:
        flat: Tensor = super()._gather_flat_grad()  # type: ignore[no-untyped-call]
        group = self.param_groups[0]
        decaying, strength = group.get("decaying", 0), group.get("weight_decay", 0.0)
        if strength and decaying:
            weights = torch.cat([_pulled(p).reshape(-1) for p in group["params"][:decaying]])
            flat[: len(weights)].add_(weights, alpha=strength)
        return flat

    def _add_grad(self, step_size: float, direction: Tensor) -> None:
        """Move along ``direction``; frozen parameters are not touched, not even by adding zeros."""
        offset = 0
        for parameter in self.param_groups[0]["params"]:
            if parameter.grad is not None:
                part = direction[offset : offset + parameter.numel()].view_as(parameter)
                parameter.add_(part, alpha=step_size)
            offset += parameter.numel()


def _pulled(parameter: Tensor) -> Tensor:
    """The parameters with weight decay; none without a gradient."""
    weights = parameter.detach()
    return weights if parameter.grad is not None else torch.zeros_like(weights)


def _no_loss() -> float:
    return 0.0
