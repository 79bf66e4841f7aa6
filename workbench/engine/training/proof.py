"""The proof of a resume: a batch that the run has trained is trained again, and the loss compared to the last bit."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Edited, EvalProgress, Resumed, RunEnded, Stepped
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import Floats, StepStore
from workbench.engine.core.text import grouped, number_text
from workbench.engine.run_store.kept_state import KeptState, kept_state
from workbench.engine.run_store.log_cut import log_cut
from workbench.engine.run_store.replay import Tape
from workbench.engine.training.trainable import Make

_NOTHING: Final = "There is no kept batch yet to compare with."


@dataclass(frozen=True, slots=True)
class Proof:
    """What has come of it; see ``Resumed``."""

    outcome: Literal["equal", "differs", "nothing"] = "nothing"
    words: str = _NOTHING


#: Of batches that several processes have trained: their sums have another order, so that the last bits differ.
_SHARED: Final = Proof("nothing", "No batch is compared: several processes have trained them together.")


def prove(make: Make, run: Path, kept: KeptState | None, first: int, rows: Floats) -> Generator[Loading, None, Proof]:
    """Train a batch of the run in ``run`` again, from the newest state whose next step is in ``rows``.

    ``kept`` is the state from which it goes on, ``first`` the step of the first row. Yields only progress.
    """
    stop = first + len(rows)
    if kept is None:
        return Proof()
    state = kept if first <= kept.step < stop else kept_state(run, below=min(stop, kept.step))
    if state is None or not first <= state.step < stop:
        return Proof()
    if any(each.about.get("processes", 1) != 1 for each in (kept, state)):
        return _SHARED
    try:
        now = yield from _trained_again(make, state, log_cut(run, state).edits)
    except WorkbenchError as error:
        return Proof("differs", f"The batch of step {grouped(state.step + 1)} cannot be trained again: {error.message}")
    if now is None:
        return Proof()
    return _compared(state.step, float(rows[state.step - first, 0]), now)


def _compared(step: int, stored: float, now: float) -> Proof:
    where = f"the loss of step {grouped(step + 1)}"
    if np.float64(stored).tobytes() == np.float64(now).tobytes():
        return Proof("equal", f"Trained again, {where} is the same to the last bit.")
    said = f"it was {number_text(stored)} and is {number_text(now)} now"
    return Proof("differs", f"Trained again, {where} is not the same: {said}.")


def _trained_again(make: Make, state: KeptState, edits: Sequence[Edited]) -> Generator[Loading, None, float | None]:
    """The loss of the next batch after ``state``; None if none is left. A run of its own, which is thrown away."""
    steps = StepStore(1 << 13)
    trial = make(None, steps)
    trial.origin.is_trial = True
    trial.origin.resumed = Resumed(state.step, state.name, "nothing", "")
    trial.restore(state.state)
    tape, loop = Tape([each for each in edits if each.step <= state.step]), trial.run()
    try:
        event = next(loop)
        while not isinstance(event, (Stepped, RunEnded)):
            if isinstance(event, Loading):
                yield event
            elif isinstance(event, EvalProgress):
                yield Loading(event.done, event.total, event.words)
            event = loop.send(tape(event))
    finally:
        loop.close()
    return steps.last[0] if isinstance(event, Stepped) else None
