"""Torch's Muon for hidden matrices and torch's AdamW for the rest, as one optimizer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

from workbench.engine.nn.eager_optimizer import without_compiler

#: The rest's own values; those of Adam's authors.
REST = {"betas": (0.9, 0.999), "eps": 1e-8}


class MuonWithAdamW(torch.optim.Optimizer):
    """Groups with ``muon`` set follow Muon, the others AdamW. Both parts work on this optimizer's groups and state.

    The update of a matrix (A, B) is scaled by 0.2 sqrt(max(A, B)), so that its mean square is AdamW's and one
    learning rate serves both.
    """

    def __init__(
        self,
        params: Iterable[dict[str, Any]],
        lr: float = 2e-3,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        nesterov: bool = True,
    ) -> None:
        matrices, rest = _sorted(params)
        self._parts: dict[bool, torch.optim.Optimizer] = {}
        if matrices:
            own = {"momentum": momentum, "nesterov": nesterov, "adjust_lr_fn": "match_rms_adamw"}
            self._parts[True] = without_compiler(torch.optim.Muon)(matrices, lr=lr, weight_decay=weight_decay, **own)
        if rest:
            adamw = without_compiler(torch.optim.AdamW)
            self._parts[False] = adamw(rest, lr=lr, weight_decay=weight_decay, fused=True, **REST)
        super().__init__([group for part in self._parts.values() for group in part.param_groups], {})
        self._share()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._share()

    def _share(self) -> None:
        for is_muon, part in self._parts.items():
            part.param_groups = [group for group in self.param_groups if group["muon"] is is_muon]
            part.state = self.state

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter."""
        loss = None if closure is None else closure()
        for part in self._parts.values():
            part.step()
        return loss


def _sorted(params: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    groups = list(params)
    return [g for g in groups if g["muon"]], [g for g in groups if not g["muon"]]
