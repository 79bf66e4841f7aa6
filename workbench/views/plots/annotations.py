"""What happened in a run, as words at places on the x axis: edits ⚡ and the step at which it broke."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from workbench.bridge.setting_names import label_of
from workbench.engine.core.events import Edited
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.plots.run_curves import Ruler

_MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class Marks:
    """What happened, on the x axis of now."""

    edits: tuple[float, ...] = ()
    diverged: float | None = None


def marks_of(history: History, ruler: Ruler) -> Marks:
    """The marks on the x axis of now."""
    edits = tuple(float(x) for x in ruler.x([edit.step for edit in history.edits])) if history.edits else ()
    broken = next((notice.step for notice in history.notices if notice.code == "diverged"), None)
    return Marks(edits, None if broken is None else float(ruler.x(broken + 0.5)))


def edit_tip(history: History, ruler: Ruler, x: float, reach: float) -> str:
    """A tooltip's rich text about the edits within ``reach`` of ``x``; empty if there are none."""
    near = [edit for edit in history.edits if abs(float(ruler.x(edit.step)) - x) <= reach]
    lines = [escape(edit_words(edit)) for edit in near[:_MOST_LINES]]
    if len(near) > _MOST_LINES:
        lines.append(f"and {len(near) - _MOST_LINES} more")
    return "<br>".join(lines)


def edit_words(edit: Edited) -> str:
    """``Optimizer, Learning rate: 0.1 → 0.05 before step 121`` (steps count from 1 on screen)."""
    return (
        f"{label_of(ExperimentSpec(), edit.path)}: {_short(edit.old)} → {_short(edit.new)} before step {edit.step + 1}"
    )


def _short(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else "off" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
