"""Runs that are kept, trained again for a scene: with their edits at the same steps, alone or as a race.

They are trained by the program's own loop without a folder, with the device and the threads of the record, so that on
the same build of PyTorch and the same kind of processor they have the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Edited, Evaluated, Event, RunEnded, RunStarted, Stepped, Stop
from workbench.engine.core.progress import Loading
from workbench.engine.core.race_events import RacerEvent
from workbench.engine.core.step_store import COLUMNS
from workbench.engine.core.text import counted, grouped, percent
from workbench.engine.data.store import DataStore
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.race.spec import RaceSpec
from workbench.engine.race.standings import Standings
from workbench.engine.run_store.history import History
from workbench.engine.run_store.replay import Tape
from workbench.engine.spec.experiment import ExperimentSpec

#: Maximum number of pictures of a run or race, and the number of steps over which they average the loss.
PICTURES: Final = 40
OVER: Final = 20
#: Steps at the end of a run over which its loss is averaged where it has no validation examples.
LAST: Final = 50


@dataclass(frozen=True, eq=False)
class KeptRun:
    """One run, as it was recorded or as it is trained again: its name and all that is known of it."""

    name: str
    history: History

    @property
    def losses(self) -> npt.NDArray[np.float64]:
        """The training loss of each step, (steps,), nats."""
        found: npt.NDArray[np.float64] = self.history.steps.read(0)[1][:, COLUMNS.index("loss")]
        return found

    @property
    def data_mark(self) -> str:
        """The mark of the data that it was trained on; empty before it has begun."""
        return self.history.started.data_mark if self.history.started is not None else ""

    @property
    def score(self) -> float:
        """The best validation accuracy after the first step, from 0 to 1; NaN without validation examples."""
        best = self.history.best
        return best.val.accuracy if best is not None and best.val is not None else float("nan")

    @property
    def last_loss(self) -> float:
        """The mean training loss of the last steps; NaN before the first."""
        losses = self.losses[-LAST:]
        return float(losses.mean()) if len(losses) else float("nan")


def picture_of(runs: Sequence[KeptRun]) -> Picture:
    """Losses and validation accuracies so far, and a table of those that have ended."""
    losses = tuple(line(run.name, *_smoothed(run.losses)) for run in runs)
    panels = [Panel(f"Loss, mean of {grouped(OVER)} steps", "Step", "Loss", losses)]
    scores = tuple(line(run.name, *_scores(run)) for run in runs)
    if any(len(each.x) for each in scores):
        panels.append(Panel("Validation accuracy", "Step", "Accuracy in per cent", scores))
    ended = [run for run in runs if run.history.ended is not None]
    rows = tuple((run.name or "The run", grouped(run.history.steps.count), _percent(run.score)) for run in ended)
    return Picture(tuple(panels), Table(("Run", "Steps", "Best validation"), rows) if rows else None)


def _smoothed(losses: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    if not len(losses):
        return np.empty(0), np.empty(0)
    over = OVER if len(losses) >= OVER else 1  # a run that has ended before has its single steps
    return np.arange(over, len(losses) + 1.0), np.convolve(losses, np.full(over, 1 / over), "valid")


def _scores(run: KeptRun) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    steps, scores = run.history.evaluations.column("step"), 100 * run.history.curve("val", "accuracy")
    is_measured = (steps > 0) & np.isfinite(scores)
    return steps[is_measured].astype(np.float64), scores[is_measured]


def _percent(share: float) -> str:
    return percent(share) if np.isfinite(share) else "–"


# --- Trained again ----------------------------------------------------------------------------------------------

Training = Generator[Frame, None, "tuple[KeptRun, ...]"]


def run_again(spec: ExperimentSpec, edits: Sequence[Edited], stop_after: int | None, data: DataStore) -> Training:
    """Train one run again, with ``edits`` at their steps, to its end or for ``stop_after`` steps.

    Raises WorkbenchError if it cannot begin or fails; one that diverges has ended as it did.
    """
    from workbench.engine.train import train

    kept = KeptRun("", History())
    command = _tape_and_stop(edits, stop_after)
    yield from _pulled(train(spec, None, kept.history.steps, data), command, kept.history.fold, [kept], stop_after)
    _refuse_failure(kept.history)
    return (kept,)


def race_again(race: RaceSpec, data: DataStore) -> Training:
    """Run a race again, with its live changes. Raises WorkbenchError if it cannot begin, or as a whole
    fails."""
    from workbench.engine.race.race import Race
    from workbench.engine.train import train

    standings = Standings(race.racers, target=race.target_loss)

    def make(number: int, _name: str, spec: ExperimentSpec) -> Run:
        return train(spec, None, standings.racers[number].history.steps, data)

    kept = [KeptRun(each.racer.name, each.history) for each in standings.racers]
    yield from _pulled(Race(race, make, data).run(), lambda _event: None, standings.fold, kept, None)
    failed = [run for run in kept if run.history.ended is not None and run.history.ended.reason == "failed"]
    if len(failed) == len(kept):
        _refuse_failure(failed[0].history)
    return tuple(kept)


def _refuse_failure(history: History) -> None:
    ended = history.ended
    if ended is not None and ended.reason == "failed" and ended.code != "diverged":
        raise WorkbenchError(ended.message)


def _tape_and_stop(edits: Sequence[Edited], stop_after: int | None) -> Callable[[Event], Command | None]:
    tape = Tape(edits)

    def command(event: Event) -> Command | None:
        found = tape(event)
        is_over = isinstance(event, Stepped) and stop_after is not None and event.step >= stop_after
        return Stop() if found is None and is_over else found

    return command


def _pulled(
    run: Run,
    commands: Callable[[Event], Command | None],
    fold: Callable[[Event], object],
    kept: Sequence[KeptRun],
    stop_after: int | None,
) -> Generator[Frame, None, None]:
    """Pull ``run`` to its end: a frame after each step, with a picture now and then."""
    command: Command | None = None
    steps, threads = 0, 0
    try:
        while True:
            with _threads(threads):
                try:
                    event = run.send(command)
                except StopIteration:
                    return
                threads = _threads_now()
            fold(event)
            if isinstance(event, Loading):
                yield Frame(event.done, event.total, event.words)
            elif isinstance(event, Stepped):
                steps += 1
                total = max(steps, stop_after or _total(kept))
                drawn = picture_of(kept) if steps % max(1, total // PICTURES) == 0 else None
                yield Frame(steps, total, f"Step {grouped(steps)} of {grouped(total)}{_of(kept)}", drawn)
            elif isinstance(event, (Evaluated, RunEnded, RacerEvent)):
                yield Frame(steps, steps, "Measuring", picture_of(kept))
            command = commands(event)
    finally:
        run.close()


def _of(kept: Sequence[KeptRun]) -> str:
    return f" in {counted(len(kept), 'run')}" if len(kept) > 1 else ""


def _total(kept: Sequence[KeptRun]) -> int:
    """The steps of the longest run as far as it is known: those that its settings ask for."""
    return max((_steps_of(each.history.started) for each in kept if each.history.started is not None), default=0)


def _steps_of(started: RunStarted) -> int:
    loop: dict[str, Any] = started.spec.get("loop", {})
    epochs, size = int(loop.get("epochs", 1)), int(loop.get("batch_size", 1))
    return epochs * max(1, -(-started.train_size // max(1, size)))


def _threads_now() -> int:
    import torch

    return torch.get_num_threads()


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """Set torch's number of threads to that of the run (0: unchanged), and restore it at exit."""
    import torch

    before = torch.get_num_threads()
    if number and number != before:
        torch.set_num_threads(number)
    try:
        yield
    finally:
        if torch.get_num_threads() != before:
            torch.set_num_threads(before)
