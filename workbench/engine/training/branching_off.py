"""A run branches off another one: from a state that it has kept, or from any step that can be trained again."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EvalProgress, Event, Resumed, RunEnded, Stepped
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import counted, grouped
from workbench.engine.run_store.kept_state import KeptState, kept_state
from workbench.engine.run_store.log_cut import log_cut
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.resumable import started_as
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Fork
from workbench.engine.training.going_on import NO_ROWS, due_edits
from workbench.engine.training.trainable import Make

State = Mapping[str, Any]


def branched_off(
    start: Fork, make: Make, again: Make, folder: RunFolder | None, steps: StepStore
) -> Generator[Loading, None, Run]:
    """The run of the new settings, which then yields RunStarted and all that comes; ``steps`` begin where it does.

    ``again`` makes what trains the parent's own settings once more. Yields progress. Raises WorkbenchError.
    """
    yield Loading(0, 0, "Reading the kept state")
    state, at = yield from _state_of_parent(start, again)
    steps.begin(at, NO_ROWS)
    training = make(folder, steps)
    training.origin.parent, training.origin.parent_step = start.parent.name, at
    training.origin.words = " ".join(training.branch_off(state))
    return training.run()


def _state_of_parent(start: Fork, again: Make) -> Generator[Loading, None, tuple[State, int]]:
    """The parent's state, and its step."""
    parent, step = start.parent, start.step
    kept = kept_state(parent, start.which) if step is None else kept_state(parent, below=step + 1)
    if step is not None and (kept is None or kept.step < step):
        return (yield from _trained_up_to(step, start, kept, again)), step
    if kept is None:
        raise WorkbenchError(f"The run in {parent} has kept no state of this kind.")
    return kept.state, kept.step


def _trained_up_to(step: int, start: Fork, kept: KeptState | None, again: Make) -> Generator[Loading, None, State]:
    """The parent's state after ``step`` steps, to which it goes once more from the state ``kept``."""
    begun = kept.step if kept is not None else 0
    started = started_as(start.parent)
    if kept is None and started is not None and started.parent:
        words = f"{start.parent.name} begins after {counted(started.parent_step, 'step')} of {started.parent}"
        raise WorkbenchError(f"{words}; fork that one to branch off earlier.")
    trial = again(None, StepStore())
    trial.origin.is_trial = True
    if not step:
        return trial.state()
    if kept is not None:
        trial.origin.resumed = Resumed(begun, kept.name, "nothing", "")
        trial.restore(kept.state)
    tape, loop = Tape(due_edits(log_cut(start.parent, kept), kept)), trial.run()
    try:
        event = next(loop)
        while not (isinstance(event, Stepped) and event.step == step):
            yield _progress(event, step, begun)
            event = loop.send(tape(event))
        return trial.state()
    finally:
        loop.close()


def _progress(event: Event, step: int, begun: int) -> Loading:
    if isinstance(event, RunEnded):
        raise WorkbenchError(f"There is no step {grouped(step)} to branch off: the run ends at {grouped(event.step)}.")
    done = event.step - begun if isinstance(event, (Stepped, EvalProgress)) else 0
    return Loading(done, step - begun, f"Training again up to step {grouped(step)}")
