"""Snapshot ensembles: one run, several of its checkpoints (Huang et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.ensembles.base import Ensemble
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import Problem
from workbench.engine.core.text import counted

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class Snapshots(Ensemble):
    """The weights at the ends of the learning rate's periods, or at regular intervals; each snapshot is a member."""

    kind: ClassVar[str] = "snapshots"
    title: ClassVar[str] = "Snapshots of one run"
    summary: ClassVar[str] = "Several checkpoints of one run, whose predictions are averaged."
    order: ClassVar[int] = 30

    every: Annotated[
        int | None,
        Knob(
            "Every",
            "The number of epochs after which the weights are kept as a further member. Off: at the end of each "
            "period of the schedule Cosine with restarts, where the rate is lowest. Training costs no more than one "
            "run; a prediction costs one forward pass per snapshot.",
            unit="epochs",
            off="Ends of periods",
            low=1,
            high=1_000_000,
            lesson="Several checkpoints of one run can be averaged instead of several models.",
        ),
    ] = None

    def snapshot_after(self, epochs_done: int, spec: ExperimentSpec) -> bool:
        if self.every is not None:
            return epochs_done % self.every == 0
        return spec.schedule.ends_period(epochs_done)

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        if self.every is None and not (spec.schedule.has_periods and spec.schedule.per == "epoch"):
            words = "needs the schedule Cosine with restarts, counted in epochs, or a number of epochs here"
            yield Problem(f"{path}.every", words)
            return
        count = sum(self.snapshot_after(epoch, spec) for epoch in range(1, min(spec.loop.epochs, 1000) + 1))
        if count < 2:
            words = f"only {count or 'no'} snapshot will be taken before the run ends; an ensemble needs two"
            yield Problem(f"{path}.every", words.replace("only no", "no"), "warning")
        if spec.data.validation_fraction == 0:
            yield Problem(path, "needs validation examples: without them no snapshot is measured or kept", "warning")

    def brief(self) -> str:
        if self.every is None:
            return "at ends of periods"
        return "every epoch" if self.every == 1 else f"every {counted(self.every, 'epoch')}"
