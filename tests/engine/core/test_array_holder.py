"""What is held in memory when a run begins, and when it is dropped."""

from __future__ import annotations

import gc
import weakref

import numpy as np

from workbench.engine.core.array_holder import KEEP_BELOW, ArrayHolder


def test_a_run_finds_the_data_that_was_just_read_and_drops_it_when_it_takes_it() -> None:
    """Else a large set that the window has read is read again when Train is pressed."""
    holder, large = ArrayHolder(), np.zeros(KEEP_BELOW, np.uint8)
    held = weakref.ref(large)
    holder.hold(large)
    del large
    with holder.run():
        gc.collect()
        found = held()
        assert found is not None
        holder.hold(found)  # the run asks for it: from now on it is the run's own
        del found
        gc.collect()
        assert held() is None


def test_a_large_array_is_dropped_while_a_run_trains_when_the_last_reader_ends() -> None:
    holder, large = ArrayHolder(), np.zeros(KEEP_BELOW, np.uint8)
    held = weakref.ref(large)
    with holder.run():
        with holder.reader():
            holder.hold(large)
            del large
            gc.collect()
            assert held() is not None
        gc.collect()
        assert held() is None
