"""Steps that use the curvature, estimated from the last few changes of parameters and gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.base import LearningRate, Optimizer, split_by_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch

    from workbench.engine.nn.optim.lbfgs import OneStepLBFGS


class LBFGS(Optimizer):
    """Liu and Nocedal 1989, the two-loop recursion; torch's class with one update a step and no line search.

    The first step is ``lr * min(1, 1 / sum|g|)`` times the gradient. A pair of changes enters the memory where its
    curvature y·s is above 1e-10. Nothing moves where no gradient is above 1e-7, or the slope along d not below −1e-9.
    """

    kind: ClassVar[str] = "lbfgs"
    title: ClassVar[str] = "L-BFGS"
    summary: ClassVar[str] = (
        "Full batch: each update uses the curvature estimated from the last few. It needs exact gradients, without "
        "noise."
    )
    order: ClassVar[int] = 120
    elementwise: ClassVar[bool] = False
    full_batch: ClassVar[bool] = True
    rate_per_block: ClassVar[bool] = False
    needs_exact_gradients: ClassVar[bool] = True

    lr: LearningRate = 0.5
    history: Annotated[
        int,
        Knob(
            "Memory",
            "How many pairs of changes (parameters, gradient) the curvature is estimated from. "
            "Each pair costs twice the parameters' memory; 5 to 20 are common, torch's default is 100. "
            "Torch takes the step without a line search, so the learning rate matters: 1 is Newton's step, and the "
            "very first step is scaled to lr · min(1, 1 / sum of |g|). "
            "Weight decay is added to the gradient here, because torch's class has none.",
            low=1,
            high=100,
            search=(3, 30),
        ),
    ] = 10

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from workbench.engine.nn.optim.lbfgs import OneStepLBFGS

        return OneStepLBFGS

    def hyper(self) -> dict[str, Any]:
        return {"history_size": self.history}

    def fixed(self) -> dict[str, Any]:
        return {"max_iter": 1}

    def groups(self, model: torch.nn.Module) -> list[dict[str, Any]]:
        """One group, because the curvature is one for all; the parameters that decay come first."""
        decayed, kept = split_by_decay(model)
        return [{"params": decayed + kept, "decays": True, "decaying": len(decayed)}]

    def forget_frozen(self, optimizer: torch.optim.Optimizer) -> None:
        """The curvature is one for all parameters, so it is estimated anew when others learn."""
        optimizer.state.clear()

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        words = (
            f"d = −H·g, the two-loop recursion over the last {self.history} pairs (s, y); "
            "H mixes all parameters, so d is read from torch",
        )
        return Rule(("x = x + step*d",), direction={"d": "d", "step": "t"}, words=words, rate="")

    def remembered(
        self, optimizer: torch.optim.Optimizer, parameter: torch.nn.Parameter, entry: str, index: int
    ) -> float | None:
        parameters = optimizer.param_groups[0]["params"]
        state = optimizer.state.get(parameters[0], {})
        if state.get(entry) is None:
            return None
        if entry == "t":
            return float(cast("OneStepLBFGS", optimizer).step_length())
        if entry != "d":
            return float(state[entry])
        before = next(k for k, p in enumerate(parameters) if p is parameter)
        return float(state["d"][sum(p.numel() for p in parameters[:before]) + index])
