"""Suggestions of what to try next: a path, a value and words. Pure; never applied automatically."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import He, Xavier
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import SpecError
from workbench.engine.core.text import counted, short, significant
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``spec.edited(path, value)`` applies it; ``words`` label the button, e.g. "Try dropout 0.2".

    ``why`` is the evidence for it in a sentence, empty where the verdict beside it says it. ``step`` is where a fork
    that tests it begins, None where none can.
    """

    path: str
    value: Any
    words: str
    why: str = ""
    step: int | None = None


#: Settings that a fork can change: the network keeps its parameters, and the data stay.
_FORKABLE = ("optimizer", "schedule", "regularization", "averaging", "augmentations", "loop")


def tested_from(suggestion: Suggestion, step: int) -> Suggestion:
    """``suggestion`` with the step from which a fork tests it, if one can."""
    can_fork = suggestion.path.partition(".")[0] in _FORKABLE
    return replace(suggestion, step=step) if can_fork else suggestion


def is_of_fork(suggestion: Suggestion | None) -> bool:
    """Whether a fork can test it with one value of one setting."""
    return (
        suggestion is not None and suggestion.step is not None and isinstance(suggestion.value, (bool, int, float, str))
    )


def less_fitting(history: History) -> Suggestion | None:
    """Against overfitting: dropout, or more of it up to 0.5. None where it is at 0.5 already."""
    members = setting_of_run(history, "regularization")
    if not isinstance(members, (list, tuple)):
        return None
    at = _dropout_at(members)
    if at is None:
        return Suggestion("regularization", [*members, {"kind": "dropout", "p": 0.2}], "Try dropout 0.2")
    path = f"regularization.{at}.p"
    p = setting_of_run(history, path)
    if not isinstance(p, float) or p >= 0.5:
        return None
    more = round(min(0.5, p + 0.2), 2)
    return Suggestion(path, more, f"Try dropout {short(more)}")


def lower_rate(history: History) -> Suggestion | None:
    """A tenth of the learning rate; nothing where the members of an ensemble have their own rates."""
    return _other_rate(history, 0.1)


def higher_rate(history: History) -> Suggestion | None:
    """Ten times the learning rate; nothing where the members of an ensemble have their own rates."""
    return _other_rate(history, 10.0)


def _other_rate(history: History, factor: float) -> Suggestion | None:
    own = "optimizer.lr" in str(setting_of_run(history, "ensemble.differs"))
    rate = None if own else setting_of_run(history, "optimizer.lr")
    if not isinstance(rate, (int, float)) or rate <= 0:
        return None
    other = significant(rate * factor, 2)
    return Suggestion("optimizer.lr", other, f"Try learning rate {short(other)}")


def weaker_penalty(path: str, strength: float) -> Suggestion:
    """A tenth of the penalty at ``path``."""
    weaker = significant(strength / 10, 2)
    name = "weight decay" if path == "optimizer.weight_decay" else "a penalty of"
    return Suggestion(path, weaker, f"Try {name} {short(weaker)}")


def usual_initialization(history: History) -> Suggestion | None:
    """He, or Xavier for activations that saturate; None where the initial weights follow the width already."""
    kinds = members_of(Initialization)  # type: ignore[type-abstract]
    kind = str(setting_of_run(history, "model.init_weights.kind"))
    if kind not in kinds or kinds[kind].scaled:
        return None
    activations = members_of(Activation)  # type: ignore[type-abstract]
    activation = activations.get(str(setting_of_run(history, "model.activation.kind")))
    usual = Xavier if activation is not None and activation().gain() <= 1.0 else He
    return Suggestion("model.init_weights", {"kind": usual.kind}, f"Try {usual.title} initialization")


def more_capacity(history: History) -> Suggestion | None:
    """Less dropout where there is some, else hidden layers twice as wide."""
    members = setting_of_run(history, "regularization")
    at = _dropout_at(members) if isinstance(members, (list, tuple)) else None
    if at is not None:
        path = f"regularization.{at}.p"
        p = setting_of_run(history, path)
        if isinstance(p, float) and p > 0:
            return Suggestion(path, round(p / 2, 3), f"Try less dropout: {short(round(p / 2, 3))}")
    hidden = setting_of_run(history, "model.hidden")
    if not isinstance(hidden, (list, tuple)) or not hidden or max(hidden) > 4096:
        return None
    wider = [2 * size for size in hidden]
    return Suggestion("model.hidden", wider, f"Try wider layers: {', '.join(map(str, wider))}")


def living_units(history: History) -> Suggestion | None:
    """Leaky ReLU in place of ReLU; None where another activation is used."""
    if setting_of_run(history, "model.activation.kind") != "relu":
        return None
    return Suggestion("model.activation", {"kind": "leaky_relu"}, "Try leaky ReLU")


def unsaturated(history: History) -> Suggestion | None:
    """Initial weights that follow the width, else batch norm where there is none."""
    initial = usual_initialization(history)
    if initial is not None or setting_of_run(history, "model.batch_norm") != "off":
        return initial
    return Suggestion("model.batch_norm", "before", "Try batch norm")


def averaged_weights(history: History) -> Suggestion | None:
    """An exponential moving average of the weights; None where weights are averaged already."""
    if setting_of_run(history, "averaging") not in ([], ()):
        return None
    return Suggestion("averaging", [{"kind": "ema"}], "Try averaged weights (EMA)")


def more_epochs(history: History) -> Suggestion | None:
    """Twice as many epochs."""
    epochs = setting_of_run(history, "loop.epochs")
    if not isinstance(epochs, int) or epochs > 500_000:
        return None
    return Suggestion("loop.epochs", 2 * epochs, f"Train for {counted(2 * epochs, 'epoch')}")


def validation(history: History) -> Suggestion | None:
    """Hold a fifth back."""
    if setting_of_run(history, "data.validation_fraction") is None:
        return None
    return Suggestion("data.validation_fraction", 0.2, "Hold back 20 % for validation")


def changes_setting_of_run(suggestion: Suggestion, history: History, spec: ExperimentSpec) -> bool:
    """Whether ``spec`` still has the run's value of that setting and the suggestion would change it."""
    try:
        as_in_run = spec.edited(suggestion.path, setting_of_run(history, suggestion.path))
        return as_in_run == spec != spec.edited(suggestion.path, suggestion.value)
    except SpecError:  # there is no such setting, or not with this value
        return False


def _dropout_at(members: list[Any] | tuple[Any, ...]) -> int | None:
    kinds = (member.get("kind") if isinstance(member, Mapping) else None for member in members)
    return next((i for i, kind in enumerate(kinds) if kind == "dropout"), None)


def setting_of_run(history: History, path: str) -> Any:
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
