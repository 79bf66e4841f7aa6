"""An evaluation, at the end of an epoch or within it: what is measured of the model, and which one is the best."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import torch
from torch import nn

from workbench.engine.core.events import Command, EpochEnded, EvalProgress, Evaluated, Event, Measured, Notice
from workbench.engine.core.observed import Boundary
from workbench.engine.core.progress import Returned
from workbench.engine.data.split import Indices
from workbench.engine.diagnostics.decision_boundary import boundary
from workbench.engine.diagnostics.speed_limit import Sharpness
from workbench.engine.nn.tensors import cloned
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.divergence import is_eligible, note_recovery
from workbench.engine.training.evaluate import how_to_test, measure
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.shared_evaluation import measure_together
from workbench.engine.training.sharpness_measured import measured_sharpness, sharpness_notes


def evaluate(run: RunContext) -> EventStream:
    """Measure both splits alike. After the epoch's last step this closes the epoch; before the first step of the run it
    is the start that is measured, on a slice of each.

    Averages and snapshots are measured on validation too. A Stop leaves the evaluation: the epoch stays open.
    """
    yield from _Evaluation(run).events()


class _Evaluation:
    """One evaluation of a run's model, its averages and its snapshots, all in the same way."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._train_eval, self._val = run.data.measured_at(run.state.progress.step)
        self._rate = run.rate
        self._began = run.channel.seconds()
        self._trained_seconds = self._began - run.state.progress.epoch_seconds
        self._total = len(self._train_eval) + len(self._val) * (1 + sum(average.begun for average in run.averages))

    def events(self) -> EventStream:
        """Progress, then Evaluated or EpochEnded with what belongs to it."""
        run = self._run
        train_eval = yield from self._measured(self._train_eval, 0)
        if run.val_answers is not None:
            run.val_answers.clear()
        val = yield from self._measured(self._val, len(self._train_eval), keep=run.val_answers)
        averages = yield from self._measured_averages()
        sharpness = measured_sharpness(run, self._rate) if run.spec.loop.speed_limit else None
        event = self._counted(train_eval, val, averages, sharpness)
        notes = [Notice(event.step, "data_note", note, "info") for note in run.data.examples.late_notes()]
        yield from run.channel.offer(event, *self._boundary(), *notes, *sharpness_notes(run))

    def _boundary(self) -> list[Boundary]:
        """The answers over the plane, for 2-D examples; there is none between symbols."""
        run = self._run
        if run.data.examples.inputs.shape[1:] != (2,) or run.spec.data.source.vocabulary is not None:
            return []
        return [boundary(run.state.network, run.data.examples, run.state.progress.step)]

    def _measured_averages(self) -> Generator[Event, Command | None, dict[str, Measured]]:
        """Validation with each average's weights, batch norm statistics measured anew. The run's are not touched."""
        run, val = self._run, self._val
        found: dict[str, Measured] = {}
        done = len(self._train_eval) + len(val)
        for average in run.averages:
            if not average.begun or not len(val):
                continue
            for _ in average.refresh(run.data.examples, run.data.split.train, run.spec.loop.seed):
                yield from self._tell(done)
            measured = yield from self._measured(val, done, average.module)
            done += len(val)
            if measured is not None:
                found[average.kind] = measured
        yield from self._take_snapshot()
        if run.snapshots.latest is not None:
            found["ensemble"] = run.snapshots.latest
        return found

    def _take_snapshot(self) -> EventStream:
        """One more member of a snapshot ensemble, where the spec wants one now."""
        run, val = self._run, self._val
        progress, examples = run.state.progress, run.data.examples
        done = progress.epoch + 1
        if not self._closes or not len(val) or not run.snapshots.is_due(done, run.spec):
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
        group = run.channel.group
        if group is None:
            work = Returned(measure(module, examples, part, testing, run.network.stochastic, keep))
        else:
            work = Returned(measure_together(group, module, examples, part, testing, run.network.stochastic))
        for done in work:
            yield from self._tell(before + done)
            yield from run.channel.obey_broadcast()
        return work.result

    def _tell(self, done: int) -> EventStream:
        """Send how far it is, or which pictures are waited for, which is no time of training."""
        run = self._run
        waiting = run.data.examples.waiting
        if waiting is not None:
            run.channel.skip_waiting()
        spent = run.channel.seconds() - self._began
        progress = EvalProgress(run.state.progress.step, done, self._total, seconds=spent)
        yield from run.channel.offer(waiting or progress)

    @property
    def _closes(self) -> bool:
        """Whether the epoch's last step is done."""
        return self._run.state.progress.batch >= self._run.batches.per_epoch

    def _counted(
        self,
        train_eval: Measured | None,
        val: Measured | None,
        averages: Mapping[str, Measured],
        sharpness: Sharpness | None,
    ) -> Evaluated:
        """Count the evaluation in the run's progress, and close the epoch if its last step is done."""
        run, progress = self._run, self._run.state.progress
        trained, closes = progress.offset, self._closes
        note_recovery(run, val or train_eval)
        is_best = self._rank(val)
        if closes:
            progress.memory = run.spec.schedule.after_measurement(progress.memory, train_eval, val)
            progress.close_epoch(is_measured=val is not None)
        made = EpochEnded if closes or not progress.step else Evaluated
        event = made(
            epochs_done=progress.epoch,
            step=progress.step,
            seconds=run.channel.seconds(),
            lr=progress.rate if trained else self._rate,
            running_loss=progress.loss_sum / trained if trained else None,
            running_accuracy=progress.correct / trained if trained else None,
            train_eval=train_eval,
            val=val,
            is_best=is_best,
            epochs_without_improvement=0 if progress.improved else progress.stale,
            images_per_second=trained / self._trained_seconds if trained and self._trained_seconds > 0 else 0.0,
            averages=averages,
            sharpness=None if sharpness is None else sharpness.eigenvalue,
            sharpness_limit=None if sharpness is None else sharpness.limit,
        )
        progress.measured_start = True
        progress.measured_step = progress.step
        if made is EpochEnded:
            progress.begin_epoch(run.channel.seconds())
        else:
            progress.epoch_seconds += run.channel.seconds() - self._began
        return event

    def _rank(self, val: Measured | None) -> bool:
        """Whether ``val`` is the best so far, which the start never is. Keeps the weights if so."""
        state, progress = self._run.state, self._run.state.progress
        if val is None or not progress.step or not is_eligible(self._run, val):
            return False
        if not progress.rank(val, self._run.spec.loop.min_change):
            return False
        state.best_weights = cloned(state.network.state_dict())
        return True
