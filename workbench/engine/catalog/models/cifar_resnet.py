"""The residual networks for small pictures of He et al. 2015, section 4.2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.activations.members import ReLU
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import He
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models.base import Model, lonely_batch, unplaced, without_pictures
from workbench.engine.catalog.models.mlp import InitKnob
from workbench.engine.core.errors import Problem, WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec.experiment import ExperimentSpec

#: Pictures are halved, and channels doubled, between the stages.
STAGES = 3


class CifarResNet(Model):
    """A 3×3 convolution, three stages of residual blocks, the mean over the pixels, a linear classifier.

    Depth 6n + 2 has n blocks of two convolutions in each stage. Batch norm follows every convolution.
    """

    kind: ClassVar[str] = "cifar_resnet"
    title: ClassVar[str] = "ResNet for small pictures"
    summary: ClassVar[str] = "The residual networks that He et al. 2015 trained on CIFAR-10."
    order: ClassVar[int] = 30
    residual: ClassVar[bool] = True

    depth: Annotated[
        Literal["20", "32", "44", "56", "110"],
        Knob(
            "Depth",
            "The number of layers with weights: 6n + 2 for n blocks in each of three stages. Every block adds its "
            "output to its input, so that gradients reach the first layers undiminished.",
            options={
                "20": "0.27 M parameters at width 16",
                "32": "0.46 M parameters at width 16",
                "44": "0.66 M parameters at width 16",
                "56": "0.85 M parameters at width 16",
                "110": "1.7 M parameters at width 16; slow without a GPU",
            },
        ),
    ] = "20"
    width: Annotated[
        int,
        Knob(
            "Width",
            "The number of channels of the first stage; the second has twice, the third four times as many. "
            "The paper has 16.",
            unit="channels",
            low=1,
            high=512,
            search=(4, 64),
            scale="log",
        ),
    ] = 16
    init_weights: InitKnob = He()

    @property
    def blocks(self) -> int:
        """Residual blocks in each stage."""
        return (int(self.depth) - 2) // (2 * STAGES)

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from without_pictures(spec, path)
        text = "has batch norm, which needs at least two examples in a batch; raise the batch size"
        yield from lonely_batch(spec, path, text)
        yield from unplaced(spec, "linear")

    def build(self, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> nn.Module:
        from workbench.engine.nn.residual import ResidualNet

        if len(shape) != 3:
            raise WorkbenchError("The ResNet needs pictures, and this data set has points. Choose the MLP.", "model")
        widths = tuple(self.width * 2**stage for stage in range(STAGES))
        return ResidualNet(shape[0], classes, self.blocks, widths, parts)

    def init(self) -> tuple[Initialization, Activation]:
        return self.init_weights, ReLU()

    def brief(self) -> str:
        return f"ResNet-{self.depth}" + (f", width {self.width}" if self.width != 16 else "")
