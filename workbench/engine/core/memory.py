"""Whether an array fits into the memory that is free."""

from __future__ import annotations

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped


def free_memory() -> int:
    """Bytes of memory that are free now."""
    import psutil

    return int(psutil.virtual_memory().available)


def enough_memory(needed: int, what: str) -> None:
    """Raise WorkbenchError if ``needed`` bytes for ``what`` are more than the memory that is free."""
    free = free_memory()
    if needed > free:
        amounts = f"{grouped(needed / 1e9, 1)} GB are needed, {grouped(free / 1e9, 1)} GB are free"
        raise WorkbenchError(f"There is not enough memory for {what}: {amounts}.", "data.source")


#: What torch says where it raises a plain RuntimeError for memory that cannot be had: CPU, CUDA, cuDNN, cuBLAS, MPS.
_NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "alloc_failed")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` says that memory could not be allocated, on the CPU or on a GPU."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _NO_MEMORY)
