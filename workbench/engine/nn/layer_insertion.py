"""What regularization puts into a model while it is built. Models ask for it at each place; torch is not imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.nn.stochastic_layers import StochasticLayer


#: Kind of the layers whose activations are meant: fully connected or convolutional.
LayerKind = Literal["fc", "conv"]


class LayerSource(Protocol):
    """Adds layers to a model while it is built; None adds nothing. A regularizer is one."""

    def layer(self, place: LayerKind) -> StochasticLayer | None:
        """A layer after a hidden activation."""

    def linear(self, layer: nn.Linear) -> StochasticLayer | None:
        """A layer in place of ``layer``, with the same parameters."""

    def pool(self) -> StochasticLayer | None:
        """A layer in place of a 2 × 2 max pooling."""

    def branch(self, index: int, count: int) -> StochasticLayer | None:
        """A layer at the end of residual branch ``index`` (0-based) of ``count``."""


class LayerInsertion:
    """Asks every regularizer at each place. ``owners[i]`` is the index of the one that made ``placed[i]``."""

    def __init__(self, regularizers: Sequence[LayerSource] = ()) -> None:
        self._regularizers = tuple(regularizers)
        self.placed: list[StochasticLayer] = []
        self.owners: list[int] = []

    def after(self, place: LayerKind) -> list[nn.Module]:
        """The layers that stand after a hidden activation at ``place``, possibly none."""
        return [*self._asked(lambda regularizer: regularizer.layer(place))]

    def linear(self, layer: nn.Linear) -> nn.Module:
        """A hidden fully connected layer as regularization wants it: another with the same parameters, or itself."""
        made = self._asked(lambda regularizer: regularizer.linear(layer))
        return made[0] if made else layer

    def pool(self) -> nn.Module | None:
        """What halves a picture in place of max pooling, or None."""
        made = self._asked(lambda regularizer: regularizer.pool())
        return made[0] if made else None

    def pooled(self, pool: nn.Module, side: int) -> int:
        """What ``pool`` makes of a side of ``side`` pixels (at least 2)."""
        smaller = getattr(pool, "side", None)
        return smaller(side) if callable(smaller) else side // 2

    def branch(self, index: int, count: int) -> list[nn.Module]:
        """The layers at the end of residual branch ``index`` (0-based) of ``count``, before it is added."""
        return [*self._asked(lambda regularizer: regularizer.branch(index, count))]

    def _asked(self, ask: Callable[[LayerSource], StochasticLayer | None]) -> list[StochasticLayer]:
        made = [(layer, i) for i, each in enumerate(self._regularizers) if (layer := ask(each)) is not None]
        self.placed += [layer for layer, _ in made]
        self.owners += [i for _, i in made]
        return [layer for layer, _ in made]
