"""He, Xavier, Gaussian of a fixed width, zero. Orthogonal is in its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.initializations.base import Initialization
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch


class He(Initialization):
    """Normal with std gain / sqrt(fan_in) (He et al. 2015, eq. 10)."""

    kind: ClassVar[str] = "he"
    title: ClassVar[str] = "He"
    summary: ClassVar[str] = "Keeps the variance through ReLU layers."
    order: ClassVar[int] = 10

    def fill(self, weight: torch.Tensor, gain: float, generator: torch.Generator) -> None:
        fan_in = weight[0].numel()
        weight.normal_(0.0, gain / fan_in**0.5, generator=generator)


class Xavier(Initialization):
    """Normal with std sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 12, normal form)."""

    kind: ClassVar[str] = "xavier"
    title: ClassVar[str] = "Xavier"
    summary: ClassVar[str] = "Keeps the variance through tanh layers, forward and backward."
    order: ClassVar[int] = 20

    def fill(self, weight: torch.Tensor, gain: float, generator: torch.Generator) -> None:
        receptive = weight[0, 0].numel()
        fan_in, fan_out = weight.shape[1] * receptive, weight.shape[0] * receptive
        weight.normal_(0.0, (2.0 / (fan_in + fan_out)) ** 0.5, generator=generator)


class Gaussian(Initialization):
    """Normal with one fixed std for every layer."""

    kind: ClassVar[str] = "gaussian"
    scaled: ClassVar[bool] = False
    title: ClassVar[str] = "Gaussian, fixed width"
    summary: ClassVar[str] = (
        "One standard deviation for every layer: too small vanishes, too large saturates or explodes."
    )
    order: ClassVar[int] = 30

    std: Annotated[
        float,
        Knob(
            "Standard deviation",
            "The standard deviation of the initial weights, the same in every layer. Too small: activations and "
            "gradients vanish and nothing is learned. Too large: tanh and sigmoid saturate, and activations after "
            "ReLU explode.",
            low=1e-8,
            high=100.0,
            search=(0.001, 1.0),
            scale="log",
        ),
    ] = 0.01

    def fill(self, weight: torch.Tensor, gain: float, generator: torch.Generator) -> None:
        weight.normal_(0.0, self.std, generator=generator)

    def brief(self) -> str:
        return short(self.std)


class Zero(Initialization):
    """Every weight zero: all units of a layer stay identical."""

    kind: ClassVar[str] = "zero"
    scaled: ClassVar[bool] = False
    title: ClassVar[str] = "Zero"
    summary: ClassVar[str] = (
        "Good for the last layer, whose first predictions are then uniform; the units of a hidden layer would stay "
        "identical."
    )
    order: ClassVar[int] = 50

    def fill(self, weight: torch.Tensor, gain: float, generator: torch.Generator) -> None:
        weight.zero_()
