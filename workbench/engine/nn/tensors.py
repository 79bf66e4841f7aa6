"""Copies of nested tensors, and whether all their numbers are finite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch

_PLAIN: Final = frozenset((int, float, bool, str, type(None)))


@dataclass(frozen=True, slots=True)
class Unchanging:
    """A part of what ``copied`` copies that nobody changes in place; it is shared with the copy."""

    value: Any


def cloned(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Detached copies that share no memory with the originals."""
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def copied(value: Any, into: Any = None) -> Any:
    """A deep copy of nested dicts, lists and tuples of tensors and plain values; ``Unchanging`` parts are shared.

    ``into`` is an earlier copy that nobody needs any more: tensors of the same shape, type and device are written over,
    which is several times as fast as new memory. Without one, tensors stay on their device; with one they go to its.
    A tensor that is there twice is there twice in the copy.
    """
    return _copied(value, into, {})


def _copied(value: Any, into: Any, known: dict[int, torch.Tensor]) -> Any:
    if type(value) in _PLAIN:  # most of a state
        return value
    if isinstance(value, torch.Tensor):
        if id(value) not in known:
            known[id(value)] = _tensor(value, into)
        return known[id(value)]
    if isinstance(value, Unchanging):
        return value.value
    if isinstance(value, dict):
        old = into if isinstance(into, dict) else {}
        return {name: _copied(each, old.get(name), known) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        olds = into if isinstance(into, (list, tuple)) and len(into) == len(value) else [None] * len(value)
        return type(value)(_copied(each, old, known) for each, old in zip(value, olds, strict=True))
    return value


def _tensor(value: torch.Tensor, into: Any) -> torch.Tensor:
    value = value.detach()
    if isinstance(into, torch.Tensor) and into.shape == value.shape and into.dtype == value.dtype:
        return into.copy_(value)
    return value.clone()


def all_finite(tensors: Mapping[str, torch.Tensor]) -> bool:
    """Whether no tensor holds NaN or infinity."""
    return all(bool(t.isfinite().all()) for t in tensors.values() if t.is_floating_point())
