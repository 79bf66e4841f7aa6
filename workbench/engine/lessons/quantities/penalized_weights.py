"""What penalties do to the weights: their norm, and the share of them that is near zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from workbench.engine.core.text import percent, short
from workbench.engine.lessons.picture import Panel, Picture, line
from workbench.engine.lessons.quantities.of_runs import OfRun, OfTwoRuns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from workbench.engine.lessons.real_runs import RealRun
    from workbench.engine.training.run_context import RunContext

#: A weight is near zero if it is at most so far away from it.
NEAR: Final = 1e-3
_NORM, _SHARE = "norm", "share"


class NearZero(OfRun):
    """The share of a run's weights that are within 0.001 of zero at its end, in per cent; biases are left out."""

    kind: ClassVar[str] = "near_zero"
    title: ClassVar[str] = "Weights within 0.001 of zero"
    summary: ClassVar[str] = "The share of the weights, biases left out, that are within 0.001 of zero at the end."
    order: ClassVar[int] = 63
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int | None] = 1
    looks: ClassVar[bool] = True

    def number(self, runs: Sequence[RealRun]) -> float:
        return 100 * _now(runs[self.run])[_SHARE]

    def look(self, run: RunContext) -> Mapping[str, float]:
        return _look(run)

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return _picture(runs)


class NormAgainst(OfTwoRuns):
    """The norm of all weights of a run at its end, divided by that of another run; biases are left out."""

    kind: ClassVar[str] = "norm_against"
    title: ClassVar[str] = "Norm of the weights, against the other run"
    summary: ClassVar[str] = (
        "The square root of the sum of all squared weights, biases left out, divided by that of another run."
    )
    order: ClassVar[int] = 64
    decimals: ClassVar[int | None] = 2
    looks: ClassVar[bool] = True

    def number(self, runs: Sequence[RealRun]) -> float:
        return _now(runs[self.run])[_NORM] / _now(runs[self.against])[_NORM]

    def look(self, run: RunContext) -> Mapping[str, float]:
        return _look(run)

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return _picture(runs)


def _weights(run: RunContext) -> Tensor:
    import torch

    return torch.cat([p.detach().flatten() for p in run.network.module.parameters() if p.dim() >= 2])


def _look(run: RunContext) -> Mapping[str, float]:
    weights = _weights(run)
    return {_NORM: float(weights.norm()), _SHARE: float((weights.abs() <= NEAR).float().mean())}


def _now(run: RealRun) -> Mapping[str, float]:
    return run.looks[max(run.looks)]


def _picture(runs: Sequence[RealRun]) -> Picture:
    from workbench.engine.lessons.run_panels import BEST, run_table

    begun = [run for run in runs if run.looks]
    norms = tuple(line(run.name, list(run.looks), [look[_NORM] for look in run.looks.values()]) for run in begun)
    shares = tuple(
        line(run.name, list(run.looks), [100 * look[_SHARE] for look in run.looks.values()]) for run in begun
    )
    panels = (
        Panel("Norm of the weights", "Step", "Norm", norms),
        Panel("Weights near zero, per cent", "Step", "Per cent", shares),
    )
    norm = "Norm", lambda run: short(_now(run)[_NORM], 3)
    near = "Near zero", lambda run: percent(_now(run)[_SHARE])
    return Picture(panels, run_table(runs, (norm, near, BEST)))
