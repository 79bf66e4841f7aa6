"""Training as a generator of events: it takes an Edit, a Stop or nothing at every yield and computes in between."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from typing import Literal

import torch

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.ensembles.independent import Independent
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import Command, EvalProgress, Event, Notice, RunEnded, RunStarted, Stepped
from workbench.engine.core.progress import finished
from workbench.engine.core.randomness import permutation
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import percent
from workbench.engine.data.examples import Examples
from workbench.engine.data.loading import checked_loading, read, told_first
from workbench.engine.data.split import Indices, Split, batch_borders, refreshed_on, split
from workbench.engine.data.store import DataStore
from workbench.engine.diagnostics.layer_probe import Diagnostics
from workbench.engine.diagnostics.weight_probe import End, Watch
from workbench.engine.pictures.background_decoder import UnreadableFiles
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.training.checkpointer import Keeping
from workbench.engine.training.command_channel import Dialogue, Part
from workbench.engine.training.device import Resolved, resolve
from workbench.engine.training.epoch_evaluation import Measuring
from workbench.engine.training.network import Network, build_network
from workbench.engine.training.snapshot_ensemble import SnapshotEnsemble
from workbench.engine.training.state import TrainState
from workbench.engine.training.train_step import Batch, Updater
from workbench.engine.training.weight_averaging import averages_of

#: A loss this many times that of guessing and of the first batch is called diverged even if it is still a number.
DIVERGED_FACTOR = 1000.0
#: So many of the data's notes (files left out) are worth saying.
MAX_NOTES = 5
#: While pictures arrive beside the steps, the reading is told so often (seconds).
TELL_EVERY = 0.25


def train(
    spec: ExperimentSpec,
    folder: RunFolder | None = None,
    steps: StepStore | None = None,
    data: DataStore | None = None,
) -> Run:
    """Train ``spec`` from its first step to its end. Per-step scalars go into ``steps``; files into ``folder``.

    ``data`` owns the loaded data, which it may share with others.

    Raises WorkbenchError (before the first event) with a sentence for the user if it cannot start.
    """
    held: list[Command] = []
    try:
        _refuse_problems(spec)
        dataset = yield from read(spec, held, data or DataStore())
        if dataset is None:
            ended = RunEnded("stopped", 0, 0, 0.0, "Stopped while the data was read.")
            _close(folder, ended)
            yield ended
            return
        try:
            run = _begun(spec, folder, steps, dataset)
        except BaseException:
            if dataset.arriving is not None:
                dataset.arriving.close()
            raise
    except GeneratorExit:
        if folder is not None:
            folder.close()
        raise
    except Exception as error:  # a start that failed is on record too
        _close(folder, RunEnded("failed", 0, 0, 0.0, str(error), getattr(error, "path", "")))
        raise
    del dataset  # the run has what it needs of it
    yield from told_first(run, held)


def _begun(spec: ExperimentSpec, folder: RunFolder | None, steps: StepStore | None, dataset: Dataset) -> Run:
    if isinstance(spec.ensemble, Independent):
        from workbench.engine.ensemble.training import train_ensemble

        return train_ensemble(spec, folder, steps, dataset)
    return Training(spec, folder, steps, dataset=dataset).run()


def _refuse_problems(spec: ExperimentSpec) -> None:
    errors = [p for p in spec.problems() if p.severity == "error"]
    if errors:
        raise SpecError(errors)


def _close(folder: RunFolder | None, ended: RunEnded) -> None:
    if folder is not None:
        folder.log(ended)
        folder.close()


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
        dataset: Dataset | None = None,
    ) -> None:
        """``like`` is a run on the same data with the same preprocessing, whose examples are used.

        ``dataset`` is what the spec's source has given; without it it is read here.
        """
        _refuse_problems(spec)
        self.initial = spec
        self.folder = folder
        self.steps = steps if steps is not None else StepStore()
        self.where: Resolved = resolve(spec.loop)
        torch.set_num_threads(self.where.threads)
        self._take_examples(like, dataset)
        self.network: Network = build_network(spec, self.shape, len(self.classes))
        self.network.module.to(self.where.device)
        reuse = self.network.reuse
        reuse.refuse(spec)
        optimizer = spec.optimizer.build(self.network.module, reuse.blocks)
        self.state = TrainState(spec, self.network.module, optimizer, self.network.tune)
        size = len(self.split.train)
        self.borders = batch_borders(size, size if spec.optimizer.full_batch else spec.loop.batch_size)
        reuse.apply(self.state)
        self.averages = averages_of(spec.averaging, self.network.module, len(self.borders) - 1)
        self.state.companions.extend(self.averages)
        self.snapshots = SnapshotEnsemble()
        self.state.companions.append(self.snapshots)
        self.state.companions.append(Diagnostics(spec, self.network.module))
        self.state.companions.append(Watch(self.state, self._ends))
        if reuse.certificate is not None:
            self.state.companions.append(reuse.certificate)
        self._updater = Updater(self.examples, self.network, self.state, self.state.companions)
        self._order: tuple[int, Indices] = (-1, self.split.train)
        self._told_at = 0.0
        self._arrival = self.examples.arriving if like is None else None
        self.dialogue = Dialogue(self.state, self.network, folder)
        beside = self.averages, self.snapshots
        self.measuring = Measuring(self.state, self.network, self.examples, self.split, *beside, self.dialogue)
        self._keeping = Keeping(self.state, self.examples, *beside, self.steps, folder, self.dialogue)

    def _take_examples(self, like: Training | None, dataset: Dataset | None) -> None:
        self._notes: tuple[str, ...] = ()
        if like is not None:
            self.classes, self.shape = like.classes, like.shape
            self.split: Split = like.split
            self.examples: Examples = like.examples
            return
        spec = self.initial
        if dataset is None:
            dataset = finished(checked_loading(spec.data.source))
        self.classes, self.shape = dataset.classes, dataset.shape
        self._notes = dataset.notes
        self.split = split(dataset, spec.data)
        self.examples = Examples(dataset, self.where.device)
        self.examples.standardize_by(spec.preprocessing, self.split.train, spec.data.split_seed)
        if spec.data.class_weights:
            self.examples.weigh_classes(self.split.train)

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
            yield from self.dialogue.offer(self._started())
            for note in self._notes[:MAX_NOTES]:
                yield from self.dialogue.offer(Notice(self.state.progress.step, "data_note", note, "info"))
            yield from self._prepare()
            if not self.state.progress.measured_start:
                yield from self._measure()
            while not self.dialogue.stopping and not self._complete():
                ended = yield from self._epoch()
                if ended is not None:
                    yield from self._finish(ended)
                    return
                if not self.dialogue.stopping:
                    yield from self._measure()
            yield from self._finish("stopped" if self.dialogue.stopping and not self._complete() else "completed")
        except UnreadableFiles as error:  # found while it trained already
            yield from self._finish("failed", error)
        finally:
            self.examples.close()
            if self.folder is not None:
                self.folder.close()

    # --- events and commands ---------------------------------------------------------------------------------

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

    def _ends(self) -> End:
        """What the next step is the last of."""
        progress, loop = self.state.progress, self.state.spec.loop
        if progress.batch + 1 < len(self.borders) - 1:
            return ""
        last = progress.epoch + 1 >= loop.epochs or (loop.patience is not None and progress.stale + 1 >= loop.patience)
        return "run" if last else "epoch"

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
        while progress.batch < self.steps_per_epoch and not self.dialogue.stopping:
            if self._arrival is not None:
                yield from self._arrive()
                if self.dialogue.stopping:
                    break
            if self.network.reuse.network is not None:
                yield from self._prepare()
                if self.dialogue.stopping:
                    break
            rate = self.rate
            batch = yield from self._step(rate)
            if not batch.finite:
                self.steps.append(batch.loss, math.nan, rate, batch.norm, self.dialogue.now())
                yield from self.dialogue.offer(_diverged(progress.step, batch))
                yield from self.dialogue.obey_held()
                return None if self.dialogue.stopping else "failed"
            self._count(batch, rate)
            for companion in self.state.companions:
                for event in companion.after_update(progress.step - 1, rate):
                    yield from self.dialogue.offer(event)
            yield from self.dialogue.offer(Stepped(progress.step))
            yield from self.dialogue.obey_held()
            usual = max(math.log(max(2, len(self.classes))), progress.first_loss)
            if not progress.warned_large and batch.loss > DIVERGED_FACTOR * usual:
                progress.warned_large = True
                yield from self.dialogue.offer(_diverged(progress.step - 1, batch))
        return None

    def _arrive(self) -> Part:
        """In the first epoch over new pictures: wait for those of the next step, and say how far the reading is."""
        arrival = self._arrival
        assert arrival is not None
        while self.examples.lacks(self.next_batch()) and not self.dialogue.stopping:
            self.dialogue.leave_out()
            yield from self.dialogue.offer(arrival.told())
        now = time.monotonic()
        if self.examples.arriving is None:
            self._arrival = None
        if self._arrival is None or now - self._told_at > TELL_EVERY:
            self._told_at = now
            yield from self.dialogue.offer(arrival.told())

    def _prepare(self) -> Part:
        """A network that is used again: freeze what this epoch freezes, compute what the head may train on."""
        reuse = self.network.reuse
        said = reuse.apply(self.state)
        if said is not None:
            yield from self.dialogue.offer(said)
        for done, total in reuse.prepare(self.spec, self.examples, self.split):
            waiting = self.examples.waiting
            if waiting is not None:
                self.dialogue.leave_out()
            yield from self.dialogue.offer(waiting or EvalProgress(self.state.progress.step, done, total))
            if self.dialogue.stopping:
                return

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
            self.dialogue.heard((yield self.dialogue.logged(EvalProgress(progress.step, done, len(indices)))))

    def practise(self, rate: float) -> Batch:
        """One update at ``rate`` and on to the next batch, without measuring or events: for a throw-away copy only."""
        progress = self.state.progress
        if progress.batch >= self.steps_per_epoch:
            progress.epoch += 1
            progress.offset = progress.batch = 0
        self.state.network.train()
        self.network.reuse.apply(self.state)
        for _ in self.network.reuse.prepare(self.spec, self.examples, self.split):
            pass
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
        self.steps.append(batch.loss, batch.hits / batch.size, rate, batch.norm, self.dialogue.now())

    def _measure(self) -> Part:
        yield from self.measuring.run(self.rate)
        for note in self.examples.late_notes():
            yield from self.dialogue.offer(Notice(self.state.progress.step, "data_note", note, "info"))
        yield from self._keeping.save_if_due()

    def _epoch_order(self) -> Indices:
        epoch = self.state.progress.epoch
        if self._order[0] != epoch:
            train = self.split.train
            self._order = (epoch, train[permutation(len(train), self.spec.loop.seed, epoch)])
        return self._order[1]

    # --- files and the end -----------------------------------------------------------------------------------

    def _finish(self, reason: Literal["completed", "stopped", "failed"], because: WorkbenchError | None = None) -> Part:
        if self.state.progress.offset and self._can_refresh():
            # Ended within an epoch: the averages have moved on since they were measured.
            for average in self.averages:
                for _ in average.refresh(self.examples, self.split.train, self.spec.loop.seed):
                    pass
        yield from self._keeping.save()
        broken = yield from self._prove()
        if broken:
            reason = "failed"
        progress = self.state.progress
        best = progress.best_epoch if progress.best_epoch >= 0 else None
        yield self.dialogue.logged(
            RunEnded(
                reason,
                progress.step,
                progress.epoch,
                progress.seconds,
                because.message if because is not None else broken or self._last_words(reason),
                because.path if because is not None else "",
                best_epoch=best,
                best_accuracy=progress.best_accuracy if best is not None else None,
            )
        )

    def _can_refresh(self) -> bool:
        """Whether the pictures are there that this needs: the end of a run waits for none."""
        if not self.averages:
            return False
        try:
            return not self.examples.lacks(refreshed_on(self.split.train, self.spec.loop.seed))
        except UnreadableFiles:
            return False

    def _prove(self) -> Generator[Event, Command | None, str]:
        """The certificate of what was frozen; returns the sentence of a proof that has failed."""
        step = self.state.progress.step
        try:
            proof = self.network.reuse.prove(step, self.folder.path if self.folder is not None else None)
        except WorkbenchError as error:
            yield from self.dialogue.offer(Notice(step, "save_failed", error.message))
            proof = self.network.reuse.prove(step, None)
        if proof is None:
            return ""
        yield from self.dialogue.offer(proof)
        return "" if proof.proven else proof.words

    def _last_words(self, reason: str) -> str:
        progress = self.state.progress
        kept = (
            f"Best validation accuracy {percent(progress.best_accuracy)} "
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
