"""Finds the weights among what a file holds besides: training states, wrappers, common prefixes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from workbench.engine.catalog.models.weights_name import AUTO, WEIGHTS_NAME

T = TypeVar("T")

#: Under which names files keep the weights, the wanted first.
_WRAPPERS: tuple[str, ...] = ("state_dict", "model_state_dict", "model_state", "model", "network", "net", "module")
_WRAPPERS += ("weights", "params", "checkpoint")
#: Averages of the weights: taken where nothing else is there.
_AVERAGES = ("state_dict_ema", "model_ema", "ema_state_dict", "ema")
#: What wrapping a network puts before every name.
_PREFIXES: tuple[str, ...] = ("module.", "_orig_mod.", "model.", "backbone.", "network.", "net.", "ema_model.", "ema.")
#: Those of contrastive learning: the network that is kept.
_PREFIXES += ("encoder_q.", "base_encoder.", "online_encoder.", "encoder.")
#: Heads beside a prefix that all other names share.
HEADS = ("classifier.", "head.", "fc.", "linear.", "last_linear.", "logits.")
#: What frameworks save beside a network: losses (class weights), counters of metrics, counts of averaged steps.
_NOT_NEEDED = (
    re.compile(r"(?:loss|loss_fn|loss_func|loss_function|criterion|criteria)\w*\."),
    re.compile(
        r"(?:(?:train|training|val|valid|validation|test)_)?"
        r"(?:acc|accuracy|metrics?|f1|f1_?score|precision|recall|auroc|auc|confmat|confusion_matrix)\w*\."
    ),
    re.compile(r"(?:n_averaged|num_updates|decay|initted|step|steps|epoch|global_step)$"),
)
#: What to do where a name is not in the file.
OTHER_NAME = f"Give another name as “{WEIGHTS_NAME.label}”, or auto."
_MAX_DEPTH = 4
#: How many names a note lists.
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The ``path`` to a table of weights, a note on each wrapper, and which tables beside it could be ``chosen``."""

    path: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    choice: str = ""


def unwrapped(value: Any, kind: type[Any], chosen: str = AUTO) -> Unwrapped:
    """Where the table of weights in ``value`` is, whose leaves are ``kind``; ``chosen`` is its name or that of what
    holds it.

    Raises LookupError with a few words if there is none or no telling which, and with what to do where that is known.
    """
    path: list[str] = []
    notes: list[str] = []
    asides: list[str] = []
    while not _is_table(value, kind) or (chosen not in (AUTO, *path) and _has(value, chosen)):
        if len(path) == _MAX_DEPTH or not isinstance(value, dict):
            raise LookupError("holds no table of weights")
        name = chosen if chosen not in path and _has(value, chosen) else _next(value, kind)
        beside = _beside(name, value, kind)
        notes.append(f"The weights are those under “{name}” in the file{_words(beside)}.")
        asides += [notes[-1]] if beside else []
        path.append(name)
        value = value[name]
    if chosen not in (AUTO, *path):
        raise LookupError(f"holds no weights under the name {chosen!r}{_there(path)}", OTHER_NAME)
    return Unwrapped(tuple(path), tuple(notes), " ".join(asides))


def _has(value: Any, name: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(name), dict) and bool(value[name])


def _there(path: Sequence[str]) -> str:
    return f"; those under {path[0]!r} would be used" if path else "; it holds one network alone"


def _is_table(value: Any, kind: type[Any]) -> bool:
    """Whether most entries are tensors; a count of steps among them does not make it a training state."""
    if not isinstance(value, dict):
        return False
    here = sum(isinstance(each, kind) for each in value.values())
    return here > 0 and not any(isinstance(value.get(name), dict) for name in (*_WRAPPERS, *_AVERAGES))


def _next(value: Mapping[Any, Any], kind: type[Any]) -> str:
    for name in (*_WRAPPERS, *_AVERAGES):
        if isinstance(value.get(name), dict) and value[name]:
            return name
    tables = [name for name, each in value.items() if isinstance(name, str) and _is_table(each, kind)]
    if not tables and {"state", "param_groups"} <= value.keys():
        raise LookupError("holds the state of an optimizer and no network")
    if not tables:
        raise LookupError("holds no table of weights")
    if len(tables) > 1:
        several = ", ".join(tables[:4])
        text = f"holds several tables of weights ({several}), and none is named as the network"
        raise LookupError(text, f"Give the name of one as “{WEIGHTS_NAME.label}”.")
    return tables[0]


def _beside(name: str, value: Mapping[Any, Any], kind: type[Any]) -> list[str]:
    """The names of other networks' weights than ``name`` in ``value``."""
    known = (*_WRAPPERS, *_AVERAGES, "best_weights")
    alike = [each for each in value if isinstance(each, str) and each not in known and _is_as_large(value, each, name)]
    return [other for other in (*known, *alike) if other != name and _holds_table(value.get(other), kind)]


def _is_as_large(value: Mapping[Any, Any], other: str, name: str) -> bool:
    """Whether ``other`` has half as many entries as ``name`` or more: no statistics, and no weights of a loss."""
    return isinstance(value[other], dict) and 2 * len(value[other]) >= len(value[name])


def _holds_table(value: Any, kind: type[Any]) -> bool:
    """Whether ``value`` is a table, or a wrapper of one alone (``{"module": …}``)."""
    inner = [each for each in value.values() if isinstance(each, dict)] if isinstance(value, dict) else []
    return _is_table(value, kind) or (len(inner) == 1 and _is_table(inner[0], kind))


def _words(beside: Sequence[str]) -> str:
    if not beside:
        return ""
    names = " and ".join(f"“{name}”" for name in beside)
    was = "was" if len(beside) == 1 else "were"
    return f"; {names} in it {was} left aside (to use another, give its name as “{WEIGHTS_NAME.label}”)"


def needed(tensors: dict[str, T]) -> tuple[dict[str, T], tuple[str, ...]]:
    """``tensors`` without what is known not to belong to a network, and a note that lists it."""
    left = [name for name in tensors if any(pattern.match(name) for pattern in _NOT_NEEDED)]
    if not left or len(left) == len(tensors):
        return tensors, ()
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    note = f"Left out, since they belong to the training and not to the network: {', '.join(left[:_NAMED])}{more}."
    return {name: value for name, value in tensors.items() if name not in left}, (note,)


def without_prefix(tensors: dict[str, T]) -> tuple[dict[str, T], tuple[str, ...]]:
    """``tensors`` without a prefix that all names share, and a note on it."""
    notes: list[str] = []
    while (prefix := _shared(tensors)) is not None:
        heads = [name for name in tensors if not name.startswith(prefix)]
        tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
        which = f"every name but {', '.join(heads[:_NAMED])}" if heads else "every name"
        notes.append(f"“{prefix}” was taken off the front of {which}.")
    return tensors, tuple(notes)


def _shared(tensors: Mapping[str, Any]) -> str | None:
    if not tensors:
        return None
    names = [name for name in tensors if not name.startswith(HEADS)] or list(tensors)
    return next((p for p in _PREFIXES if all(n.startswith(p) and len(n) > len(p) for n in names)), None)
