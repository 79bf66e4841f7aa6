"""The next thing to try, as an edit of the settings: a path, a value and words. Pure; never applied by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.engine.core.text import short, significant
from workbench.engine.run_store.history import History


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``spec.edited(path, value)`` applies it; ``words`` stand on the button, e.g. "Try dropout 0.2"."""

    path: str
    value: Any
    words: str


def less_fitting(history: History) -> Suggestion | None:
    """Against overfitting: dropout, or more of it up to 0.5. None where it is at 0.5 already."""
    members = _get(history, "regularization")
    if not isinstance(members, (list, tuple)):
        return None
    at = _dropout_at(members)
    if at is None:
        return Suggestion("regularization", [*members, {"kind": "dropout", "p": 0.2}], "Try dropout 0.2")
    path = f"regularization.{at}.p"
    p = _get(history, path)
    if not isinstance(p, float) or p >= 0.5:
        return None
    more = round(min(0.5, p + 0.2), 2)
    return Suggestion(path, more, f"Try dropout {short(more)}")


def lower_rate(history: History) -> Suggestion | None:
    """A tenth of the learning rate; nothing where the members of an ensemble have rates of their own."""
    rate = None if "optimizer.lr" in str(_get(history, "ensemble.differs")) else _get(history, "optimizer.lr")
    if not isinstance(rate, (int, float)) or rate <= 0:
        return None
    lower = significant(rate / 10, 2)
    return Suggestion("optimizer.lr", lower, f"Try learning rate {short(lower)}")


def more_capacity(history: History) -> Suggestion | None:
    """Less dropout where there is some, else hidden layers twice as wide."""
    members = _get(history, "regularization")
    at = _dropout_at(members) if isinstance(members, (list, tuple)) else None
    if at is not None:
        path = f"regularization.{at}.p"
        p = _get(history, path)
        if isinstance(p, float) and p > 0:
            return Suggestion(path, round(p / 2, 3), f"Try less dropout: {short(round(p / 2, 3))}")
    hidden = _get(history, "model.hidden")
    if not isinstance(hidden, (list, tuple)) or not hidden or max(hidden) > 4096:
        return None
    wider = [2 * size for size in hidden]
    return Suggestion("model.hidden", wider, f"Try wider layers: {', '.join(map(str, wider))}")


def more_epochs(history: History) -> Suggestion | None:
    """Twice as many epochs."""
    epochs = _get(history, "loop.epochs")
    if not isinstance(epochs, int) or epochs > 500_000:
        return None
    return Suggestion("loop.epochs", 2 * epochs, f"Train for {2 * epochs} epochs")


def validation(history: History) -> Suggestion | None:
    """Hold a fifth back."""
    if _get(history, "data.validation_fraction") is None:
        return None
    return Suggestion("data.validation_fraction", 0.2, "Hold back 20 % for validation")


def _dropout_at(members: list[Any] | tuple[Any, ...]) -> int | None:
    kinds = (member.get("kind") if isinstance(member, Mapping) else None for member in members)
    return next((i for i, kind in enumerate(kinds) if kind == "dropout"), None)


def _get(history: History, path: str) -> Any:
    """The setting at ``path`` as the run has it now: the last live edit, else the spec; None if there is none."""
    for edit in reversed(history.edits):
        if edit.path == path:
            return edit.new
    value: Any = history.started.spec if history.started else None
    for part in path.split("."):
        try:
            value = value[int(part)] if isinstance(value, (list, tuple)) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value
