"""The end of a run: averages brought up to date, files written, the proof of what was frozen, the last event."""

from __future__ import annotations

from collections.abc import Generator
from typing import Literal

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Event, Notice, RunEnded
from workbench.engine.core.text import percent
from workbench.engine.data.split import refreshed_on
from workbench.engine.pictures.background_decoder import UnreadableFiles
from workbench.engine.report.words_on_test import with_test
from workbench.engine.training.checkpointer import Checkpointer
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.run_context import RunContext

Reason = Literal["completed", "stopped", "failed"]


def finish(
    run: RunContext, checkpointer: Checkpointer, reason: Reason, error: WorkbenchError | None = None
) -> EventStream:
    """End ``run`` for ``reason``: yields the events up to RunEnded, which is the last one. ``error`` is its cause."""
    run.channel.ignore_stop()
    last = run.state.look()
    if last is not None:
        yield from run.channel.offer(last)
    _refresh_averages(run)
    yield from checkpointer.save()
    broken = yield from _prove(run)
    if broken:
        reason = "failed"
    progress = run.state.progress
    best = progress.best_epoch if progress.best_epoch >= 0 else None
    yield run.channel.log(
        RunEnded(
            reason,
            progress.step,
            progress.epoch,
            progress.seconds,
            error.message if error is not None else broken or with_test(run.tested, _last_words(run, reason)),
            error.path if error is not None else "",
            best_epoch=best,
            best_accuracy=progress.best_accuracy if best is not None else None,
        )
    )


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


def _prove(run: RunContext) -> Generator[Event, Command | None, str]:
    """Send the certificate of what was frozen; returns the sentence of a proof that has failed."""
    step, reuse = run.state.progress.step, run.network.reuse
    try:
        proof = reuse.prove(step, run.folder.path if run.folder is not None else None)
    except WorkbenchError as error:
        yield from run.channel.offer(Notice(step, "save_failed", error.message))
        proof = reuse.prove(step, None)
    if proof is None:
        return ""
    yield from run.channel.offer(proof)
    return "" if proof.proven else proof.words


def _last_words(run: RunContext, reason: Reason) -> str:
    progress, patience = run.state.progress, run.spec.loop.patience
    best = _best_words(run)
    if reason == "failed":
        return "The loss is NaN or infinite. A learning rate ten times lower usually helps."
    if reason == "stopped":
        return f"Stopped after {progress.step} steps. {best}".strip()
    early = patience is not None and progress.stale >= patience
    why = f"Stopped early: no improvement for {progress.stale} epochs." if early else "Finished."
    return f"{why} {best}".strip()


def _best_words(run: RunContext) -> str:
    progress = run.state.progress
    if progress.best_epoch < 0:
        return ""
    when = f"after epoch {progress.best_epoch}" if progress.best_epoch else "before training"
    return f"Best validation accuracy {percent(progress.best_accuracy)} {when}"
