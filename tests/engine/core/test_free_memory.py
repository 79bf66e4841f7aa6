"""Memory that is no longer used goes back to the system."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from workbench.engine.core.free_memory import give_back


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(
    sys.platform != "linux", reason="only the allocator of Linux (glibc) keeps freed blocks; the test reads /proc"
)
def test_free_blocks_between_used_ones_are_given_back() -> None:
    blocks = [np.ones(12_500) for _ in range(2_000)]  # 100 kB each: too small for blocks of their own
    kept = blocks[1::2]
    kept.append(np.ones(12_500))
    before = resident()
    del blocks
    give_back()
    assert before - resident() > 60 * 1_000_000
    assert len(kept) == 1_001
