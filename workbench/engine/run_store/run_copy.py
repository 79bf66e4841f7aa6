"""A copy of everything that a run writes into its folder, made between two steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.engine.core.step_store import StepStore

if TYPE_CHECKING:
    from workbench.engine.catalog.preprocessing import Standardizer
    from workbench.engine.run_store.run_folder import RunFolder


@dataclass(frozen=True, slots=True, eq=False)
class RunCopy:
    """What a run is after ``step`` steps. ``steps`` grows on meanwhile.

    ``state`` is the whole state, plain data and tensors; None where there is none to go on from. ``weights`` are by
    the name of their file. A mapping of weights that is the same object as the last time has not changed.
    ``is_good``: the state was just measured and has not diverged. ``best`` is the state at the best evaluation, after
    ``best_step`` steps, where that is not written yet. ``members`` are the copies of an ensemble's members with their
    folders. ``is_last``: the run has ended, and is kept even without a step.
    """

    step: int
    steps: StepStore
    state: Mapping[str, Any] | None = None
    weights: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    standardizer: Standardizer | None = None
    is_good: bool = False
    best: Mapping[str, Any] | None = None
    best_step: int = -1
    is_last: bool = False
    members: tuple[tuple[RunFolder, RunCopy], ...] = ()
