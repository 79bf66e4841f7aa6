"""The base class of ensembles: which runs are trained for it, or when one run saves a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.engine.catalog.variant import Variant

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class Ensemble(Variant):
    """Base of the family. The predictions of its members are averaged, not their weights."""

    def members_of(self, spec: ExperimentSpec) -> tuple[ExperimentSpec, ...]:
        """The settings of the runs that are trained together; by default the one run of ``spec``."""
        return (spec,)

    def snapshot_after(self, epochs_done: int, spec: ExperimentSpec) -> bool:
        """Whether the weights are kept as a member after ``epochs_done`` epochs (from 1)."""
        return False
