"""Where a run begins that does not begin at its first step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.engine.core.events import Edit

#: The kept states of a run: the newest, the newest that was measured and had not diverged, that with the best
#: validation accuracy.
Which = Literal["last", "good", "best"]


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with the run in whose folder it is trained. ``edits`` are live settings that change before it goes on.

    ``note`` is a sentence that is said with it. Unless it ``replays``, live edits made after the state are not made
    again.
    """

    which: Which = "last"
    edits: tuple[Edit, ...] = ()
    note: str = ""
    replays: bool = True


@dataclass(frozen=True, slots=True)
class Fork:
    """Branch off the run in the folder ``parent`` after ``step`` steps; None: from its state ``which``.

    The settings that are trained may differ from its own.
    """

    parent: Path
    step: int | None = None
    which: Which = "last"


Start = Resume | Fork
