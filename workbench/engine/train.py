"""Training: for each epoch its batches, a step each, then an evaluation and a checkpoint.

``train`` is a generator: it yields events, and takes a command or nothing (None) at every yield.
"""

from __future__ import annotations

from collections.abc import Generator

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.ensembles.independent import Independent
from workbench.engine.core.drive import Run
from workbench.engine.core.events import Command, Event, RunEnded, Stepped
from workbench.engine.core.memory import is_out_of_memory
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.loading import unless_stopped, with_commands_first
from workbench.engine.data.split import Indices
from workbench.engine.data.store import DataStore
from workbench.engine.distributed.group import ProcessLost
from workbench.engine.ensemble.folds import FoldTraining
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.nn.torch_workarounds import set_mode
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Start
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.batch_hooks import batch_hooks
from workbench.engine.training.beginning import begun
from workbench.engine.training.checkpointer import Checkpointer
from workbench.engine.training.command_channel import EventStream, StepBackRequested, StopRequested
from workbench.engine.training.divergence import has_diverged, report_divergence, warn_of_large_loss
from workbench.engine.training.epoch_evaluation import evaluate
from workbench.engine.training.failed_start import closed_on_failure
from workbench.engine.training.failure import Failure, failure_of, out_of_memory
from workbench.engine.training.finish import Reason, finish
from workbench.engine.training.joining_run import close_group, take_state, train_no_more
from workbench.engine.training.on_test import LoadTest, measure_test
from workbench.engine.training.recent_states import RecentStates
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.saved_part import SavedRun
from workbench.engine.training.set_up import first_events, refuse_problems, set_up, started
from workbench.engine.training.train_step import FullBatchStep, StepResult
from workbench.engine.training.trainable import SingleTraining, Trainable


def train(
    spec: ExperimentSpec,
    folder: RunFolder | None = None,
    steps: StepStore | None = None,
    data: DataStore | None = None,
    start: Start | None = None,
    cores_left: int = 0,
) -> Run:
    """Train ``spec`` to its end, from its first step or from ``start``. Per-step scalars go into ``steps``; files into
    ``folder``.

    ``data`` owns loaded data, which others may share. Raises WorkbenchError (before RunStarted) with a sentence for the
    user if it cannot start. A ``Resume`` goes on in ``folder`` (see ``reopened``), with its settings. ``cores_left``
    processor cores stay free where the number of threads is measured (``loop.fastest``).
    """
    commands: list[Command] = []  # what comes while the data is read
    with closed_on_failure(folder):
        refuse_problems(spec)
        steps = steps if steps is not None else StepStore()
        begins = begun(made, spec, folder, steps, data or DataStore(), start, cores_left)
        run = yield from unless_stopped(begins, commands)
    if run is None:
        yield from _stopped_early(folder)
        return
    yield from with_commands_first(run, commands)


def made(
    spec: ExperimentSpec, dataset: Dataset, load_test: LoadTest | None, folder: RunFolder | None, steps: StepStore
) -> Trainable:
    """What trains ``spec``: one network, an ensemble, or the folds of a cross-validation."""
    if isinstance(spec.ensemble, Independent):
        return EnsembleTraining(train_loop, spec, folder, steps, dataset, load_test)
    if spec.data.trains_all_folds:
        return FoldTraining(train_loop, spec, folder, steps, dataset, load_test)
    return SingleTraining(train_loop, set_up(spec, folder, steps, dataset=dataset), load_test)


def _stopped_early(folder: RunFolder | None) -> EventStream:
    if folder is not None:
        folder.close_unless_empty()
    yield RunEnded("stopped", 0, 0, 0.0, "Stopped while the data was read.")


