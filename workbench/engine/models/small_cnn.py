"""A small convolutional network for small pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.activations import Activation
from workbench.engine.activations.members import ReLU
from workbench.engine.catalog import AsTuple
from workbench.engine.initializations import Initialization
from workbench.engine.initializations.members import He
from workbench.engine.knobs import Knob
from workbench.engine.models.base import LayersAfter, Model
from workbench.engine.models.mlp import ActivationKnob, BatchNormKnob, InitKnob
from workbench.engine.problems import Problem, WorkbenchError

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec import ExperimentSpec


class SmallCNN(Model):
    """3×3 convolution – (batch norm) – activation – 2×2 max pooling for each size, then fully connected layers.

    Pooling stops where the picture is already 1 pixel high or wide.
    """

    kind: ClassVar[str] = "small_cnn"
    title: ClassVar[str] = "Small CNN"
    summary: ClassVar[str] = "Convolutions and pooling; for small pictures."
    order: ClassVar[int] = 20

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
        Knob("Hidden sizes", "Fully connected layers between the convolutions and the classifier.", unit="units", low=1, high=16_384),
    ] = (64,)
    activation: ActivationKnob = ReLU()
    init_weights: InitKnob = He()
    batch_norm: BatchNormKnob = True

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        if not self.channels:
            yield Problem(f"{path}.channels", "needs at least one convolution; for none choose the MLP")
        if not spec.data.source.is_image:
            yield Problem(path, "needs pictures, and this data set has points; choose the MLP")

    def build(self, shape: tuple[int, ...], classes: int, layers_after: LayersAfter) -> nn.Module:
        from torch import nn

        if len(shape) != 3:
            raise WorkbenchError("The small CNN needs pictures, and this data set has points. Choose the MLP.", "model")
        layers: list[nn.Module] = []
        channels, height, width = shape
        for size in self.channels:
            layers.append(nn.Conv2d(channels, size, 3, padding=1, bias=not self.batch_norm))
            layers += [nn.BatchNorm2d(size)] if self.batch_norm else []
            layers += [self.activation.build(), *layers_after("conv")]
            channels = size
            if min(height, width) >= 2:
                layers.append(nn.MaxPool2d(2))
                height, width = height // 2, width // 2
        layers.append(nn.Flatten())
        features = channels * height * width
        for size in self.hidden:
            layers.append(nn.Linear(features, size, bias=not self.batch_norm))
            layers += [nn.BatchNorm1d(size)] if self.batch_norm else []
            layers += [self.activation.build(), *layers_after("fc")]
            features = size
        return nn.Sequential(*layers, nn.Linear(features, classes))

    def init(self) -> tuple[Initialization, Activation]:
        return self.init_weights, self.activation

    def brief(self) -> str:
        return "–".join(map(str, self.channels + self.hidden))
