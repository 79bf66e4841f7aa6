"""What every optimizer spec offers: its knobs, torch's class, and torch's names for the knobs' values."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog import Variant
from workbench.engine.knobs import Knob
from workbench.engine.no_compiler import without_compiler
from workbench.engine.problems import Problem

if TYPE_CHECKING:
    import torch

    from workbench.engine.spec import ExperimentSpec

LearningRate = Annotated[
    float,
    Knob(
        "Learning rate",
        "How far each update moves along the rule's direction. "
        "Low is slow but safe, high falls fast and then stays on a plateau, too high diverges. "
        "It is the first setting to get right; the schedule multiplies it during the run.",
        low=1e-9,
        high=1e7,
        scale="log",
        live=True,
        lesson="Low learning rates are slow, high ones plateau, very high ones diverge, a good one is in between.",
    ),
]

WeightDecay = Annotated[
    float,
    Knob(
        "Weight decay",
        "Pulls every weight towards zero at each update. "
        "For plain SGD and momentum it is the same as an L2 penalty of the same strength. "
        "Biases and norm parameters are left alone.",
        low=0.0,
        high=100.0,
        scale="log",
        live=True,
    ),
]


class Optimizer(Variant):
    """Base of the family. A member declares its knobs, ``torch_class`` and ``hyper``.

    ``full_batch``: each update uses the gradient over the whole training set, so an epoch is one update.
    """

    full_batch: ClassVar[bool] = False

    lr: LearningRate = 0.1
    weight_decay: WeightDecay = 0.0

    @abstractmethod
    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        """The torch class that has exactly this rule."""

    @abstractmethod
    def hyper(self) -> dict[str, Any]:
        """The rule's own values under torch's names, without ``lr`` and ``weight_decay``. They may change live."""

    def fixed(self) -> dict[str, Any]:
        """Options of the torch class that never change during a run."""
        return {"fused": True}

    def build(self, model: torch.nn.Module) -> torch.optim.Optimizer:
        """The torch optimizer over ``model``'s trainable parameters: one group that decays, one that does not."""
        decayed, kept = split_by_decay(model)
        groups = [{"params": decayed, "decays": True}, {"params": kept, "decays": False}]
        full = [group for group in groups if group["params"]]
        optimizer = without_compiler(self.torch_class())(full, lr=self.lr, **self.hyper(), **self.fixed())
        self.tune(optimizer)
        return optimizer

    def tune(self, optimizer: torch.optim.Optimizer) -> None:
        """Write this spec's values into a running optimizer; its state is kept."""
        for group in optimizer.param_groups:
            group.update(self.hyper())
            group["lr"] = self.lr
            group["weight_decay"] = self.weight_decay if group["decays"] else 0.0

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        if self.weight_decay and any(r.kind in ("l2", "elastic_net") for r in spec.regularization):
            words = "acts on top of the L2 penalty in Regularization; one of the two is enough"
            yield Problem(f"{path}.weight_decay", words, "warning")

    def brief(self) -> str:
        return f"{self.lr:g}"


def split_by_decay(model: torch.nn.Module) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    """Trainable parameters in two lists: weight matrices and kernels, then biases and norm parameters (dim < 2)."""
    trainable = [p for p in model.parameters() if p.requires_grad]
    return [p for p in trainable if p.dim() >= 2], [p for p in trainable if p.dim() < 2]
