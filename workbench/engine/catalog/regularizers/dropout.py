"""Dropout: random units are set to zero in training (Srivastava et al. 2014, inverted form)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.regularizers.base import Regularizer
from workbench.engine.core.text import short
from workbench.engine.nn.layer_insertion import LayerKind

if TYPE_CHECKING:
    from workbench.engine.nn.stochastic_layers import StochasticLayer


class Dropout(Regularizer):
    """Each activation is zeroed with probability p and the rest divided by 1 − p, in training only."""

    kind: ClassVar[str] = "dropout"
    title: ClassVar[str] = "Dropout"
    summary: ClassVar[str] = "Sets random units to zero at every training step."
    order: ClassVar[int] = 40
    elementwise: ClassVar[bool] = False
    is_random: ClassVar[bool] = True

    p: Annotated[
        float,
        Knob(
            "Drop probability",
            "The probability that a unit is set to zero in a training step; 0.5 is common. It zeroes activations. "
            "Gradients flow only through the units that were kept, so training takes longer. The kept ones are "
            "divided by 1 − p, so that prediction needs no scaling.",
            low=0.0,
            high=0.95,
            search=(0.0, 0.8),
            live=True,
            lesson="Dropout narrows the gap between training and validation and slows training.",
        ),
    ] = 0.5
    conv: Annotated[
        bool,
        Knob(
            "In convolutional layers too",
            "Dropout is more common after fully connected layers; this adds it after convolutional ones.",
        ),
    ] = False

    def layer(self, place: LayerKind) -> StochasticLayer | None:
        from workbench.engine.nn.stochastic_layers import Dropout as DropoutLayer

        return DropoutLayer(self.p) if place == "fc" or self.conv else None

    def tune(self, layer: StochasticLayer) -> None:
        layer.p = self.p

    def brief(self) -> str:
        return short(self.p)
