"""The end of a run: averages brought up to date, files written, the proof of what was frozen, the last event."""

from __future__ import annotations

from collections.abc import Generator
from typing import Literal

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Event, Notice, RunEnded
from workbench.engine.core.text import counted, grouped, percent
from workbench.engine.data.split import refreshed_on
from workbench.engine.pictures.background_decoder import UnreadableFiles
from workbench.engine.report.words_on_test import with_test
from workbench.engine.training.checkpointer import Checkpointer
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.divergence import has_diverged
from workbench.engine.training.failure import Failure
from workbench.engine.training.joining_run import train_no_more
from workbench.engine.training.run_context import RunContext

Reason = Literal["completed", "stopped", "failed"]


def finish(run: RunContext, checkpointer: Checkpointer, reason: Reason, failure: Failure | None = None) -> EventStream:
    """End ``run`` for ``reason``: yields the events up to RunEnded, which is the last one. ``failure`` is its cause.

    After a failure nothing is computed any more, only written.
    """
    run.channel.ignore_stop()
    train_no_more(run, failure)
    if failure is None:
        yield from _show_last_step(run)
        _refresh_averages(run)
        failure = _divergence(run, reason)
    if failure is None or run.state.progress.step:  # a network that was never trained is no loss
        yield from checkpointer.save_at_end()
    failure = failure or (yield from _prove(run))
    yield run.channel.log(_ended(run, reason, failure))


def _ended(run: RunContext, reason: Reason, failure: Failure | None) -> RunEnded:
    progress, unsaved = run.state.progress, None if run.folder is None else run.folder.unsaved
    best = progress.best_epoch if progress.best_epoch >= 0 else None
    not_kept = unsaved.words if unsaved is not None else ""
    message = failure.message if failure is not None else with_test(run.tested, _last_words(run, reason))
    return RunEnded(
        "failed" if failure is not None else reason,
        progress.step,
        progress.epoch,
        progress.seconds,
        joined(message, not_kept),
        failure.path if failure is not None else "",
        failure.details if failure is not None else "",
        best_epoch=best,
        best_accuracy=progress.best_accuracy if best is not None else None,
        code=failure.code if failure is not None else "",
        not_kept=not_kept,
    )


def joined(message: str, not_kept: str) -> str:
    """The last words, and what was not kept, if anything."""
    return f"{message.rstrip('.')}. {not_kept}" if not_kept else message


def _show_last_step(run: RunContext) -> EventStream:
    last = run.state.look()
    if last is not None:
        yield from run.channel.offer(last)


def _refresh_averages(run: RunContext) -> None:
    """Measure the averages' batch norm statistics if the run has ended within an epoch: they have moved on since."""
    if not run.state.progress.offset or not _can_refresh(run):
        return
    for average in run.averages:
        for _ in average.refresh(run.data.examples, run.data.split.train, run.spec.loop.seed):
            pass


def _can_refresh(run: RunContext) -> bool:
    """Whether the pictures are there that this needs: the end of a run waits for none."""
    if not run.averages:
        return False
    try:
        return not run.data.examples.lacks(refreshed_on(run.data.split.train, run.spec.loop.seed))
    except UnreadableFiles:
        return False


def _prove(run: RunContext) -> Generator[Event, Command | None, Failure | None]:
    """Send the certificate of what was frozen; returns a proof that has failed."""
    step, reuse = run.state.progress.step, run.network.reuse
    try:
        proof = reuse.prove(step, run.folder.path if run.folder is not None else None)
    except WorkbenchError as error:
        yield from run.channel.offer(Notice(step, "save_failed", error.message))
        proof = reuse.prove(step, None)
    if proof is None:
        return None
    yield from run.channel.offer(proof)
    return None if proof.proven else Failure(proof.words)


def _divergence(run: RunContext, reason: Reason) -> Failure | None:
    """The failure of a run that has diverged, with what is left of it."""
    if reason != "failed" and not has_diverged(run):
        return None
    why = "the loss is NaN or infinite" if reason == "failed" else "the loss is far above that of guessing"
    best = _best_words(run)
    kept = f"{best} is from before it diverged." if best else "No evaluation before that counts as best."
    advice = "A learning rate ten times lower usually helps."
    return Failure(f"Training diverged: {why}. {kept} {advice}", code="diverged")


def _last_words(run: RunContext, reason: Reason) -> str:
    progress, patience = run.state.progress, run.spec.loop.patience
    best = _best_words(run)
    if reason == "stopped":
        return f"Stopped after {counted(progress.step, 'step')}. {best}".strip()
    early = patience is not None and progress.stale >= patience
    why = f"Stopped early: no improvement for {counted(progress.stale, 'epoch')}." if early else "Finished."
    return f"{why} {best}".strip()


def _best_words(run: RunContext) -> str:
    progress = run.state.progress
    if progress.best_epoch < 0:
        return ""
    epoch, step = grouped(progress.best_epoch), progress.best_step
    is_within = step > 0 and step % run.batches.per_epoch
    when = f"in epoch {epoch}, at step {grouped(step)}" if is_within else f"after epoch {epoch}"
    return f"Best validation accuracy {percent(progress.best_accuracy)} {when}"
