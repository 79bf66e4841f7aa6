"""DropConnect: random weights are set to zero in training (Wan et al. 2013)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.regularizers.base import Regularizer
from workbench.engine.core.errors import Problem
from workbench.engine.core.text import short

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.nn.stochastic_layers import StochasticLayer
    from workbench.engine.spec.experiment import ExperimentSpec


class DropConnect(Regularizer):
    """Each weight of the hidden fully connected layers is zeroed with probability p, the rest divided by 1 − p."""

    kind: ClassVar[str] = "dropconnect"
    title: ClassVar[str] = "DropConnect"
    summary: ClassVar[str] = "Sets random weights to zero at every training step."
    order: ClassVar[int] = 50
    elementwise: ClassVar[bool] = False
    is_random: ClassVar[bool] = True

    p: Annotated[
        float,
        Knob(
            "Drop probability",
            "The probability that a weight is set to zero in a forward pass of training; 0.5 is common. It zeroes "
            "weights of the hidden fully connected layers, not activations as dropout does. One mask is drawn for "
            "each batch, which is the usual efficient form: a mask for every example would need a copy of the "
            "weights for every example. The kept weights are divided by 1 − p, and testing uses all of them.",
            low=0.0,
            high=0.95,
            search=(0.0, 0.8),
            live=True,
            lesson="DropConnect narrows the gap as dropout does, by zeroing weights instead of units.",
        ),
    ] = 0.5

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from super().problems(spec, path)
        if getattr(spec.model, "hidden", None) == ():  # a model that has no such layers at all reports it itself
            text = "has no effect here: the model has no hidden fully connected layer"
            yield Problem(path, text, "warning")

    def linear(self, layer: nn.Linear) -> StochasticLayer | None:
        from workbench.engine.nn.stochastic_layers import DropConnect as DropConnectLayer

        return DropConnectLayer(layer, self.p)

    def tune(self, layer: StochasticLayer) -> None:
        layer.p = self.p

    def brief(self) -> str:
        return short(self.p)
