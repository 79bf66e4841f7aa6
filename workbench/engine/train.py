"""Training: for each epoch its batches, a step each, then an evaluation and a checkpoint.

``train`` is a generator: it yields events, and takes an Edit, a Copy, a Stop or nothing (None) at every yield.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.ensembles.independent import Independent
from workbench.engine.core.drive import Run
from workbench.engine.core.events import Command, Event, Notice, RunEnded, Stepped
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.loading import read, with_commands_first
from workbench.engine.data.store import DataStore
from workbench.engine.ensemble.folds import FoldTraining
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.batch_hooks import batch_hooks
from workbench.engine.training.checkpointer import Checkpointer
from workbench.engine.training.command_channel import EventStream, StopRequested
from workbench.engine.training.divergence import has_diverged, report_divergence, warn_of_large_loss
from workbench.engine.training.epoch_evaluation import evaluate
from workbench.engine.training.failed_start import closed_on_failure
from workbench.engine.training.failure import Failure, failure_of, within_memory
from workbench.engine.training.finish import Reason, finish
from workbench.engine.training.on_test import LoadTest, measure_test
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import early_stopping_notes, preprocessing_notes, refuse_problems, set_up, started

#: At most this many of the data's notes (files left out) are sent.
MAX_NOTES = 5


def train(
    spec: ExperimentSpec,
    folder: RunFolder | None = None,
    steps: StepStore | None = None,
    data: DataStore | None = None,
) -> Run:
    """Train ``spec`` from its first step to its end. Per-step scalars go into ``steps``; files into ``folder``.

    ``data`` owns loaded data, which others may share. Raises WorkbenchError (before the first event) with a sentence
    for the user if it cannot start.
    """
    commands: list[Command] = []  # what comes while the data is read
    with closed_on_failure(folder):
        refuse_problems(spec)
        data = data or DataStore()
        dataset = yield from read(spec, commands, data)
        run = None if dataset is None else _run_on(dataset, spec, folder, steps, data)
    if run is None:
        yield from _stopped_early(folder)
        return
    del dataset  # the run has what it needs of it
    yield from with_commands_first(run, commands)


def _run_on(
    dataset: Dataset, spec: ExperimentSpec, folder: RunFolder | None, steps: StepStore | None, data: DataStore
) -> Run:
    load_test = partial(data.loading_test, spec.data.source)
    try:
        if isinstance(spec.ensemble, Independent):
            return EnsembleTraining(train_loop, spec, folder, steps, dataset, load_test).run()
        if spec.data.trains_all_folds:
            return FoldTraining(train_loop, spec, folder, steps, dataset, load_test).run()
        return train_loop(set_up(spec, folder, steps, dataset=dataset), load_test)
    except BaseException:
        if dataset.arriving is not None:
            dataset.arriving.close()
        raise


def _stopped_early(folder: RunFolder | None) -> EventStream:
    if folder is not None:
        folder.close_unless_empty()
    yield RunEnded("stopped", 0, 0, 0.0, "Stopped while the data was read.")


def train_loop(run: RunContext, load_test: LoadTest | None = None) -> Run:
    """Train ``run`` from wherever its state is to its end; the last event is RunEnded. Closes its files.

    When it is complete the test part is measured, unless there is no ``load_test``.
    """
    checkpointer = Checkpointer(run)
    reason: Reason
    failure: Failure | None = None
    try:
        try:
            reason = yield from _epochs(run, checkpointer)
            if reason == "completed" and load_test is not None and not has_diverged(run):
                yield from checkpointer.save()
                yield from measure_test(run, load_test)
        except StopRequested:
            reason = "completed" if run.is_complete else "stopped"
        except Exception as error:  # the network of before is still in memory
            reason, failure = "failed", failure_of(error, run)
        yield from finish(run, checkpointer, reason, failure)
    finally:
        run.data.examples.close()
        if run.folder is not None:
            run.folder.close_unless_empty()


def _epochs(run: RunContext, checkpointer: Checkpointer) -> Generator[Event, Command | None, Reason]:
    """All epochs that are left. Raises StopRequested between two steps, or out of an evaluation."""
    notes = [Notice(run.state.progress.step, "data_note", note, "info") for note in run.data.notes[:MAX_NOTES]]
    yield from run.channel.offer(started(run), *notes, *preprocessing_notes(run), *early_stopping_notes(run))
    hooks = batch_hooks(run)
    for hook in hooks:
        yield from hook.before_start()
    if not run.state.progress.measured_start:
        yield from _evaluate(run, checkpointer)
    while not run.is_complete:
        run.state.network.train()  # an evaluation puts it back, so once an epoch is enough
        hooks = [hook for hook in hooks if not hook.is_done]
        for batch in run.batches.rest_of_epoch():
            if run.evaluation_is_due:
                yield from _evaluate(run, checkpointer)
            for hook in hooks:
                yield from hook.before_batch(batch)
            rate = run.rate
            with within_memory(run):
                result = yield from run.step(batch, rate)
            if not result.finite:
                yield from report_divergence(run, result, rate)
                return "failed"
            events = run.record(result, rate)
            yield from run.channel.offer(*events, Stepped(run.state.progress.step))
            if run.channel.held:
                yield from run.channel.obey_held()
            yield from warn_of_large_loss(run, result)
        yield from _evaluate(run, checkpointer)
    return "completed"


def _evaluate(run: RunContext, checkpointer: Checkpointer) -> EventStream:
    yield from evaluate(run)
    yield from checkpointer.save_if_due()
