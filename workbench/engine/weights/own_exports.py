"""Files of this program's exports that hold too little to be used here: what to use instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: What to use instead of them.
INSTEAD: Final = "Use the run that it was exported from, or export that as safetensors: such a file is complete."
#: What an exported script keeps beside the weights of its ``network``.
_STATISTICS: Final = {"mean", "inverse_std"}


def script_words(names: Iterable[str]) -> str:
    """What to do where the ``names`` of tensors are those of an exported script's file; empty for others."""
    names = set(names)
    if not names >= _STATISTICS or not any(name.startswith("network.") for name in names):
        return ""
    what = "It belongs to an exported script, which keeps the classes and the network itself in its Python files"
    return f"{what}: predict.py beside it uses it. {INSTEAD}"


def is_program(names: Iterable[str]) -> bool:
    """Whether the ``names`` of files in an archive are those of a program of torch.export (.pt2)."""
    return {"archive_format", "models/model.json"} <= {name.partition("/")[2] for name in names}
