"""The layers that regularization adds while a model is built. Models ask for them at each place; without torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.catalog.regularizers import LayerKind, Regularizer
    from workbench.engine.nn.stochastic_layers import StochasticLayer


class InsertedLayers:
    """Asks every regularizer at each place. ``owners[i]`` is the index of the one that made ``placed[i]``."""

    def __init__(self, regularizers: Sequence[Regularizer] = ()) -> None:
        self._regularizers = tuple(regularizers)
        self.placed: list[StochasticLayer] = []
        self.owners: list[int] = []

    def after(self, layer_kind: LayerKind) -> list[nn.Module]:
        """The layers that follow a hidden activation of layers of ``layer_kind``, possibly none."""
        return [*self._asked(lambda regularizer: regularizer.layer(layer_kind))]

    def linear(self, layer: nn.Linear) -> nn.Module:
        """A hidden fully connected layer, replaced by regularization (same parameters) or as it is."""
        made = self._asked(lambda regularizer: regularizer.linear(layer))
        return made[0] if made else layer

    def pool(self) -> nn.Module | None:
        """The layer that replaces max pooling, or None."""
        made = self._asked(lambda regularizer: regularizer.pool())
        return made[0] if made else None

    def pooled(self, pool: nn.Module, side: int) -> int:
        """What ``pool`` makes of a side of ``side`` pixels (at least 2)."""
        smaller = getattr(pool, "side", None)
        return smaller(side) if callable(smaller) else side // 2

    def branch(self, index: int, count: int) -> list[nn.Module]:
        """The layers at the end of residual branch ``index`` (0-based) of ``count``, before it is added."""
        return [*self._asked(lambda regularizer: regularizer.branch(index, count))]

    def _asked(self, ask: Callable[[Regularizer], StochasticLayer | None]) -> list[StochasticLayer]:
        made = [(layer, i) for i, each in enumerate(self._regularizers) if (layer := ask(each)) is not None]
        self.placed += [layer for layer, _ in made]
        self.owners += [i for _, i in made]
        return [layer for layer, _ in made]
