"""Where in a run an evaluation was made, in words."""

from __future__ import annotations

from workbench.engine.core.events import EpochEnded, Evaluated
from workbench.engine.core.text import grouped


def place_words(evaluation: Evaluated) -> str:
    """``epoch 3`` at an epoch's end, ``step 1 130`` within an epoch, ``the start`` before the first step."""
    if not evaluation.step:
        return "the start"
    if isinstance(evaluation, EpochEnded):
        return f"epoch {grouped(evaluation.epochs_done)}"
    return f"step {grouped(evaluation.step)}"


def when_words(evaluation: Evaluated) -> str:
    """``after epoch 3``, ``after step 1 130`` or ``before the first step``."""
    return f"after {place_words(evaluation)}" if evaluation.step else "before the first step"
