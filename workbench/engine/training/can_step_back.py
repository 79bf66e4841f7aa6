"""Whether a run can go back some steps, found without torch."""

from __future__ import annotations

from typing import Final

from workbench.engine.core.events import RunStarted
from workbench.engine.core.text import grouped

#: Larger networks keep no states in memory.
MOST_PARAMETERS: Final = 200_000


def why_no_step_back(started: RunStarted | None, steps: int) -> str:
    """Why the run that has made ``steps`` steps cannot go back, as a sentence; empty if it can."""
    if started is None or not steps:
        return "No step to go back to yet."
    if started.spec.get("ensemble", {}).get("kind") == "independent":
        return "Only the steps of a single network are kept; this run trains several."
    data = started.spec.get("data", {})
    if data.get("folds") is not None and data.get("fold") is None:
        return "Only the steps of a single network are kept; this run trains one for each fold."
    if started.parameters > MOST_PARAMETERS:
        most, has = grouped(MOST_PARAMETERS), grouped(started.parameters)
        return f"The last steps of networks with up to {most} parameters are kept; this one has {has}."
    return ""
