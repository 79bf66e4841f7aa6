"""A state of another network is refused, with a table of what does not fit; never loaded in part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.training.run_context import RunContext

#: At most this many rows are shown.
_ROWS: Final = 8


def refuse_misfit(run: RunContext, saved: Mapping[str, Any]) -> None:
    """Raise WorkbenchError if the network in the state ``saved`` is not that of ``run``."""
    if "network" not in saved:
        raise WorkbenchError("The kept state is that of another kind of run: one network, or several together.")
    rows = list(_misfits(run.state.network.state_dict(), saved["network"]))
    if not rows:
        return
    table = [("Layer", "Saved", "Expected"), *rows[:_ROWS]]
    width = [max(len(row[column]) for row in table) for column in range(3)]
    lines = ["  ".join(cell.ljust(size) for cell, size in zip(row, width, strict=True)).rstrip() for row in table]
    more = [f"and {len(rows) - _ROWS} more"] if len(rows) > _ROWS else []
    raise WorkbenchError("\n".join(["The kept state is that of another network.", *lines, *more]), "model")


def _misfits(expected: Mapping[str, Any], saved: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*expected, *saved]):
        was, wanted = (_shape(each[name]) if name in each else "–" for each in (saved, expected))
        if was != wanted:
            yield name, was, wanted


def _shape(tensor: torch.Tensor) -> str:
    return " × ".join(map(str, tensor.shape)) or "one number"
