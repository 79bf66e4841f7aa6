"""Which settings cannot be trained by several processes that share each batch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Mend, Problem
from workbench.engine.spec.editable import children

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

_ONE = Mend("One process", "loop.processes", 1)
_WINDOWS = "must be 1 on Windows: NCCL, by which GPUs add up their gradients, exists for Linux only"


def several_processes_problems(spec: ExperimentSpec, platform: str = sys.platform) -> Iterator[Problem]:
    """The problems of ``spec`` with its number of processes; none for a single process."""
    if spec.loop.processes == 1:
        return
    if platform == "win32":
        yield Problem("loop.processes", _WINDOWS, mends=(_ONE,))
    for path, title, reason in _reasons(spec):
        yield Problem(path, f"{title} cannot be trained by several processes: {reason}".strip(), mends=(_ONE,))
    size = spec.loop.batch_size
    if size < spec.loop.processes:
        words = f"has too few examples for {spec.loop.processes} processes: some have nothing to do"
        yield Problem("loop.batch_size", words, "warning")


def _reasons(spec: ExperimentSpec) -> Iterator[tuple[str, str, str]]:
    """Path, title (empty where the path names it) and reason of everything that one process must train."""
    for path, member in _members(spec, ""):
        if member.one_process_only:
            yield path, member.title, member.one_process_only
    if spec.optimizer.full_batch:
        reason = "its gradient is that of the whole training set, computed part by part"
        yield "optimizer", spec.optimizer.title, reason
    if spec.data.trains_all_folds:
        yield "data.folds", "Cross-validation", "its folds are trained in turns, as one run; choose one fold"
    if spec.loop.fastest:
        yield "loop.fastest", "", "it measures the steps of one"


def _members(value: Any, prefix: str) -> Iterator[tuple[str, Variant]]:
    if isinstance(value, Variant):
        yield prefix.rstrip("."), value
    for name, child in children(value):
        yield from _members(child, f"{prefix}{name}.")
