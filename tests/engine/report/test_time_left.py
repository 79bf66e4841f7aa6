"""The time that a run still needs, and the lines of a run without a window: made-up clocks, sums by hand."""

from __future__ import annotations

import pytest

from tests.engine.report.curves import measured, started
from workbench.engine.core.events import EpochEnded, EvalProgress, Evaluated, Stepped
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.report.pulse import Pulse
from workbench.engine.report.time_left import seconds_left
from workbench.engine.run_store.history import History

PER_EPOCH, STEP, EACH = 23, 0.5, 0.01  # seconds of a step, and of an evaluated example; 360 + 360 of them an evaluation
EVALUATION = 720 * EACH


class MadeUp:
    """A run with a clock of its own."""

    def __init__(self) -> None:
        self.history = History(StepStore(64))
        self.history.fold(started())
        self.clock = 0.0

    def evaluate(self, n: int = 360, cls: type[Evaluated] = EpochEnded) -> MadeUp:
        step = self.history.steps.count
        self.clock += 2 * n * EACH
        part = measured(1.0, 0.5, n=n)
        self.history.fold(cls(step // PER_EPOCH, step, self.clock, 0.1, None, None, part, part, False, 0, 0.0))
        return self

    def step(self, steps: int, seconds: float = STEP) -> MadeUp:
        for _ in range(steps):
            self.clock += seconds
            self.history.steps.append(1.0, 0.5, 0.1, 1.0, self.clock)
        return self


def test_nothing_is_known_before_anything_was_computed() -> None:
    assert seconds_left(History(), 3) is None and seconds_left(MadeUp().history, 3) is None


def test_before_the_first_step_its_pace_is_guessed_from_the_evaluation() -> None:
    """A step is three forward passes of 1437 / 23 examples; a quarter of the evaluation is still to come."""
    under_way = EvalProgress(0, 300, 400, seconds=300 * EACH)
    left = seconds_left(MadeUp().history, 2, None, under_way)
    assert left == pytest.approx(100 * EACH + 2 * 3 * EACH * 1437 + 2 * EVALUATION)
    assert seconds_left(MadeUp().evaluate(100).history, 2) == pytest.approx(2 * 3 * EACH * 1437 + 2 * EVALUATION)


@pytest.mark.parametrize("done", [1, 5, 22])
def test_steps_and_evaluations_that_are_left_are_summed(done: int) -> None:
    """From the first step on: the time of the start's evaluation is not taken for that of a step."""
    made = MadeUp().evaluate(100).step(done)
    assert seconds_left(made.history, 2) == pytest.approx((46 - done) * STEP + 2 * EVALUATION)


def test_the_pace_is_that_of_the_steps_since_the_last_evaluation() -> None:
    made = MadeUp().evaluate().step(23, 9.0).evaluate()
    assert seconds_left(made.history, 2) == pytest.approx(23 * 9.0 + EVALUATION)  # none since: those before it
    assert seconds_left(made.step(3).history, 2) == pytest.approx(20 * STEP + EVALUATION)


def test_evaluations_within_epochs_are_counted() -> None:
    made = MadeUp().evaluate().step(13)
    assert seconds_left(made.history, 1, 4) == pytest.approx(10 * STEP + (1 + 2) * EVALUATION)


def test_a_run_that_is_done_needs_nothing() -> None:
    assert seconds_left(MadeUp().evaluate().step(23).evaluate().history, 1) == 0.0


def test_lines_come_after_a_second_and_then_ever_more_rarely() -> None:
    now = [0.0]
    steps = StepStore(1024)
    pulse = Pulse(steps, lambda: now[0])
    said = [(now[0], pulse.words(Loading(0, 0, "Reading the files")))]
    now[0] = 1.5
    said.append((now[0], pulse.words(Loading(0, 0, "Reading the files"))))
    pulse.words(started())
    now[0] = 4.0
    said.append((now[0], pulse.words(EvalProgress(0, 1000, 4000, seconds=2.0))))
    for step in range(1, 400):
        now[0] = 4.0 + 0.25 * step
        steps.append(1.0, 0.5, 0.1, 1.0, 2.5 + 0.25 * step)
        said.append((now[0], pulse.words(Stepped(step))))
    lines = [(when, words) for when, words in said if words]
    assert [when for when, _ in lines] == [1.5, 4.0, 8.0, 16.0, 32.0, 62.0, 92.0]
    assert [words for _, words in lines[:2]] == [
        "reading the files  0:02",
        "evaluating: 1\u202f000 of 4\u202f000  0:04  ETA 2:37",
    ]
    assert lines[2][1].startswith("training: step 16 of 345  0:08  ETA 2:")
