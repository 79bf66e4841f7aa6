"""Events of a run on the x axis: edits (⚡) and the step at which it diverged."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from workbench.bridge.setting_names import label_of
from workbench.engine.core.events import Edited
from workbench.engine.core.text import grouped, short
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.plots.run_curves import XAxis

_MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class Annotations:
    """x positions of edits and of divergence, in the present unit of the x axis."""

    edits: tuple[float, ...] = ()
    diverged: float | None = None


def annotations_of(history: History, x_axis: XAxis) -> Annotations:
    """The annotations of a run, in the present unit of the x axis."""
    edits = tuple(float(x) for x in x_axis.x([edit.step for edit in history.edits])) if history.edits else ()
    broken = next((notice.step for notice in history.notices if notice.code == "diverged"), None)
    return Annotations(edits, None if broken is None else float(x_axis.x(broken + 0.5)))


def edit_tip(history: History, x_axis: XAxis, x: float, reach: float) -> str:
    """Rich text for a tooltip: the edits within ``reach`` of ``x``; empty if there are none."""
    near = [edit for edit in history.edits if abs(float(x_axis.x(edit.step)) - x) <= reach]
    lines = [escape(edit_text(edit)) for edit in near[:_MOST_LINES]]
    if len(near) > _MOST_LINES:
        lines.append(f"and {grouped(len(near) - _MOST_LINES)} more")
    return "<br>".join(lines)


def edit_text(edit: Edited) -> str:
    """``Optimizer, Learning rate: 0.1 → 0.05 before step 121`` (steps count from 1 on screen)."""
    change = f"{label_of(ExperimentSpec(), edit.path)}: {_short(edit.old)} → {_short(edit.new)}"
    return f"{change} before step {grouped(edit.step + 1)}"


def _short(value: Any) -> str:
    text = short(value) if isinstance(value, float) else "off" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
