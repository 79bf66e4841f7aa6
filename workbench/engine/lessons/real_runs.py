"""Short runs of the program for a scene: several beside each other, with pictures as they go.

They are trained by the program's own loop, on the CPU in one thread and without a folder. Their numbers are to the last
bit those of a headless run with the same settings on ``cpu`` with one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.drive import Commands, Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, EpochEnded, EvalProgress, Event, Notice, RunEnded, Stepped
from workbench.engine.core.observed import Boundary, LayerStat, LayerStats
from workbench.engine.core.progress import translated
from workbench.engine.core.step_store import COLUMNS, StepStore
from workbench.engine.core.text import counted, grouped
from workbench.engine.data.loading import read
from workbench.engine.data.store import DataStore
from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.quantities import NamedSpec, Stage
from workbench.engine.playground.racer import one_thread
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import made
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.trainable import Trainable

#: Number of frames for all runs together, and the maximum number of steps of a run between two checks for cancellation.
PICTURES: Final = 50
CHUNK: Final = 20

#: Steps at the end of a run over which its loss is averaged.
LAST: Final = 50

#: Reads numbers from a run periodically; must not change the run.
Look = Callable[[RunContext], Mapping[str, float]]
#: Draws the runs that have begun.
Draw = Callable[[Sequence["RealRun"]], Picture]
#: Frames as the runs go on, then the runs.
Training = Generator[Frame, None, "tuple[RealRun, ...]"]


def nothing(_event: Event) -> Command | None:
    """Returns no command."""
    return None


class RealRun:
    """One run and all that is known of it. ``steps`` are its columns, ``events`` the rest but for its progress.

    ``layers`` are the layers as they were measured (``loop.diagnostics``), by their 0-based step; ``looks`` is what
    ``look`` has read, by finished steps.
    """

    def __init__(self, named: NamedSpec, commands: Commands = nothing, look: Look | None = None) -> None:
        self.name = named.name
        self.spec = here(named.spec)
        self.steps = StepStore()
        self.events: list[Event] = []
        self.layers: dict[int, Sequence[LayerStat]] = {}
        self.looks: dict[int, Mapping[str, float]] = {}
        self._commands, self._look = commands, look
        self._training: Trainable | None = None
        self._run: Run | None = None
        self._event: Event | None = None

    # --- Training -----------------------------------------------------------------------------------------------

    def begin(self, data: DataStore) -> Generator[Frame, None, None]:
        """Load the examples and build the network. Raises WorkbenchError if the run cannot start."""
        dataset = yield from translated(read(self.spec, data), lambda each: Frame(0, 0, each.words))
        with one_thread():
            self._training = made(self.spec, dataset, None, None, self.steps)
            self._run = self._training.run()

    def advance(self, steps: int) -> None:
        """Make as many steps, or less if the run ends. Raises WorkbenchError if it fails and does not just diverge."""
        assert self._run is not None, "it has not begun"
        until = self.steps.count + steps
        with one_thread():
            while self.ended is None and self.steps.count < until:
                self._take(next(self._run) if self._event is None else self._run.send(self._commands(self._event)))

    def _take(self, event: Event) -> None:
        self._event = event
        if isinstance(event, LayerStats):
            self.layers[event.step] = event.layers
        elif not isinstance(event, (Stepped, EvalProgress, Boundary)):
            self.events.append(event)
        if isinstance(event, RunEnded) and event.reason == "failed" and event.code != "diverged":
            raise WorkbenchError(event.message)

    def look(self) -> None:
        """Record the numbers of the ``Look`` function at the current step."""
        if self._look is None:
            return
        with one_thread(), torch.no_grad():
            self.looks[self.steps.count] = self._look(self.context)

    def close(self) -> None:
        """Abort the run if it has not ended."""
        if self._run is not None:
            self._run.close()

    # --- What is known of it ------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """The steps that it makes if nothing stops it."""
        return self.spec.loop.epochs * self.context.batches.per_epoch

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return 1.0 if self.ended is not None else self.steps.count / max(1, self.total)

    @property
    def training(self) -> Trainable:
        """What is trained: an ensemble, or one network. The run must have begun."""
        assert self._training is not None, "it has not begun"
        return self._training

    @property
    def context(self) -> RunContext:
        """The run's parts (of the first member, if there are several)."""
        return self.training.first

    @property
    def network(self) -> nn.Module:
        """The network as it is now: after the end that of the last step."""
        return self.context.network.module

    @property
    def ended(self) -> RunEnded | None:
        """Its last event; None before the end."""
        last = self.events[-1] if self.events else None
        return last if isinstance(last, RunEnded) else None

    @property
    def diverged_at(self) -> int | None:
        """The step (from 1) at which it has diverged for the first time; None if it has not. It may go on all the same,
        as long as its loss is a number."""
        return next((notice.step + 1 for notice in self.of(Notice) if notice.code == "diverged"), None)

    def of(self, kind: type[Any]) -> list[Any]:
        """Its events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def evaluations(self) -> list[EpochEnded]:
        """The evaluation before the first step, then that of each epoch."""
        return self.of(EpochEnded)

    def column(self, name: str) -> Array:
        """A column of the step store, shape (steps,), float64: ``loss``, ``accuracy``, ``lr``, ``grad_norm``."""
        return self.steps.read(0)[1][:, COLUMNS.index(name)]


def here(spec: ExperimentSpec) -> ExperimentSpec:
    """``spec`` as scenes train it: on the CPU, in one thread."""
    return spec.edited("loop.device", "cpu").edited("loop.threads", 1).edited("loop.fastest", False)


def side_by_side(stage: Stage, draw: Draw, look: Look | None = None) -> Training:
    """Train the runs of ``stage`` beside each other to their ends. What ``stage.trained`` has is not trained again.

    Raises WorkbenchError if a run cannot start or fails; one that diverges ends, and the others go on.
    """
    known = stage.trained.runs
    runs = [known.get(here(named.spec)) or RealRun(named, look=look) for named in stage.runs]
    yield from trained([run for run in runs if run.ended is None], lambda _: draw(runs), stage.trained.data)
    for run in runs:
        known[run.spec] = run
    return tuple(runs)


def trained(runs: Sequence[RealRun], draw: Draw, data: DataStore) -> Training:
    """Train ``runs`` beside each other to their ends: always the one of which the least is done."""
    try:
        for run in runs:
            yield Frame(0, 0, "The networks are built" if len(runs) > 1 else "The network is built")
            yield from run.begin(data)
        yield from _rounds(runs, draw)
    finally:
        for run in runs:
            run.close()
    return tuple(runs)


def _rounds(runs: Sequence[RealRun], draw: Draw) -> Generator[Frame, None, None]:
    total = sum(run.total for run in runs)
    every = max(1, total // PICTURES)
    for run in runs:
        run.look()
    while waiting := [run for run in runs if run.ended is None]:
        run = min(waiting, key=lambda each: each.share)
        until = run.steps.count + every
        while run.ended is None and run.steps.count < until:
            run.advance(min(CHUNK, until - run.steps.count))
            yield Frame(_done(runs), total, _words(runs, total))
        run.look()
        yield Frame(_done(runs), total, _words(runs, total), draw(runs))


def _done(runs: Sequence[RealRun]) -> int:
    return sum(run.total if run.ended is not None else run.steps.count for run in runs)


def _words(runs: Sequence[RealRun], total: int) -> str:
    of = f" in {counted(len(runs), 'run')}" if len(runs) > 1 else ""
    return f"Step {grouped(_done(runs))} of {grouped(total)}{of}"


def smoothed(run: RealRun, over: int) -> tuple[Array, Array]:
    """Finished steps (N,) and the mean loss of the last ``over`` steps at each (N,); empty before there are as many."""
    losses = run.column("loss")
    if len(losses) < over:
        return np.empty(0), np.empty(0)
    return np.arange(over, len(losses) + 1.0), np.convolve(losses, np.full(over, 1 / over), "valid")


def steps_to(run: RealRun, target: float, over: int) -> int | None:
    """Steps until the mean loss of ``over`` steps is below ``target``; None if it never is."""
    steps, losses = smoothed(run, over)
    found = np.flatnonzero(losses < target)
    return int(steps[found[0]]) if len(found) else None


def loss_at_end(run: RealRun) -> float:
    """The mean training loss of the last ``LAST`` steps; NaN if there are fewer."""
    losses = run.column("loss")[-LAST:]
    return float(losses.mean()) if len(losses) == LAST else float("nan")


def best_accuracy(run: RealRun) -> float:
    """The best validation accuracy after the first step, from 0 to 1; NaN without validation examples."""
    found = [event.val.accuracy for event in run.evaluations[1:] if event.val is not None]
    return max(found, default=float("nan"))


def gap(run: RealRun) -> float:
    """Validation loss minus training loss at the last evaluation; NaN where one of them was not measured."""
    last = run.evaluations[-1]
    if last.val is None or last.train_eval is None:
        return float("nan")
    return last.val.loss - last.train_eval.loss
