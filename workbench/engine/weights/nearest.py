"""Which known network is nearest to weights that are of none, and what of it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from workbench.engine.core.text import counted, grouped
from workbench.engine.weights.adapters import adapter_words
from workbench.engine.weights.matching import shown_name
from workbench.engine.weights.own_exports import script_words
from workbench.engine.weights.recognise import Recognised, best_guess
from workbench.engine.weights.torchvision_candidates import relatives

if TYPE_CHECKING:
    from workbench.engine.weights.load_weights import WeightsFile

#: A network of whose weights and the file's a smaller share is the same is not called near.
_NEAR: Final = 0.2
_NAMED: Final = 3


def nearest_words(file: WeightsFile) -> str:
    """A sentence on the network that is nearest to ``file``, which is of none, or on the adapter that it is; empty
    where none is near."""
    if said := adapter_words(file.tensors) or script_words(file.tensors):
        return said
    try:
        best = best_guess(relatives(file.tensors), file.tensors)
    except (IndexError, KeyError, ValueError, ZeroDivisionError):  # shapes that are of no network of the family
        return ""
    return _said(best[1]) if best is not None and best[0] >= _NEAR else ""


def _said(found: Recognised) -> str:
    kinds = (
        ("missing", [shown_name(name) for name in found.missing]),
        ("left over", list(found.left_over)),
        ("of another shape", [shown_name(name) for name, _, _ in found.wrong]),
    )
    parts = ", ".join(_listed(words, names) for words, names in kinds if names)
    match = f"with {counted(len(found.matches), 'tensor')} that match"
    return f"The nearest is {found.title}, {match}; {parts}. Save the whole state_dict of the network again."


def _listed(words: str, names: Sequence[str]) -> str:
    """``12 are missing (layer4.0.conv1.weight, …)``."""
    more = ", …" if len(names) > _NAMED else ""
    are = "is" if len(names) == 1 else "are"
    return f"{grouped(len(names))} {are} {words} ({', '.join(names[:_NAMED])}{more})"
