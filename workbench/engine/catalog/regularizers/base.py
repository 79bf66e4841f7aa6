"""The base class of regularizers: add the gradient of a penalty after the backward pass, or a layer to the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Mend, Problem
from workbench.engine.nn.layer_insertion import LayerKind

if TYPE_CHECKING:
    import torch
    from torch import nn

    from workbench.engine.nn.stochastic_layers import StochasticLayer
    from workbench.engine.spec.experiment import ExperimentSpec


class Regularizer(Variant):
    """Base of the family. A member overrides the hooks it needs; each member is used at most once in a spec.

    ``is_l2`` says whether it shrinks weights by their squares, as weight decay does.
    ``is_random`` says whether it adds layers that draw random numbers at every training step.
    ``elementwise``: it puts no layer into the model, and what it adds to a gradient depends on each weight alone, so
    that the parameters of several networks can be stacked. Every member says whether it is.
    """

    is_random: ClassVar[bool] = False
    is_l2: ClassVar[bool] = False
    elementwise: ClassVar[bool] = False

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        """A problem if a member is in the list twice: two layers at one place would share their name and masks."""
        index = int(path.rpartition(".")[2])
        if any(type(other) is type(self) for other in spec.regularization[:index]):
            rest = [*spec.regularization[:index], *spec.regularization[index + 1 :]]
            yield Problem(
                path,
                f"{self.title} is in the list twice; remove one",
                mends=(Mend("Remove the second", "regularization", rest),),
            )

    def penalty(self, weights: list[torch.Tensor]) -> torch.Tensor | None:
        """The penalty's value over the weights that it applies to; a scalar or None."""
        return None

    def on_everything(self) -> bool:
        """Whether the penalty applies to biases and norm parameters too, not only to weight matrices and kernels."""
        return False

    def add_gradient(self, weights: list[torch.Tensor], gradients: list[torch.Tensor]) -> None:
        """Add the penalty's gradient to ``gradients`` in place (same order and shapes as ``weights``)."""

    def layer(self, place: LayerKind) -> StochasticLayer | None:
        """A layer after each hidden activation of ``place`` layers, or None. Called once for each position."""
        return None

    def linear(self, layer: nn.Linear) -> StochasticLayer | None:
        """A layer in place of a hidden fully connected one, its parameters under the same names, or None."""
        return None

    def pool(self) -> StochasticLayer | None:
        """A layer in place of a 2 × 2 max pooling, or None. Its method ``side`` tells what it makes of a side."""
        return None

    def branch(self, index: int, count: int) -> StochasticLayer | None:
        """A layer at the end of residual branch ``index`` (0-based) of ``count``, before it is added, or None."""
        return None

    def label_smoothing(self) -> float:
        """The share of the training target that is spread evenly over all classes (0–1)."""
        return 0.0

    def tune(self, layer: StochasticLayer) -> None:
        """Write this spec's live values into a layer that this member built."""
