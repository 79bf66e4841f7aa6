"""A run goes on from a state that its folder has kept, to the same bits as if it had never stopped."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import torch

import workbench
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Edit, Edited, Event, Resumed, RunStarted
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import COLUMNS, Floats, StepStore
from workbench.engine.core.text import counted, paths_text
from workbench.engine.data.fingerprint import changes
from workbench.engine.nn.arithmetic import Arithmetic
from workbench.engine.nn.stochastic_layers import FractionalMaxPool
from workbench.engine.run_store.kept_state import KeptState, kept_state
from workbench.engine.run_store.log_cut import LogCut, log_cut
from workbench.engine.run_store.manifest import figures_of
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.resumable import NOTHING_KEPT, how_it_goes_on, last_event
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Resume
from workbench.engine.run_store.steps_file import figures_trouble, read_steps_from
from workbench.engine.training.evaluate import EVALUATION
from workbench.engine.training.proof import prove
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.trainable import Make

NO_ROWS: Final[Floats] = np.empty((0, len(COLUMNS)))


def going_on(
    start: Resume, make: Make, trial: Make, folder: RunFolder, steps: StepStore
) -> Generator[Event, None, Run]:
    """The run in ``folder``, which then yields RunStarted, Resumed and all that comes.

    ``steps`` get what the run has trained. ``trial`` makes one that is thrown away. Yields progress.
    Raises WorkbenchError; nothing was changed then.
    """
    yield Loading(0, 0, "Reading the kept state")
    kept = kept_state(folder.path, start.which)
    if kept is None and start.which != "last":
        raise WorkbenchError(f"The run in {folder.path} has kept no state of this kind.")
    if kept is None and last_event(folder.path).get("event") == "RunEnded":
        raise WorkbenchError(NOTHING_KEPT)  # what it has reached stays
    at = kept.step if kept is not None else 0
    cut, (first, rows) = log_cut(folder.path, kept), _rows(folder)
    proof = yield from prove(trial, folder.path, kept, first, rows)
    folder.go_on(cut.head, at, _members(folder, kept))
    training = make(folder, steps)
    if kept is not None:
        training.restore(kept.state)
    lacking = fill(steps, first, rows, at)
    figures = figures_trouble(folder.path, figures_of(folder.path))
    said = [proof.words, *_words(kept, training.first), *lacking, figures, cut.trouble, start.note]
    words = " ".join([_where(kept, at), *(each for each in said if each)])
    name, edits = kept.name if kept is not None else "", due_edits(cut, kept) if start.replays else ()
    training.origin.parent, training.origin.parent_step, training.origin.measured = _begun(cut)
    training.origin.resumed = Resumed(at, name, proof.outcome, words, edits, cut.events)
    return steered(training.run(), Tape(edits), start.edits, folder)


def steered(run: Run, tape: Tape, edits: Sequence[Edit], folder: RunFolder) -> Run:
    """``run``, in which ``edits`` and those of ``tape`` are made as soon as it goes on; other commands come later.

    ``folder`` is told when it has gone on: from then on that is in its log.
    """
    waiting: list[Command] = []
    due: list[Command] = list(edits)
    has_begun = False
    event = next(run)
    try:
        while True:
            command = yield event
            waiting += [command] if command is not None else []
            if isinstance(event, Resumed):
                has_begun = True
                folder.went_on(event.checkpoint, event.step)
            again = tape(event)
            if again is not None:
                event = run.send(again)
            elif has_begun and due:
                event = run.send(due.pop(0))
            else:
                event = run.send(waiting.pop(0) if has_begun and waiting else None)
    except StopIteration:
        return
    finally:
        run.close()


def _begun(cut: LogCut) -> tuple[str, int, str]:
    """What the run said at its start: the parent, its step, and what was measured."""
    started = next((event for event in cut.events if isinstance(event, RunStarted)), None)
    return (started.parent, started.parent_step, started.measured) if started is not None else ("", 0, "")


def _where(kept: KeptState | None, at: int) -> str:
    if kept is None:
        return "No state was kept, so the run is trained again from its first step."
    head = f"The run goes on after {counted(at, 'step')}." if at else how_it_goes_on(0, "The run")
    if not kept.damaged:
        return head
    return f"{head} {paths_text(kept.damaged)} {'is' if len(kept.damaged) == 1 else 'are'} damaged."


def _words(kept: KeptState | None, run: RunContext) -> Iterator[str]:
    """What is not as it was when the state was kept."""
    about: Mapping[str, Any] = kept.about if kept is not None else {}
    yield from _machine(about, run)
    found = changes(about.get("data", {}), run.data.fingerprint)
    if found:
        yield f"The data have changed: {'; '.join(found)}. From here on the run learns from those of now."


def _machine(about: Mapping[str, Any], run: RunContext) -> Iterator[str]:
    if not about:
        return
    arithmetic = run.network.arithmetic
    now = {
        "device": run.where.device,
        "threads": run.where.threads,
        "torch": str(torch.__version__),
        "precision": arithmetic.precision,
        "memory_format": arithmetic.memory_format,
        "processes": run.spec.loop.processes,
    }
    names = {
        "threads": "number of threads",
        "processes": "number of processes",
        "torch": "version of torch",
        "memory_format": "memory format",
    }
    older = Arithmetic()  # before it could be chosen
    was = {"precision": older.precision, "memory_format": older.memory_format, "processes": 1, **about}
    other = [f"another {names.get(name, name)} ({value}, was {was.get(name)})" for name, value in now.items()
             if was.get(name) != value]  # fmt: skip
    if other:
        what = "the last bits may differ" if was["precision"] == now["precision"] else "the numbers differ"
        yield f"With {' and '.join(other)} {what} from here on."
    if about.get("evaluation", 1) != EVALUATION:
        yield from _evaluated_otherwise(run, arithmetic.memory_format == was["memory_format"] == "channels_last")
    if about.get("program") != workbench.__version__:
        yield f"It was trained with version {about.get('program')} of this program."


def _evaluated_otherwise(run: RunContext, is_channels_last: bool) -> Iterator[str]:
    if is_channels_last:
        yield "Evaluations are computed with channels last too now: their last bits may differ from here on."
    if any(isinstance(layer, FractionalMaxPool) for layer in run.network.stochastic):
        yield "Evaluations place the regions of fractional pooling evenly now: they are better from here on."


def _rows(folder: RunFolder) -> tuple[int, Floats]:
    try:
        return read_steps_from(folder.path)
    except WorkbenchError:
        return 0, NO_ROWS


def fill(steps: StepStore, first: int, rows: Floats, at: int) -> list[str]:
    """Give ``steps`` the rows up to the step ``at``; those that are lost are NaN."""
    first = min(first, at)
    known = rows[: at - first]
    lost = at - first - len(known)
    steps.begin(first, np.concatenate([known, np.full((lost, len(COLUMNS)), np.nan)]))
    return [f"The figures of {counted(lost, 'step')} before it are lost."] if lost else []


def _members(folder: RunFolder, kept: KeptState | None) -> tuple[tuple[bytes, int], ...]:
    """The lines of the log that stay of each member's, and its steps."""
    if kept is None:
        return ()
    said = kept.about.get("members", [None] * len(kept.state.get("members", ())))
    found = []
    for number, (each, position) in enumerate(zip(kept.state.get("members", ()), said, strict=True), 1):
        own = KeptState(kept.name, each["training"])
        found.append((log_cut(folder.path / f"member-{number}", own, position).head, own.step))
    return tuple(found)


def due_edits(cut: LogCut, kept: KeptState | None) -> tuple[Edited, ...]:
    """The edits that are made again; the evaluation at the kept step is behind the state, or comes once more."""
    if kept is None:
        return cut.edits
    own = kept.state.get("progress", kept.state)
    is_measured = own.get("measured_step", kept.step) == kept.step
    return tuple(replace(e, measured=e.measured and not is_measured) if e.step == kept.step else e for e in cut.edits)
