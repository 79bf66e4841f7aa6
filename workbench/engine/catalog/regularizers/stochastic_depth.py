"""Stochastic depth: random residual branches are left out in training (Huang et al. 2016)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.regularizers.base import Regularizer
from workbench.engine.core.errors import Problem
from workbench.engine.core.text import short

if TYPE_CHECKING:
    from workbench.engine.nn.stochastic_layers import StochasticLayer
    from workbench.engine.spec.experiment import ExperimentSpec


class StochasticDepth(Regularizer):
    """Branch l of L is dropped with probability p · l / L and, where it is kept, divided by 1 minus that."""

    kind: ClassVar[str] = "stochastic_depth"
    title: ClassVar[str] = "Stochastic depth"
    summary: ClassVar[str] = "Leaves out random residual branches at every training step."
    order: ClassVar[int] = 70
    elementwise: ClassVar[bool] = False
    is_random: ClassVar[bool] = True

    p: Annotated[
        float,
        Knob(
            "Drop probability of the last branch",
            "The probability that the last residual branch is left out of a training pass; 0.5 is common. It rises "
            "evenly with depth from the first branch, because early layers are used by all later ones. It is drawn "
            "for each example separately. A kept branch is divided by its probability of being kept, so that testing "
            "uses all branches without scaling. Only residual networks have branches.",
            low=0.0,
            high=0.95,
            search=(0.0, 0.5),
            live=True,
            lesson="Stochastic depth trains many shallower networks at once and tests with the deep one.",
        ),
    ] = 0.5

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from super().problems(spec, path)
        if not spec.model.residual:
            yield Problem(path, "has no effect here: the model has no residual branches", "warning")

    def branch(self, index: int, count: int) -> StochasticLayer | None:
        from workbench.engine.nn.stochastic_layers import StochasticDepth as StochasticDepthLayer

        depth = (index + 1) / count
        return StochasticDepthLayer(self.p * depth, depth)

    def tune(self, layer: StochasticLayer) -> None:
        from workbench.engine.nn.stochastic_layers import StochasticDepth as StochasticDepthLayer

        assert isinstance(layer, StochasticDepthLayer)
        layer.p = self.p * layer.depth

    def brief(self) -> str:
        return short(self.p)
