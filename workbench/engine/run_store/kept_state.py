"""Reads the states of a run: verified by their hash, without running code in them; damaged ones are passed over."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.seal import is_intact
from workbench.engine.core.text import paths_text
from workbench.engine.run_store.checkpoints import BEST, FOLDER, GOOD, LAST, NEXT, PREVIOUS
from workbench.engine.run_store.digests import digest_of
from workbench.engine.run_store.manifest import agrees, steps_of
from workbench.engine.run_store.start import Which

#: The version of what a state holds besides tensors.
FORMAT: Final = 2
#: The key of what a state says of its run: see ``about``.
KEPT: Final = "kept"
_NEWEST_FIRST = (NEXT, LAST, PREVIOUS)


@dataclass(frozen=True, slots=True, eq=False)
class KeptState:
    """A state that was read from the file ``name``. ``damaged`` are the files that were passed over."""

    name: str
    state: dict[str, Any]
    damaged: tuple[str, ...] = ()

    @property
    def step(self) -> int:
        """The finished steps; of an ensemble the rounds in which a member has made one."""
        own = self.state.get("progress", self.state)
        return int(own["step"])

    @property
    def about(self) -> Mapping[str, Any]:
        """What it says of its run: ``log``, the size of the log at its moment, ``device``, ``threads``, ``torch``,
        ``program``, ``data``, for an ensemble ``members``. Empty in files of older states."""
        found = self.state.get(KEPT, {})
        return found if isinstance(found, Mapping) else {}


def kept_state(run: Path, which: Which = "last", below: int | None = None) -> KeptState | None:
    """The state ``which`` of the run in ``run``, or the next older one where it is damaged; None without any.

    ``below``: only those after fewer steps. Raises WorkbenchError where all are damaged, or a newer program wrote it.
    """
    damaged: list[str] = []
    for name in _candidates(run, which, below):
        state = _read(run / FOLDER / name)
        if state is None:
            damaged.append(name)
            continue
        found = KeptState(name, state, tuple(damaged))
        if found.about.get("format", 0) > FORMAT:
            raise WorkbenchError(f"{run / FOLDER / name} was written by a newer version of this program.")
        if below is None or found.step < below:
            return found
    if damaged and below is None:
        said = f"No state of the run in {run} can be read: {paths_text(damaged)} are damaged."
        raise WorkbenchError(f"{said} Its settings can be trained again.")
    return None


def _candidates(run: Path, which: Which, below: int | None) -> Iterator[str]:
    """The names of the files that are there, the first wanted first."""
    steps = steps_of(run)
    rest = sorted((GOOD, BEST), key=lambda name: -steps.get(name, -1))
    order = {"last": [*_NEWEST_FIRST, *rest], "good": [GOOD, BEST, PREVIOUS], "best": [BEST]}[which]
    if below is not None:
        order = sorted(order, key=lambda name: -steps.get(name, below))
    for name in order:
        if (run / FOLDER / name).is_file() and (below is None or steps.get(name, 0) < below):
            yield name


def _read(path: Path) -> dict[str, Any] | None:
    """The state in ``path``; None if it is damaged."""
    import torch

    try:
        intact = is_intact(path)
        if intact is None:  # an older state of the program wrote it
            intact = agrees(path, digest_of(path))
        if intact is False:
            return None
        state = torch.load(io.BytesIO(path.read_bytes()), map_location="cpu", weights_only=True)
        return state if isinstance(state, dict) and KeptState(path.name, state).step >= 0 else None
    except Exception:  # torch says in many ways that it cannot read a file
        return None
