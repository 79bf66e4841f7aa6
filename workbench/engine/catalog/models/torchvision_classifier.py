"""torchvision's classifiers by name, without pretrained weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.activations.members import ReLU
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import He
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models.base import Model, lonely_batch, unplaced, without_pictures
from workbench.engine.core.errors import Problem, WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec.experiment import ExperimentSpec

# fmt: off
#: Every classifier of torchvision, listed here so that a form opens without importing it; a test compares.
Name = Literal[
    "alexnet", "convnext_base", "convnext_large", "convnext_small", "convnext_tiny", "densenet121", "densenet161",
    "densenet169", "densenet201", "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3",
    "efficientnet_b4", "efficientnet_b5", "efficientnet_b6", "efficientnet_b7", "efficientnet_v2_l",
    "efficientnet_v2_m", "efficientnet_v2_s", "googlenet", "inception_v3", "maxvit_t", "mnasnet0_5", "mnasnet0_75",
    "mnasnet1_0", "mnasnet1_3", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "regnet_x_16gf",
    "regnet_x_1_6gf", "regnet_x_32gf", "regnet_x_3_2gf", "regnet_x_400mf", "regnet_x_800mf", "regnet_x_8gf",
    "regnet_y_128gf", "regnet_y_16gf", "regnet_y_1_6gf", "regnet_y_32gf", "regnet_y_3_2gf", "regnet_y_400mf",
    "regnet_y_800mf", "regnet_y_8gf", "resnet101", "resnet152", "resnet18", "resnet34", "resnet50",
    "resnext101_32x8d", "resnext101_64x4d", "resnext50_32x4d", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0",
    "shufflenet_v2_x1_5", "shufflenet_v2_x2_0", "squeezenet1_0", "squeezenet1_1", "swin_b", "swin_s", "swin_t",
    "swin_v2_b", "swin_v2_s", "swin_v2_t", "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19",
    "vgg19_bn", "vit_b_16", "vit_b_32", "vit_h_14", "vit_l_16", "vit_l_32", "wide_resnet101_2", "wide_resnet50_2",
]
# fmt: on


class TorchvisionClassifier(Model):
    """One of torchvision's classifiers with its own initialization; gray pictures become three channels.

    Its dropout and stochastic depth are replaced by this program's, which draw the same masks in a repeated run.
    """

    kind: ClassVar[str] = "torchvision"
    title: ClassVar[str] = "Classifier of torchvision"
    summary: ClassVar[str] = "Well-known networks for photographs by name, untrained; most need a GPU."
    order: ClassVar[int] = 40

    name: Annotated[
        Name,
        Knob(
            "Network",
            "Which of torchvision's classifiers. They are made for photographs of 224×224 pixels; many accept smaller "
            "ones. The weights are drawn as torchvision draws them, not pretrained. "
            "Of the small ones, mobilenet_v3_small, shufflenet_v2_x0_5 and resnet18 also train on a CPU.",
        ),
    ] = "resnet18"

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from without_pictures(spec, path)
        text = "may have batch norm, which needs at least two examples in a batch; raise the batch size"
        yield from lonely_batch(spec, path, text)
        yield from unplaced(spec, "linear", "layer")

    def build(self, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> nn.Module:
        from workbench.engine.nn.torchvision_nets import adopted

        if len(shape) != 3:
            raise WorkbenchError(f"{self.name} needs pictures, and this data set has points. Choose the MLP.", "model")
        if shape[0] not in (1, 3):
            raise WorkbenchError(f"{self.name} needs gray or colour pictures, not {shape[0]} channels.", "model")
        return adopted(self.name, shape, classes)

    def init(self) -> tuple[Initialization, Activation]:
        return He(), ReLU()

    def fill(self, network: nn.Module, seed: int) -> None:
        """As torchvision does, from a generator of our own."""
        from workbench.engine.nn.torchvision_nets import redraw

        redraw(network, seed)

    def brief(self) -> str:
        return self.name
