"""Adam: momentum and a scale for each coordinate, both corrected for their start at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.knobs import Knob
from workbench.engine.optimizers.base import LearningRate, Optimizer

if TYPE_CHECKING:
    import torch


class Adam(Optimizer):
    """Kingma and Ba 2015, algorithm 1: ``x -= lr * m_hat / (sqrt(s_hat) + eps)``, t from 1."""

    kind: ClassVar[str] = "adam"
    title: ClassVar[str] = "Adam"
    summary: ClassVar[str] = "Momentum plus a step size for each coordinate, with bias correction."
    order: ClassVar[int] = 70

    lr: LearningRate = 1e-3
    beta1: Annotated[
        float,
        Knob(
            "Beta 1",
            "How much of the first moment is kept at each update: the role of momentum. "
            "It remembers about 1 / (1 − beta 1) updates.",
            low=0.0,
            high=0.9999,
            live=True,
        ),
    ] = 0.9
    beta2: Annotated[
        float,
        Knob(
            "Beta 2",
            "How much of the second moment is kept at each update: "
            "the role of the squared gradients of AdaGrad and RMSProp. "
            "Both moments start at zero and are divided by 1 − beta^t, or the first steps would be too large.",
            low=0.0,
            high=0.999999,
            live=True,
            lesson="Without bias correction Adam takes very large steps at the beginning.",
        ),
    ] = 0.999
    eps: Annotated[
        float,
        Knob(
            "Epsilon",
            "A small constant that avoids division by zero; it is added outside the root. "
            "Libraries differ in its value and place: the lecture writes 1e-7, torch uses 1e-8.",
            low=1e-16,
            high=1.0,
            scale="log",
            live=True,
        ),
    ] = 1e-8

    def torch_class(self) -> type[torch.optim.Optimizer]:
        from torch.optim import Adam as TorchAdam

        return TorchAdam

    def hyper(self) -> dict[str, Any]:
        return {"betas": (self.beta1, self.beta2), "eps": self.eps}
