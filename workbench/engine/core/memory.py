"""Whether an array fits into the memory that is free."""

from __future__ import annotations

from workbench.engine.core.errors import WorkbenchError


def enough_memory(needed: int, what: str) -> None:
    """Raise WorkbenchError if ``needed`` bytes for ``what`` are more than the memory that is free."""
    import psutil

    free = int(psutil.virtual_memory().available)
    if needed > free:
        amounts = f"{needed / 1e9:,.1f} GB are needed, {free / 1e9:,.1f} GB are free"
        raise WorkbenchError(f"There is not enough memory for {what}: {amounts}.", "data.source")
