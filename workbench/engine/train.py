"""Training as a generator of events: it takes an Edit, a Stop or nothing at every yield and computes in between."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping
from typing import Literal

import torch
from torch import nn

from workbench.engine.averaging import averages_of
from workbench.engine.boundary import boundary
from workbench.engine.data import Examples
from workbench.engine.diagnostics import Diagnostics
from workbench.engine.drive import Run
from workbench.engine.ensembles.independent import Independent
from workbench.engine.evaluate import how_to_test, measure
from workbench.engine.events import (
    Command,
    Copied,
    Copy,
    Edit,
    Edited,
    EpochEnded,
    EvalProgress,
    Event,
    Measured,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.network import Network, build_network
from workbench.engine.problems import SpecError, WorkbenchError
from workbench.engine.randomness import permutation
from workbench.engine.resolve import Resolved, resolve
from workbench.engine.runs import RunFolder
from workbench.engine.snapshots import SnapshotEnsemble
from workbench.engine.spec import ExperimentSpec, live_paths, plain
from workbench.engine.split import Indices, Split, batch_borders, split
from workbench.engine.state import TrainState, cloned
from workbench.engine.steps import StepStore
from workbench.engine.update import Batch, Updater
from workbench.engine.watch import Watch

#: A loss this many times that of guessing and of the first batch is called diverged even if it is still a number.
DIVERGED_FACTOR = 1000.0
#: Files are written at most this often during a run (seconds), and always at its end.
SAVE_EVERY = 5.0
#: So many of the data's notes (files left out) are worth saying.
MAX_NOTES = 5

Part = Generator[Event, Command | None, None]


def train(spec: ExperimentSpec, folder: RunFolder | None = None, steps: StepStore | None = None) -> Run:
    """Train ``spec`` from its first step to its end. Per-step scalars go into ``steps``; files into ``folder``.

    Raises WorkbenchError (before the first event) with a sentence for the user if it cannot start.
    """
    if isinstance(spec.ensemble, Independent):
        from workbench.engine.ensemble import train_ensemble

        yield from train_ensemble(spec, folder, steps)
        return
    try:
        training = Training(spec, folder, steps)
    except Exception as error:
        if folder is not None:  # a start that failed is on record too
            folder.log(RunEnded("failed", 0, 0, 0.0, str(error), getattr(error, "path", "")))
            folder.close()
        raise
    yield from training.run()


class Training:
    """One run: its data, network and state. ``state`` may be copied and put back between two events."""

    classes: tuple[str, ...]
    shape: tuple[int, ...]

    def __init__(
        self,
        spec: ExperimentSpec,
        folder: RunFolder | None = None,
        steps: StepStore | None = None,
        like: Training | None = None,
    ) -> None:
        """``like`` is a run on the same data with the same preprocessing, whose examples are used."""
        errors = [p for p in spec.problems() if p.severity == "error"]
        if errors:
            raise SpecError(errors)
        self.initial = spec
        self.folder = folder
        self.steps = steps if steps is not None else StepStore()
        self.where: Resolved = resolve(spec.loop)
        torch.set_num_threads(self.where.threads)
        self._take_examples(like)
        self.network: Network = build_network(spec, self.shape, len(self.classes))
        self.network.module.to(self.where.device)
        optimizer = spec.optimizer.build(self.network.module)
        self.state = TrainState(spec, self.network.module, optimizer, self.network.tune)
        size = len(self.split.train)
        self.borders = batch_borders(size, size if spec.optimizer.full_batch else spec.loop.batch_size)
        self.averages = averages_of(spec.averaging, self.network.module, len(self.borders) - 1)
        self.state.companions.extend(self.averages)
        self.snapshots = SnapshotEnsemble()
        self.state.companions.append(self.snapshots)
        self.state.companions.append(Diagnostics(spec, self.network.module))
        self.state.companions.append(Watch(self.state))
        self._updater = Updater(self.examples, self.network, self.state, self.state.companions)
        self._order: tuple[int, Indices] = (-1, self.split.train)
        self._stopping = False
        self._held: list[Command] = []
        self._told_trouble = False
        #: A list here is given the answers of each evaluation of validation, chunk by chunk.
        self.kept: list[torch.Tensor] | None = None
        self._resumed_at = time.perf_counter()
        self._saved_at = self._resumed_at
        self._saved_step = -1

    def _take_examples(self, like: Training | None) -> None:
        self._notes: tuple[str, ...] = ()
        if like is not None:
            self.classes, self.shape = like.classes, like.shape
            self.split: Split = like.split
            self.examples: Examples = like.examples
            return
        spec = self.initial
        dataset = spec.data.source.load()
        self.classes, self.shape = dataset.classes, dataset.shape
        self._notes = dataset.notes
        self.split = split(dataset, spec.data)
        self.examples = Examples(dataset, self.where.device)
        self.examples.standardize_by(spec.preprocessing, self.split.train)

    def update_by(self, updater: Updater) -> None:
        """Have the steps done by another: several runs that are computed as one."""
        self._updater = updater

    def next_batch(self) -> Indices:
        """The examples of the next step."""
        progress = self.state.progress
        return self._epoch_order()[progress.offset : self.borders[progress.batch + 1]]

    @property
    def spec(self) -> ExperimentSpec:
        """The spec as edited so far."""
        return self.state.spec

    def run(self) -> Run:
        """The events of the run from wherever its state is."""
        try:
            yield from self._offer(self._started())
            for note in self._notes[:MAX_NOTES]:
                yield from self._offer(Notice(self.state.progress.step, "data_note", note, "info"))
            if not self.state.progress.measured_start:
                yield from self._measure()
            while not self._stopping and not self._complete():
                ended = yield from self._epoch()
                if ended is not None:
                    yield from self._finish(ended)
                    return
                if not self._stopping:
                    yield from self._measure()
            yield from self._finish("stopped" if self._stopping and not self._complete() else "completed")
        finally:
            if self.folder is not None:
                self.folder.close()

    # --- events and commands ---------------------------------------------------------------------------------

    def _offer(self, event: Event) -> Part:
        """Yield one event and obey what comes back; time spent outside is not training time."""
        yield from self._obey((yield self._logged(event)))
        self._resumed_at = time.perf_counter()
        if self.folder is not None and self.folder.trouble and not self._told_trouble:
            self._told_trouble = True
            notice = Notice(self.state.progress.step, "log_failed", f"{self.folder.trouble} Training goes on.")
            yield from self._offer(notice)

    def _obey(self, command: Command | None) -> Part:
        while isinstance(command, (Edit, Copy)):
            answer = self._edit(command) if isinstance(command, Edit) else self._copy(command)
            command = yield self._logged(answer)
        if isinstance(command, Stop):
            self._stopping = True

    def _obey_held(self) -> Part:
        """What was asked for during a pass over the whole training set: a change acts between two updates."""
        held, self._held = self._held, []
        for command in held:
            yield from self._obey(command)
        self._resumed_at = time.perf_counter()

    def _logged(self, event: Event) -> Event:
        if self.folder is not None:
            self.folder.log(event)
        self.state.progress.seconds += time.perf_counter() - self._resumed_at
        self._resumed_at = time.perf_counter()
        return event

    def _edit(self, edit: Edit) -> Event:
        step = self.state.progress.step
        if edit.path not in live_paths(self.spec):
            return Notice(
                step, "edit_refused", f"{edit.path} cannot change during a run; it takes effect in the next one."
            )
        try:
            edited = self.spec.edited(edit.path, edit.value)
        except SpecError as error:
            return Notice(step, "edit_refused", str(error))
        old = self.spec.at(edit.path)
        self.state.spec = edited
        edited.optimizer.tune(self.state.optimizer)
        self.network.tune(edited)
        for companion in self.state.companions:
            companion.edited(edited)
        return Edited(step, edit.path, plain(old), plain(edited.at(edit.path)))

    def _copy(self, copy: Copy) -> Event:
        copy.take(self.state.state())
        return Copied(self.state.progress.step)

    def _started(self) -> RunStarted:
        return RunStarted(
            spec=plain(self.initial),
            device=self.where.device,
            device_note=self.where.note,
            threads=self.where.threads,
            parameters=self.network.parameters,
            train_size=len(self.split.train),
            val_size=len(self.split.val),
            train_eval_size=len(self.split.train_eval),
            classes=self.classes,
            input_shape=self.shape,
            steps_per_epoch=self.steps_per_epoch,
            torch_version=torch.__version__,
            folder=str(self.folder.path) if self.folder else "",
        )

    # --- steps -----------------------------------------------------------------------------------------------

    @property
    def steps_per_epoch(self) -> int:
        """Steps in one epoch; the last batch may be smaller."""
        return len(self.borders) - 1

    @property
    def rate(self) -> float:
        """The effective learning rate of the next step: the optimizer's rate times the schedule's factor."""
        spec = self.spec
        progress = self.state.progress
        factor = spec.schedule.factor(progress.step, self.steps_per_epoch, spec.loop.epochs, progress.memory)
        return spec.optimizer.lr * factor

    def _complete(self) -> bool:
        progress, loop = self.state.progress, self.spec.loop
        if progress.offset:
            return False
        return progress.epoch >= loop.epochs or (loop.patience is not None and progress.stale >= loop.patience)

    def _epoch(self) -> Generator[Event, Command | None, Literal["failed"] | None]:
        progress = self.state.progress
        self.state.network.train()  # evaluation puts it back, so once an epoch is enough
        while progress.batch < self.steps_per_epoch and not self._stopping:
            rate = self.rate
            batch = yield from self._step(rate)
            if not batch.finite:
                self.steps.append(batch.loss, math.nan, rate, batch.norm, self._now())
                yield from self._offer(_diverged(progress.step, batch))
                yield from self._obey_held()
                return None if self._stopping else "failed"
            self._count(batch, rate)
            for companion in self.state.companions:
                for event in companion.after_update(progress.step - 1, rate):
                    yield from self._offer(event)
            yield from self._offer(Stepped(progress.step))
            yield from self._obey_held()
            usual = max(math.log(max(2, len(self.classes))), progress.first_loss)
            if not progress.warned_large and batch.loss > DIVERGED_FACTOR * usual:
                progress.warned_large = True
                yield from self._offer(_diverged(progress.step - 1, batch))
        return None

    def _step(self, rate: float) -> Generator[Event, Command | None, Batch]:
        """One update. A pass over the whole training set can be watched, and is finished even if Stop comes."""
        progress, spec = self.state.progress, self.spec
        indices = self.next_batch()
        if not spec.optimizer.full_batch:
            return self._updater.step(indices, rate)
        work = self._updater.whole(indices, spec.loop.batch_size, rate)
        while True:
            try:
                done = next(work)
            except StopIteration as finished:
                batch: Batch = finished.value
                return batch
            command = yield self._logged(EvalProgress(progress.step, done, len(indices)))
            self._resumed_at = time.perf_counter()
            if command is not None:
                self._held.append(command)

    def practise(self, rate: float) -> Batch:
        """One update at ``rate`` and on to the next batch, without measuring or events: for a throw-away copy only."""
        progress = self.state.progress
        if progress.batch >= self.steps_per_epoch:
            progress.epoch += 1
            progress.offset = progress.batch = 0
        self.state.network.train()
        work = self._step(rate)
        while True:
            try:
                next(work)
            except StopIteration as finished:
                batch: Batch = finished.value
                self._count(batch, rate)
                return batch

    def _count(self, batch: Batch, rate: float) -> None:
        progress = self.state.progress
        progress.step += 1
        progress.batch += 1
        progress.offset += batch.size
        progress.loss_sum += batch.loss * batch.size
        progress.correct += batch.hits
        progress.rate = rate
        progress.first_loss = batch.loss if progress.step == 1 else progress.first_loss
        self.steps.append(batch.loss, batch.hits / batch.size, rate, batch.norm, self._now())

    def _now(self) -> float:
        return self.state.progress.seconds + time.perf_counter() - self._resumed_at

    def _epoch_order(self) -> Indices:
        epoch = self.state.progress.epoch
        if self._order[0] != epoch:
            train = self.split.train
            self._order = (epoch, train[permutation(len(train), self.spec.loop.seed, epoch)])
        return self._order[1]

    # --- measuring -------------------------------------------------------------------------------------------

    def _measure(self) -> Part:
        """Measure both splits alike, then close the epoch (or, before the first step, the start)."""
        progress = self.state.progress
        trained_seconds = self._now() - progress.epoch_seconds
        total = len(self.split.train_eval) + len(self.split.val)
        total += len(self.split.val) * sum(average.begun for average in self.averages)
        train_eval = yield from self._measured(self.split.train_eval, 0, total)
        if self.kept is not None:
            self.kept.clear()
        val = yield from self._measured(self.split.val, len(self.split.train_eval), total, keep=self.kept)
        averages = yield from self._measured_averages(total)
        if self._stopping:
            return
        yield from self._offer(self._closed(train_eval, val, averages, trained_seconds))
        if len(self.shape) == 1 and self.shape[0] == 2:
            yield from self._offer(boundary(self.state.network, self.examples, self.state.progress.step))
        yield from self._save_if_due()

    def _measured_averages(self, total: int) -> Generator[Event, Command | None, dict[str, Measured]]:
        """Validation with each average's weights, batch norm statistics measured anew. The run's are not touched."""
        found: dict[str, Measured] = {}
        done = len(self.split.train_eval) + len(self.split.val)
        for average in self.averages:
            if not average.begun or not len(self.split.val):
                continue
            for _ in average.refresh(self.examples, self.split.train, self.spec.loop.seed):
                yield from self._offer(EvalProgress(self.state.progress.step, done, total))
                if self._stopping:
                    return found
            measured = yield from self._measured(self.split.val, done, total, average.module)
            done += len(self.split.val)
            if measured is not None:
                found[average.kind] = measured
        yield from self._take_snapshot(total)
        if self.snapshots.latest is not None:
            found["ensemble"] = self.snapshots.latest
        return found

    def _take_snapshot(self, total: int) -> Part:
        """One more member of a snapshot ensemble, where the spec wants one now."""
        progress, val = self.state.progress, self.split.val
        done = progress.epoch + 1
        if not progress.offset or not len(val) or not self.spec.ensemble.snapshot_after(done, self.spec):
            return
        for _ in self.snapshots.take(self.state.network, self.spec, self.examples, val):
            yield from self._offer(EvalProgress(progress.step, total, total))
            if self._stopping:
                return
        labels = self.examples.labels_of(val).cpu()
        event = self.snapshots.event(done, progress.step, self.network.parameters, self._now(), labels)
        yield from self._offer(event)

    def _measured(
        self,
        part: Indices,
        before: int,
        total: int,
        network: nn.Module | None = None,
        keep: list[torch.Tensor] | None = None,
    ) -> Generator[Event, Command | None, Measured | None]:
        module = self.state.network if network is None else network
        work = measure(module, self.examples, part, how_to_test(self.spec), self.network.stochastic, keep)
        while not self._stopping:
            try:
                done = next(work)
            except StopIteration as finished:
                result: Measured | None = finished.value
                return result
            yield from self._offer(EvalProgress(self.state.progress.step, before + done, total))
        return None

    def _closed(
        self,
        train_eval: Measured | None,
        val: Measured | None,
        averages: Mapping[str, Measured],
        trained_seconds: float,
    ) -> EpochEnded:
        progress = self.state.progress
        trained = progress.offset
        is_best = self._rank(val)
        if trained:
            progress.epoch += 1
            progress.memory = self.spec.schedule.after_measurement(progress.memory, train_eval, val)
        event = EpochEnded(
            epochs_done=progress.epoch,
            step=progress.step,
            seconds=self._now(),
            lr=progress.rate if trained else self.rate,
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
        progress.epoch_seconds = self._now()
        return event

    def _rank(self, val: Measured | None) -> bool:
        """Whether ``val`` is the best so far: highest accuracy, ties by lower loss. Keeps the weights if so."""
        progress = self.state.progress
        if val is None:
            return False
        if (val.accuracy, -val.loss) <= (progress.best_accuracy, -progress.best_loss) or not math.isfinite(val.loss):
            progress.stale += 1
            return False
        progress.best_accuracy, progress.best_loss = val.accuracy, val.loss
        progress.best_epoch = progress.epoch + 1 if progress.offset else 0
        progress.stale = 0
        self.state.best_weights = cloned(self.state.network.state_dict())
        return True

    # --- files and the end -----------------------------------------------------------------------------------

    def _save_if_due(self) -> Part:
        if self.folder is not None and time.perf_counter() - self._saved_at >= SAVE_EVERY:
            yield from self._save()

    def _save(self) -> Part:
        folder, step = self.folder, self.state.progress.step
        if folder is None or step == self._saved_step:
            return
        self._saved_at, self._saved_step = time.perf_counter(), step
        more = {f"average-{each.kind}": each.module.state_dict() for each in self.averages if each.begun}
        more |= {f"snapshot-{number}": each for number, each in enumerate(self.snapshots.weights, 1)}
        try:
            saved = folder.save(self.state, self.examples.standardizer, self.steps, more)
        except WorkbenchError as error:
            yield from self._offer(Notice(step, "save_failed", f"{error.message} Training goes on."))
            return
        for event in saved:
            yield from self._offer(event)

    def _finish(self, reason: Literal["completed", "stopped", "failed"]) -> Part:
        if self.state.progress.offset:  # ended within an epoch: the averages have moved on since they were measured
            for average in self.averages:
                for _ in average.refresh(self.examples, self.split.train, self.spec.loop.seed):
                    pass
        yield from self._save()
        progress = self.state.progress
        best = progress.best_epoch if progress.best_epoch >= 0 else None
        yield self._logged(
            RunEnded(
                reason,
                progress.step,
                progress.epoch,
                progress.seconds,
                self._last_words(reason),
                best_epoch=best,
                best_accuracy=progress.best_accuracy if best is not None else None,
            )
        )

    def _last_words(self, reason: str) -> str:
        progress = self.state.progress
        kept = (
            f"Best validation accuracy {progress.best_accuracy:.1%} "
            + (f"after epoch {progress.best_epoch}" if progress.best_epoch else "before training")
            if progress.best_epoch >= 0
            else ""
        )
        early = self.spec.loop.patience is not None and progress.stale >= self.spec.loop.patience
        if reason == "failed":
            return "The loss is no longer a number. A learning rate ten times lower usually helps."
        if reason == "stopped":
            return f"Stopped after {progress.step} steps. {kept}".strip()
        why = f"Stopped early: no improvement for {progress.stale} epochs." if early else "Finished."
        return f"{why} {kept}".strip()


def _diverged(step: int, batch: Batch) -> Notice:
    what = f"grew to {batch.loss:.3g}" if batch.finite else "is no longer a number"
    return Notice(
        step,
        "diverged",
        f"Training diverged at step {step + 1}: the loss {what}. The learning rate is probably too high.",
        "warning" if batch.finite else "error",
    )
