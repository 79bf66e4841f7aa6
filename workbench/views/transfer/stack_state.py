"""What the stack of blocks shows: the blocks, and where the freeze line is. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StackBlock:
    """One block as the stack shows it. ``key`` is its name in the settings; ``memory`` is bytes."""

    key: str
    name: str
    parameters: int
    memory: int = 0
    output: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class StackState:
    """Where the line is: ``line`` blocks from the input are below it. ``exceptions`` do not follow the line.

    ``waiting`` has words for blocks above the line that are frozen now and are trained later.
    """

    line: int = 0
    exceptions: frozenset[str] = frozenset()
    rates: Mapping[str, float] = field(default_factory=dict)
    norms_frozen: bool = False
    waiting: Mapping[str, str] = field(default_factory=dict)

    def frozen(self, index: int, key: str) -> bool:
        """Whether the block at ``index`` from the input is frozen."""
        return (index < self.line) != (key in self.exceptions)
