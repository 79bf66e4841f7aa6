"""The base class of optimizers: knobs, the torch class, and torch's names for the knobs' values."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Problem
from workbench.engine.core.text import short
from workbench.engine.core.update_rule import Rule
from workbench.engine.nn.eager_optimizer import without_compiler

if TYPE_CHECKING:
    import torch

    from workbench.engine.spec.experiment import ExperimentSpec

LearningRate = Annotated[
    float,
    Knob(
        "Learning rate",
        "How far each update moves along the rule's direction. Low is slow but safe, high falls fast and then stays "
        "on a plateau, too high diverges. It is the first setting to get right; the schedule multiplies it during "
        "the run. A small rate with more epochs works too, but may take a very long time; that it gets stuck in "
        "local optima sounds likely, yet in practice this is seldom a problem. Letting the rate decay is a little "
        "more common with momentum and a little less common with Adam.",
        low=1e-9,
        high=1e7,
        search=(1e-05, 1.0),
        scale="log",
        live=True,
        lesson="Low learning rates are slow, high ones plateau, very high ones diverge, a good one is in between.",
    ),
]

WeightDecay = Annotated[
    float,
    Knob(
        "Weight decay",
        "Pulls every weight towards zero at each update. For plain SGD and momentum it is the same as an L2 penalty "
        "of the same strength. Biases and norm parameters do not decay. It is added to the gradient, as in torch, so "
        "adaptive optimizers scale it too; AdamW and Muon subtract it from the weight directly instead.",
        low=0.0,
        high=100.0,
        search=(1e-06, 0.1),
        scale="log",
        live=True,
    ),
]

#: The small constant of the rules that divide by a root and add it to the root.
Epsilon = Annotated[
    float,
    Knob(
        "Epsilon",
        "A small constant that avoids division by zero; it is added outside the root. Libraries differ in its value "
        "and position: the lecture writes 1e-7, torch uses 1e-8 (1e-10 in AdaGrad), and TensorFlow's RMSProp adds it "
        "inside the root.",
        low=1e-16,
        high=1.0,
        search=(1e-10, 0.001),
        scale="log",
        live=True,
    ),
]


class Optimizer(Variant):
    """Base of the family. A member declares its knobs, ``torch_class`` and ``hyper``.

    ``full_batch``: each update uses the gradient over the whole training set, so an epoch is one update.
    ``rate_per_block``: parts of the network can have their own learning rate.
    ``elementwise``: the update of each number depends on its own gradient and memory alone, so that the parameters of
    several networks can be stacked and updated as one. Every member says whether it is.
    ``takes_matrices_only`` and ``needs_exact_gradients`` say what its rule cannot do without.
    """

    full_batch: ClassVar[bool] = False
    elementwise: ClassVar[bool] = False
    rate_per_block: ClassVar[bool] = True
    takes_matrices_only: ClassVar[bool] = False
    needs_exact_gradients: ClassVar[bool] = False

    lr: LearningRate = 0.1
    weight_decay: WeightDecay = 0.0

    @abstractmethod
    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        """The torch class that has exactly this rule."""

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        """The rule as data, for the live formula; None if none is declared. ``group`` is torch's for the parameter."""
        return None

    def sharpness_limit(self, rate: float) -> float | None:
        """The curvature above which steps at the effective ``rate`` grow from one to the next, on a quadratic function.

        None where the rule has no such limit on the Hessian itself, as where it scales each coordinate.
        """
        return None

    @abstractmethod
    def hyper(self) -> dict[str, Any]:
        """The rule's own values under torch's names, without ``lr`` and ``weight_decay``. They may change live."""

    def fixed(self) -> dict[str, Any]:
        """Options of the torch class that never change during a run."""
        return {"fused": True}

    def build(
        self, model: torch.nn.Module, blocks: Sequence[Sequence[torch.nn.Parameter]] = ()
    ) -> torch.optim.Optimizer:
        """The torch optimizer over ``model``'s trainable parameters: one group that decays, one that does not.

        With ``blocks`` every block of parameters has its own groups, which hold its number (from 1) as ``block``.
        """
        groups = self.groups(model)
        if self.rate_per_block:
            groups = [part for group in groups for part in by_block(group, blocks)]
        return self.over(groups)

    def over(self, groups: Sequence[dict[str, Any]]) -> torch.optim.Optimizer:
        """The torch optimizer over torch's parameter ``groups``, each of which says whether it ``decays``."""
        optimizer = without_compiler(self.torch_class())(groups, lr=self.lr, **self.hyper(), **self.fixed())
        self.tune(optimizer)
        return optimizer

    def groups(self, model: torch.nn.Module) -> list[dict[str, Any]]:
        """Torch's parameter groups; ``decays`` marks those with weight decay."""
        decayed, kept = split_by_decay(model)
        groups: list[dict[str, Any]] = [{"params": decayed, "decays": True}, {"params": kept, "decays": False}]
        return [group for group in groups if group["params"]]

    def forget_frozen(self, optimizer: torch.optim.Optimizer) -> None:
        """Drop the state of parameters that are frozen now; the state of the others is kept."""
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if not parameter.requires_grad:
                    optimizer.state.pop(parameter, None)

    def tune(self, optimizer: torch.optim.Optimizer) -> None:
        """Write this spec's values into a running optimizer; its state is kept."""
        for group in optimizer.param_groups:
            group.update(self.hyper())
            group["lr"] = self.lr
            group["weight_decay"] = self.weight_decay if group["decays"] else 0.0

    def remembered(
        self, optimizer: torch.optim.Optimizer, parameter: torch.nn.Parameter, entry: str, index: int
    ) -> float | None:
        """What ``optimizer`` keeps under ``entry`` for one number of ``parameter``; None before the first update."""
        value = optimizer.state.get(parameter, {}).get(entry)
        if value is None:
            return None
        return float(value.flatten()[index]) if getattr(value, "dim", int)() else float(value)

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        if self.weight_decay and any(r.is_l2 for r in spec.regularization):
            words = "acts on top of the L2 penalty in Regularization; one of the two is enough"
            yield Problem(f"{path}.weight_decay", words, "warning")

    def brief(self) -> str:
        return short(self.lr)


def with_decay(lines: tuple[str, ...], strength: float) -> tuple[str, ...]:
    """A rule's lines with torch's weight decay in front: it is added to the gradient."""
    return ("g = g + wd*x", *lines) if strength else lines


def by_block(group: dict[str, Any], blocks: Sequence[Sequence[torch.nn.Parameter]]) -> list[dict[str, Any]]:
    """``group`` cut where the blocks end; itself if there are none."""
    if not blocks:
        return [group]
    numbers = {id(p): number for number, block in enumerate(blocks, 1) for p in block}
    parts: dict[int, list[torch.nn.Parameter]] = {}
    for parameter in group["params"]:
        parts.setdefault(numbers[id(parameter)], []).append(parameter)
    return [{**group, "params": parts[number], "block": number} for number in sorted(parts)]


def split_by_decay(model: torch.nn.Module) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    """Trainable parameters in two lists: weight matrices and kernels, then biases and norm parameters (dim < 2)."""
    trainable = [p for p in model.parameters() if p.requires_grad]
    return [p for p in trainable if p.dim() >= 2], [p for p in trainable if p.dim() < 2]
