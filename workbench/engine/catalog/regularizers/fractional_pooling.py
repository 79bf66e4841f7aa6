"""Fractional max pooling: the pooling regions are random (Graham 2014)."""

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


class FractionalMaxPooling(Regularizer):
    """Max pooling over random overlapping 2 × 2 regions, fresh in each training pass, in place of regular ones."""

    kind: ClassVar[str] = "fractional_max_pooling"
    title: ClassVar[str] = "Fractional max pooling"
    summary: ClassVar[str] = "Draws the pooling regions anew at every training step."
    order: ClassVar[int] = 60
    elementwise: ClassVar[bool] = False
    is_random: ClassVar[bool] = True

    ratio: Annotated[
        float,
        Knob(
            "Ratio",
            "How many times smaller each pooling makes a picture's sides; Graham used √2 ≈ 1.41. The 2 × 2 regions "
            "overlap, and where they lie is random for each example and training step. At 2 nothing is random: it is "
            "plain pooling. A smaller ratio keeps larger pictures, so the layers after it cost more. Testing uses "
            "fixed regions that lie evenly; the average of several passes can be set under Test time.",
            low=1.1,
            high=2.0,
            lesson="Fractional max pooling randomizes the pooling regions and averages over them at test time.",
        ),
    ] = 1.41

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from super().problems(spec, path)
        if not spec.model.pools:
            yield Problem(path, "has no effect here: the model has no max pooling", "warning")

    def pool(self) -> StochasticLayer | None:
        from workbench.engine.nn.stochastic_layers import FractionalMaxPool

        return FractionalMaxPool(self.ratio)

    def brief(self) -> str:
        return f"÷{short(self.ratio)}"
