"""The end of an epoch: what is measured of the model, and which epoch is the best so far."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import torch
from torch import nn

from workbench.engine.core.events import Boundary, Command, EpochEnded, EvalProgress, Event, Measured, Notice
from workbench.engine.core.progress import Returned
from workbench.engine.data.split import Indices
from workbench.engine.diagnostics.decision_boundary import boundary
from workbench.engine.nn.tensors import cloned
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.divergence import is_eligible, note_recovery
from workbench.engine.training.evaluate import how_to_test, measure
from workbench.engine.training.run_context import RunContext


def evaluate(run: RunContext) -> EventStream:
    """Measure both splits alike and close the epoch. Before the first step it is the start that is measured.

    Averages and snapshots are measured on validation too. A Stop leaves the evaluation: the epoch stays open.
    """
    yield from _Evaluation(run).events()


class _Evaluation:
    """One evaluation of a run's model, its averages and its snapshots, all in the same way."""

    def __init__(self, run: RunContext) -> None:
        self._run, self._split = run, run.data.split
        self._rate = run.rate
        self._trained_seconds = run.channel.seconds() - run.state.progress.epoch_seconds
        self._total = len(self._split.train_eval) + len(self._split.val)
        self._total += len(self._split.val) * sum(average.begun for average in run.averages)

    def events(self) -> EventStream:
        """Progress, then EpochEnded with what belongs to it."""
        run, split = self._run, self._split
        train_eval = yield from self._measured(split.train_eval, 0)
        if run.val_answers is not None:
            run.val_answers.clear()
        val = yield from self._measured(split.val, len(split.train_eval), keep=run.val_answers)
        averages = yield from self._measured_averages()
        ended = self._closed(train_eval, val, averages)
        notes = [Notice(ended.step, "data_note", note, "info") for note in run.data.examples.late_notes()]
        yield from run.channel.offer(ended, *self._boundary(), *notes)

    def _boundary(self) -> list[Boundary]:
        """The answers over the plane, for 2-D examples."""
        run = self._run
        if run.data.examples.inputs.shape[1:] != (2,):
            return []
        return [boundary(run.state.network, run.data.examples, run.state.progress.step)]

    def _measured_averages(self) -> Generator[Event, Command | None, dict[str, Measured]]:
        """Validation with each average's weights, batch norm statistics measured anew. The run's are not touched."""
        run, split = self._run, self._split
        found: dict[str, Measured] = {}
        done = len(split.train_eval) + len(split.val)
        for average in run.averages:
            if not average.begun or not len(split.val):
                continue
            for _ in average.refresh(run.data.examples, split.train, run.spec.loop.seed):
                yield from self._tell(done)
            measured = yield from self._measured(split.val, done, average.module)
            done += len(split.val)
            if measured is not None:
                found[average.kind] = measured
        yield from self._take_snapshot()
        if run.snapshots.latest is not None:
            found["ensemble"] = run.snapshots.latest
        return found

    def _take_snapshot(self) -> EventStream:
        """One more member of a snapshot ensemble, where the spec wants one now."""
        run, val = self._run, self._split.val
        progress, examples = run.state.progress, run.data.examples
        done = progress.epoch + 1
        if not progress.offset or not len(val) or not run.snapshots.is_due(done, run.spec):
            return
        for _ in run.snapshots.take(run.state.network, run.spec, examples, val, done):
            yield from run.channel.offer(EvalProgress(progress.step, self._total, self._total))
        labels, seconds = examples.labels_of(val).cpu(), run.channel.seconds()
        yield from run.channel.offer(run.snapshots.event(done, progress.step, run.network.parameters, seconds, labels))

    def _measured(
        self, part: Indices, before: int, network: nn.Module | None = None, keep: list[torch.Tensor] | None = None
    ) -> Generator[Event, Command | None, Measured | None]:
        """Measure ``part`` with ``network`` (the run's by default); ``before`` examples are done already."""
        run = self._run
        module, examples, testing = network, run.data.examples, how_to_test(run.spec)
        if module is None:
            module = run.state.network
            if testing.is_plain:
                module, examples = run.network.reuse.shortcut(module, examples)
        work = Returned(measure(module, examples, part, testing, run.network.stochastic, keep))
        for done in work:
            yield from self._tell(before + done)
        return work.result

    def _tell(self, done: int) -> EventStream:
        """Send how far it is, or which pictures are waited for, which is no time of training."""
        run = self._run
        waiting = run.data.examples.waiting
        if waiting is not None:
            run.channel.skip_waiting()
        yield from run.channel.offer(waiting or EvalProgress(run.state.progress.step, done, self._total))

    def _closed(
        self, train_eval: Measured | None, val: Measured | None, averages: Mapping[str, Measured]
    ) -> EpochEnded:
        """Close the epoch in the run's progress; before the first step there is none to close."""
        run, progress = self._run, self._run.state.progress
        trained = progress.offset
        note_recovery(run, val or train_eval)
        is_best = self._rank(val)
        if trained:
            progress.epoch += 1
            progress.memory = run.spec.schedule.after_measurement(progress.memory, train_eval, val)
        event = EpochEnded(
            epochs_done=progress.epoch,
            step=progress.step,
            seconds=run.channel.seconds(),
            lr=progress.rate if trained else self._rate,
            running_loss=progress.loss_sum / trained if trained else None,
            running_accuracy=progress.correct / trained if trained else None,
            train_eval=train_eval,
            val=val,
            is_best=is_best,
            epochs_without_improvement=progress.stale,
            images_per_second=trained / self._trained_seconds if trained and self._trained_seconds > 0 else 0.0,
            averages=averages,
        )
        progress.measured_start = True
        progress.offset = progress.batch = 0
        progress.loss_sum = progress.correct = 0.0
        progress.epoch_seconds = run.channel.seconds()
        return event

    def _rank(self, val: Measured | None) -> bool:
        """Whether ``val`` is the best so far: highest accuracy, ties by lower loss. Keeps the weights if so."""
        state, progress = self._run.state, self._run.state.progress
        if val is None:
            return False
        is_better = (val.accuracy, -val.loss) > (progress.best_accuracy, -progress.best_loss)
        if not is_better or not is_eligible(self._run, val):
            progress.stale += 1
            return False
        progress.best_accuracy, progress.best_loss = val.accuracy, val.loss
        progress.best_epoch = progress.epoch + 1 if progress.offset else 0
        progress.stale = 0
        state.best_weights = cloned(state.network.state_dict())
        return True