def train_loop(run: RunContext, load_test: LoadTest | None = None) -> Run:
    """Train ``run`` from wherever its state is to its end; the last event is RunEnded. Closes its files.

    When it is complete the test part is measured, unless there is no ``load_test``.
    """
    checkpointer = Checkpointer(SavedRun(run))
    reason: Reason
    failure: Failure | None = None
    try:
        try:
            reason = yield from _trained(run, checkpointer)
            train_no_more(run)
            if reason == "completed" and load_test is not None and not has_diverged(run):
                yield from checkpointer.save()
                yield from measure_test(run, load_test)
        except StopRequested:
            reason = "completed" if run.is_complete else "stopped"
        except Exception as error:  # the network of before is still in memory
            reason, failure = "failed", failure_of(error, run)
        yield from finish(run, checkpointer, reason, failure)
    finally:
        checkpointer.close()
        close_group(run)
        if not run.origin.is_trial:
            run.data.examples.close()
        if run.folder is not None:
            run.folder.close_unless_empty()


def _trained(run: RunContext, checkpointer: Checkpointer) -> Generator[Event, Command | None, Reason]:
    """All that is left. Raises StopRequested between two steps, or out of an evaluation; a StepBack acts there too."""
    take_state(run)
    yield from run.channel.offer(started(run))
    yield from run.channel.offer(*first_events(run))
    if run.origin.resumed is not None:
        checkpointer.was_read()
    elif run.origin.is_fork:
        yield from checkpointer.save()  # without its parent it could not begin again
    if isinstance(run.step, FullBatchStep):
        run.step.between = checkpointer.between_chunks
    recent, back = RecentStates(run), 0
    while True:
        try:
            if back:
                steps, back = back, 0
                yield from checkpointer.before_going_back()
                yield from recent.go_back(steps, then=checkpointer.went_back)
            reason = yield from _epochs(run, checkpointer, recent)
            run.channel.can_step_back = False
            return reason
        except StepBackRequested as asked:
            back = asked.steps


def _epochs(
    run: RunContext, checkpointer: Checkpointer, recent: RecentStates
) -> Generator[Event, Command | None, Reason]:
    """All epochs that are left."""
    hooks = batch_hooks(run)
    for hook in hooks:
        yield from hook.before_start()
    yield from run.channel.obey_broadcast()  # what came at the start
    if not run.state.progress.measured_start:
        yield from _evaluate(run, checkpointer, recent)
    recent.begin()
    while not run.is_complete:
        set_mode(run.state.network, is_training=True)  # an evaluation puts it back, so once an epoch is enough
        hooks = [hook for hook in hooks if not hook.is_done]
        for batch in run.batches.rest_of_epoch():
            if run.evaluation_is_due:
                yield from _evaluate(run, checkpointer, recent)
            for hook in hooks:
                yield from hook.before_batch(batch)
                yield from run.channel.obey_broadcast()
            rate = run.rate
            result = yield from _stepped(run, batch, rate)
            if not result.finite:
                yield from report_divergence(run, result, rate)
                return "failed"
            events = run.record(result, rate)
            yield from run.channel.offer(*events, Stepped(run.state.progress.step))
            if run.channel.held and run.channel.group is None:
                yield from run.channel.obey_held()
            yield from warn_of_large_loss(run, result)
            if recent.is_due:
                recent.keep()
            if checkpointer.is_due:
                yield from checkpointer.save_if_due()
            yield from run.channel.obey_broadcast()
        yield from _evaluate(run, checkpointer, recent)
    return "completed"


def _stepped(run: RunContext, batch: Indices, rate: float) -> Generator[Event, Command | None, StepResult]:
    """One step; a failed allocation becomes OutOfMemory."""
    try:
        return (yield from run.step(batch, rate))
    except ProcessLost as lost:
        if not lost.is_memory:
            raise
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    raise out_of_memory(run)  # out here nothing holds the step's tensors any more


def _evaluate(run: RunContext, checkpointer: Checkpointer, recent: RecentStates) -> EventStream:
    yield from evaluate(run)
    recent.measured()
    yield from checkpointer.after_evaluation()
    yield from run.channel.obey_broadcast()
