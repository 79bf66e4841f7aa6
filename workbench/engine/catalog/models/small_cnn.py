"""A small convolutional network for small pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.activations.members import ReLU
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import He
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models.base import Model, Named, stacked, without_pictures
from workbench.engine.catalog.models.mlp import (
    ActivationKnob,
    BatchNormKnob,
    InitKnob,
    InputNormKnob,
    bent,
    fully_connected,
    lonely_batches,
)
from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.errors import Mend, Problem, WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec.experiment import ExperimentSpec


class SmallCNN(Model):
    """3×3 convolution – (batch norm) – activation – 2×2 max pooling for each size, then fully connected layers.

    Pooling stops where the picture is already 1 pixel high or wide.
    """

    kind: ClassVar[str] = "small_cnn"
    title: ClassVar[str] = "Small CNN"
    summary: ClassVar[str] = "Convolutions and pooling; for small pictures."
    order: ClassVar[int] = 20
    pools: ClassVar[bool] = True

    channels: Annotated[
        tuple[int, ...],
        AsTuple,
        Knob(
            "Channels",
            "The number of filters of each convolution, first to last. Each is followed by 2×2 pooling.",
            low=1,
            high=2_048,
        ),
    ] = (16, 32)
    hidden: Annotated[
        tuple[int, ...],
        AsTuple,
        Knob(
            "Hidden sizes",
            "Fully connected layers between the convolutions and the classifier.",
            unit="units",
            low=1,
            high=16_384,
        ),
    ] = (64,)
    activation: ActivationKnob = ReLU()
    init_weights: InitKnob = He()
    batch_norm: BatchNormKnob = "before"
    input_norm: InputNormKnob = False

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        if not self.channels:
            mends = (Mend("One convolution", f"{path}.channels", [16]), Mend("Choose the MLP", path, {"kind": "mlp"}))
            text = "needs at least one convolution; without any, choose the MLP"
            yield Problem(f"{path}.channels", text, mends=mends)
        yield from without_pictures(spec, path)
        yield from lonely_batches(self.batch_norm, self.input_norm, spec, path)

    def build(self, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> nn.Module:
        from torch import nn

        if len(shape) != 3:
            raise WorkbenchError("The small CNN needs pictures, and this data set has points. Choose the MLP.", "model")
        convolutions, features = self._convolutions(shape, parts)
        hidden, width = fully_connected(self, features, self.hidden, parts)
        return stacked([*convolutions, ("flatten", nn.Flatten()), *hidden, ("classifier", nn.Linear(width, classes))])

    def _convolutions(self, shape: tuple[int, ...], parts: LayerInsertion) -> tuple[Named, int]:
        """Layers conv1, conv2, … over pictures of ``shape``, and the number of output features."""
        from torch import nn

        layers: Named = []
        channels, height, width = shape
        if self.input_norm:
            layers.append(("input_norm", nn.BatchNorm2d(channels)))
        for number, size in enumerate(self.channels, 1):

            def make(outputs: int, bias: bool, channels: int = channels) -> nn.Module:
                return nn.Conv2d(channels, outputs, 3, padding=1, bias=bias)

            layers += bent(f"conv{number}", make, nn.BatchNorm2d, size, self, parts.after("conv"))
            channels = size
            if min(height, width) >= 2:
                pool = parts.pool() or nn.MaxPool2d(2)
                layers.append((f"conv{number}_pool", pool))
                height, width = parts.pooled(pool, height), parts.pooled(pool, width)
        return layers, channels * height * width

    def init(self) -> tuple[Initialization, Activation]:
        return self.init_weights, self.activation

    def brief(self) -> str:
        return "–".join(map(str, self.channels + self.hidden))
