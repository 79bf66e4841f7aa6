"""The clock of a run: it counts from Train on and leaves pauses out."""

from __future__ import annotations

from workbench.bridge.threads.stopwatch import Stopwatch


def test_pauses_are_left_out_and_a_new_run_counts_from_zero() -> None:
    now = [100.0]
    clock = Stopwatch(lambda: now[0])
    assert clock.seconds == 0.0
    clock.start()
    now[0] = 103.0
    assert clock.seconds == 3.0
    for held, at in ((True, 110.0), (True, 111.0), (False, 113.0), (False, 114.0)):
        clock.run(not held)
        now[0] = at
    assert clock.seconds == 3.0 + 3.0
    clock.run(False)
    now[0] = 200.0
    assert clock.seconds == 6.0
    clock.start()
    assert clock.seconds == 0.0
