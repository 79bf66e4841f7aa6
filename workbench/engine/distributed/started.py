"""Whether this process was started as one of several, found without importing torch."""

from __future__ import annotations

import os


def is_started_together() -> bool:
    """Whether torchrun, or the first process of a run, has started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE") or 1) > 1 and "RANK" in os.environ
