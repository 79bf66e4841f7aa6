"""The speed limit of a run: the largest eigenvalue of its loss's Hessian, and that above which steps overshoot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from torch import Tensor, nn

from workbench.engine.core.callbacks import Callback
from workbench.engine.core.randomness import mixed, permutation
from workbench.engine.core.text import grouped
from workbench.engine.data.split import Indices
from workbench.engine.diagnostics.sharpness import largest_eigenvalue
from workbench.engine.spec.experiment import ExperimentSpec

#: The largest network, in trained parameters.
MOST_PARAMETERS: Final = 500_000
#: The Hessian is that of at most this number of training examples, the same ones throughout.
MOST_EXAMPLES: Final = 2048
#: Power iterations: the first time, and from the direction of the last time on.
FIRST_STEPS, STEPS = 40, 8


@dataclass(frozen=True, slots=True)
class Sharpness:
    """The largest ``eigenvalue``, and the ``limit`` above which the optimizer's steps grow; None where it has none."""

    eigenvalue: float
    limit: float | None


class SpeedLimit(Callback):
    """Measures ``network`` when it is asked to, while ``spec.loop.speed_limit`` is on. It changes nothing of the run.

    As a callback it remembers the direction in which the next measurement begins.
    """

    name = "speed_limit"

    def __init__(self, spec: ExperimentSpec, network: nn.Module) -> None:
        self._network = network
        self._direction: Tensor | None = None
        self._trouble = ""
        self._said = ""

    def reason(self) -> str:
        """Why this network cannot be measured, as a sentence; empty if it can."""
        if self._trouble:
            return self._trouble
        count = sum(p.numel() for p in self._parameters())
        if count <= MOST_PARAMETERS:
            return ""
        return (
            f"The largest eigenvalue of the Hessian is measured up to {grouped(MOST_PARAMETERS)} trained parameters; "
            f"this network has {grouped(count)}."
        )

    def note(self, spec: ExperimentSpec) -> str:
        """What is to be known of the curve, as a sentence; empty where there is nothing, or it was said last."""
        words = self.reason() or self._without_limit(spec)
        before, self._said = self._said, words
        return "" if words == before else words

    def _without_limit(self, spec: ExperimentSpec) -> str:
        if spec.optimizer.sharpness_limit(1.0) is None:
            return (
                f"{spec.optimizer.title} rescales the gradient: its limit is on the Hessian rescaled in the same way "
                "(preconditioned), so the largest eigenvalue of the plain one is drawn without a limit."
            )
        return ""

    def measure(self, loss_of: Callable[[], Tensor], spec: ExperimentSpec, rate: float) -> Sharpness | None:
        """Measure the loss that ``loss_of`` computes with the present weights; None where it cannot be measured.

        ``rate`` is the effective learning rate of the next step.
        """
        parameters = self._parameters()
        if self.reason() or not parameters:
            return None
        if self._direction is not None and len(self._direction) != sum(p.numel() for p in parameters):
            self._direction = None  # other blocks learn now
        steps = FIRST_STEPS if self._direction is None else STEPS
        try:
            value, self._direction = largest_eigenvalue(loss_of, parameters, steps, self._direction)
        except (RuntimeError, MemoryError) as error:  # a layer without a second derivative, or no memory for it
            self._trouble = f"The largest eigenvalue of the Hessian cannot be measured for this network: {error}"
            return None
        return Sharpness(value, spec.optimizer.sharpness_limit(rate) if rate > 0 else None)

    def state(self) -> dict[str, Any]:
        return {} if self._direction is None else {"direction": self._direction}

    def restore(self, saved: dict[str, Any]) -> None:
        direction = saved.get("direction")
        where = next(self._network.parameters()).device
        self._direction = None if direction is None else direction.clone().to(where)

    def _parameters(self) -> list[nn.Parameter]:
        return [p for p in self._network.parameters() if p.requires_grad]


def measured_examples(train: Indices, seed: int) -> Indices:
    """At most MOST_EXAMPLES of ``train``, always the same ones."""
    return np.sort(train[permutation(len(train), mixed("sharpness", seed), 0)[:MOST_EXAMPLES]])
