"""The end of an epoch: what is measured of the model, and which epoch is the best so far."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence

import torch
from torch import nn

from workbench.engine.core.events import Command, EpochEnded, EvalProgress, Event, Measured
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import Indices, Split
from workbench.engine.diagnostics.decision_boundary import boundary
from workbench.engine.nn.tensors import cloned
from workbench.engine.training.command_channel import Dialogue, Part
from workbench.engine.training.evaluate import how_to_test, measure
from workbench.engine.training.network import Network
from workbench.engine.training.snapshot_ensemble import SnapshotEnsemble
from workbench.engine.training.state import TrainState
from workbench.engine.training.weight_averaging import WeightAverage


class Measuring:
    """Measures a run's model, its averages and its snapshots, all in the same way."""

    def __init__(
        self,
        state: TrainState,
        network: Network,
        examples: Examples,
        split: Split,
        averages: Sequence[WeightAverage],
        snapshots: SnapshotEnsemble,
        dialogue: Dialogue,
    ) -> None:
        self._state, self._network, self._examples, self._split = state, network, examples, split
        self._averages, self._snapshots, self._dialogue = averages, snapshots, dialogue
        #: A list here is given the answers of each evaluation of validation, chunk by chunk.
        self.kept: list[torch.Tensor] | None = None

    def run(self, rate: float) -> Part:
        """Measure both splits alike and close the epoch; before the first step the start, which shows ``rate``."""
        progress = self._state.progress
        trained_seconds = self._dialogue.now() - progress.epoch_seconds
        total = len(self._split.train_eval) + len(self._split.val)
        total += len(self._split.val) * sum(average.begun for average in self._averages)
        train_eval = yield from self._measured(self._split.train_eval, 0, total)
        if self.kept is not None:
            self.kept.clear()
        val = yield from self._measured(self._split.val, len(self._split.train_eval), total, keep=self.kept)
        averages = yield from self._measured_averages(total)
        if self._dialogue.stopping:
            return
        yield from self._dialogue.offer(self._closed(train_eval, val, averages, trained_seconds, rate))
        if self._examples.inputs.shape[1:] == (2,):
            yield from self._dialogue.offer(boundary(self._state.network, self._examples, self._state.progress.step))

    def _measured_averages(self, total: int) -> Generator[Event, Command | None, dict[str, Measured]]:
        """Validation with each average's weights, batch norm statistics measured anew. The run's are not touched."""
        found: dict[str, Measured] = {}
        done = len(self._split.train_eval) + len(self._split.val)
        for average in self._averages:
            if not average.begun or not len(self._split.val):
                continue
            for _ in average.refresh(self._examples, self._split.train, self._state.spec.loop.seed):
                yield from self._tell(done, total)
                if self._dialogue.stopping:
                    return found
            measured = yield from self._measured(self._split.val, done, total, average.module)
            done += len(self._split.val)
            if measured is not None:
                found[average.kind] = measured
        yield from self._take_snapshot(total)
        if self._snapshots.latest is not None:
            found["ensemble"] = self._snapshots.latest
        return found

    def _take_snapshot(self, total: int) -> Part:
        """One more member of a snapshot ensemble, where the spec wants one now."""
        progress, val = self._state.progress, self._split.val
        done = progress.epoch + 1
        if not progress.offset or not len(val) or not self._snapshots.is_due(done, self._state.spec):
            return
        for _ in self._snapshots.take(self._state.network, self._state.spec, self._examples, val, done):
            yield from self._dialogue.offer(EvalProgress(progress.step, total, total))
            if self._dialogue.stopping:
                return
        labels = self._examples.labels_of(val).cpu()
        event = self._snapshots.event(done, progress.step, self._network.parameters, self._dialogue.now(), labels)
        yield from self._dialogue.offer(event)

    def _measured(
        self,
        part: Indices,
        before: int,
        total: int,
        network: nn.Module | None = None,
        keep: list[torch.Tensor] | None = None,
    ) -> Generator[Event, Command | None, Measured | None]:
        module, examples, testing = network, self._examples, how_to_test(self._state.spec)
        if module is None:
            module = self._state.network
            if testing.is_plain:
                module, examples = self._network.reuse.shortcut(module, examples)
        work = measure(module, examples, part, testing, self._network.stochastic, keep)
        while not self._dialogue.stopping:
            try:
                done = next(work)
            except StopIteration as finished:
                result: Measured | None = finished.value
                return result
            yield from self._tell(before + done, total)
        return None

    def _tell(self, done: int, total: int) -> Part:
        """How far it is, or which pictures are waited for, which is no time of training."""
        waiting = self._examples.waiting
        if waiting is not None:
            self._dialogue.leave_out()
        yield from self._dialogue.offer(waiting or EvalProgress(self._state.progress.step, done, total))

    def _closed(
        self,
        train_eval: Measured | None,
        val: Measured | None,
        averages: Mapping[str, Measured],
        trained_seconds: float,
        rate: float,
    ) -> EpochEnded:
        progress = self._state.progress
        trained = progress.offset
        is_best = self._rank(val)
        if trained:
            progress.epoch += 1
            progress.memory = self._state.spec.schedule.after_measurement(progress.memory, train_eval, val)
        event = EpochEnded(
            epochs_done=progress.epoch,
            step=progress.step,
            seconds=self._dialogue.now(),
            lr=progress.rate if trained else rate,
            running_loss=progress.loss_sum / trained if trained else None,
            running_accuracy=progress.correct / trained if trained else None,
            train_eval=train_eval,
            val=val,
            is_best=is_best,
            epochs_without_improvement=progress.stale,
            images_per_second=trained / trained_seconds if trained and trained_seconds > 0 else 0.0,
            averages=averages,
        )
        progress.measured_start = True
        progress.offset = progress.batch = 0
        progress.loss_sum = progress.correct = 0.0
        progress.epoch_seconds = self._dialogue.now()
        return event

    def _rank(self, val: Measured | None) -> bool:
        """Whether ``val`` is the best so far: highest accuracy, ties by lower loss. Keeps the weights if so."""
        progress = self._state.progress
        if val is None:
            return False
        if (val.accuracy, -val.loss) <= (progress.best_accuracy, -progress.best_loss) or not math.isfinite(val.loss):
            progress.stale += 1
            return False
        progress.best_accuracy, progress.best_loss = val.accuracy, val.loss
        progress.best_epoch = progress.epoch + 1 if progress.offset else 0
        progress.stale = 0
        self._state.best_weights = cloned(self._state.network.state_dict())
        return True
