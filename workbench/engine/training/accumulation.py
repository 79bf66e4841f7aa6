"""A batch in parts: their gradients are added up before the update, so that less memory is needed."""

from __future__ import annotations

from workbench.engine.catalog.settings import setting_of
from workbench.engine.spec.experiment import LoopSpec


def part_borders(examples: int, parts: int) -> list[int]:
    """Where a batch of ``examples`` is cut into ``parts`` of nearly equal size: 0, …, ``examples``.

    A part has at least two examples (batch norm needs two), so there may be fewer parts.
    """
    parts = max(1, min(parts, examples // 2))
    return [examples * number // parts for number in range(parts + 1)]


def part_size(batch_size: int, parts: int) -> int:
    """The examples of the largest part."""
    return -(-batch_size // max(1, min(parts, batch_size // 2)))


def more_parts(batch_size: int, parts: int) -> int | None:
    """Twice as many parts, so that each needs half the memory; None if they cannot be divided further, or if the
    setting allows no more."""
    most = setting_of(LoopSpec, "accumulate").knob.high
    assert most is not None
    return 2 * parts if 2 * parts <= min(batch_size // 2, most) else None
