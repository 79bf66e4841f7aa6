"""Finds the weights among what a file holds besides: training states, wrappers, common prefixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")

#: Under which names files keep the weights, the wanted first.
_WRAPPERS = ("state_dict", "model_state_dict", "model_state", "model", "network", "net", "module", "weights", "params")
#: Averages of the weights: taken where nothing else is there.
_AVERAGES = ("state_dict_ema", "model_ema", "ema_state_dict", "ema")
#: What wrapping a network puts before every name.
_PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "network.", "net.")
_MAX_DEPTH = 4


def unwrapped(value: Any, kind: type[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The path to the table of weights in ``value``, whose leaves are ``kind``, and a note on each wrapper.

    Raises LookupError with a few words if there is none or no telling which.
    """
    path: list[str] = []
    notes: list[str] = []
    while not _is_table(value, kind):
        if len(path) == _MAX_DEPTH or not isinstance(value, dict):
            raise LookupError("holds no table of weights")
        name = _next(value, kind)
        notes.append(_note(name, value, kind))
        path.append(name)
        value = value[name]
    return tuple(path), tuple(notes)


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
    if not tables:
        raise LookupError("holds no table of weights")
    if len(tables) > 1:
        several = ", ".join(tables[:4])
        raise LookupError(f"holds several tables of weights ({several}), and none is named as the network")
    return tables[0]


def _note(name: str, value: Mapping[Any, Any], kind: type[Any]) -> str:
    others = [other for other in (*_AVERAGES, "best_weights") if other != name and _is_table(value.get(other), kind)]
    also = f"; “{others[0]}” in it was left aside" if others else ""
    return f"The weights are those under “{name}” in the file{also}."


def without_prefix(tensors: dict[str, T]) -> tuple[dict[str, T], tuple[str, ...]]:
    """``tensors`` without a prefix that all names share, and a note on it."""
    notes: list[str] = []
    while (prefix := _shared(tensors)) is not None:
        tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
        notes.append(f"“{prefix}” was taken off the front of every name.")
    return tensors, tuple(notes)


def _shared(tensors: Mapping[str, Any]) -> str | None:
    if not tensors:
        return None
    return next((p for p in _PREFIXES if all(n.startswith(p) and len(n) > len(p) for n in tensors)), None)
