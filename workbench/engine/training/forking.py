"""A run that branches off another one: what its state means under other settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.engine.core.errors import SpecError
from workbench.engine.data.fingerprint import changes
from workbench.engine.run_store.kept_state import KEPT
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import dumps, loads
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.state import Progress


def adapted(saved: Mapping[str, Any], run: RunContext) -> tuple[dict[str, Any], list[str]]:
    """The state ``saved`` as one of ``run``, whose settings stay; and sentences about what begins anew.

    The optimizer keeps what it remembers if it is the same one, the schedule likewise; an epoch that was under way goes
    on if its batches are the same, and the best so far counts if the data are.
    """
    made, words, now = dict(saved) | {"spec": dumps(run.initial)}, [], run.initial
    try:
        before: ExperimentSpec | None = loads(saved["spec"])
    except SpecError:
        before = None
    progress = dict(saved["progress"])
    if before is None or before.optimizer.kind != now.optimizer.kind:
        made["optimizer"] = run.state.optimizer.state_dict()
        words.append(f"{now.optimizer.title} begins with nothing remembered.")
    if before is None or before.schedule.kind != now.schedule.kind:
        progress["memory"] = {}
    known = saved.get(KEPT, {}).get("data", {})
    if before is None or before.data != now.data or changes(known, run.data.fingerprint):
        fresh = Progress()
        kept = ("best_epoch", "best_accuracy", "best_loss", "best_step", "stale", "improved", "last_gain")
        progress |= {name: getattr(fresh, name) for name in kept}
        made["best_weights"] = {}
        words.append("The data are others, so the best so far does not count.")
    made["progress"] = progress
    if not _fits(progress, run):
        _begin_epoch(progress)
        words.append("The epoch under way begins anew with other batches.")
    return made, words


def _fits(progress: Mapping[str, Any], run: RunContext) -> bool:
    borders, batch = run.batches.borders, progress["batch"]
    return bool(batch < len(borders) and borders[batch] == progress["offset"])


def _begin_epoch(progress: dict[str, Any]) -> None:
    made = Progress(**progress)
    made.begin_epoch(made.seconds)
    progress |= {name: getattr(made, name) for name in progress}
