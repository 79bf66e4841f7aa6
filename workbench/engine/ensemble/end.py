"""The end of an ensemble: its last event says what has become of it."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.engine.core.events import EnsembleMeasured, RunEnded
from workbench.engine.core.text import counted, percent
from workbench.engine.ensemble.mean_curves import MeanCurves
from workbench.engine.ensemble.member import Member
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.training.finish import Reason, joined


def reason_of(members: Sequence[Member]) -> Reason:
    """How the run ends: failed if all members have, stopped if one was."""
    if all(member.failed for member in members):
        return "failed"
    stopped = any(member.ended is not None and member.ended.reason == "stopped" for member in members)
    return "stopped" if stopped else "completed"


def last_words(members: Sequence[Member], reason: str, noun: str, step: int, last: EnsembleMeasured | None) -> str:
    """The sentence at the end; ``last`` is the last measurement of the average of their predictions."""
    if reason == "failed":
        words = next((member.ended.message for member in members if member.ended is not None), "")
        return f"All {noun.lower()}s have failed. The first: {words}"
    head = f"Stopped after {counted(step, 'step')}." if reason == "stopped" else "Finished."
    if last is None:
        return head
    return (
        f"{head} Average of {counted(len(last.members), 'model')} {percent(last.averaged.accuracy)}, "
        f"mean member {percent(last.mean_member)}"
    )


def last_event(
    members: Sequence[Member], mean: MeanCurves, step: int, words: str, folder: RunFolder | None
) -> RunEnded:
    """RunEnded after ``step`` rounds with the last ``words``; where all members have failed, with the first's cause."""
    reason = reason_of(members)
    states = [member.context.state.progress for member in members]
    first = members[0].ended if reason == "failed" else None
    not_kept = folder.unsaved.words if folder is not None and folder.unsaved is not None else ""
    return RunEnded(
        reason,
        step,
        max(progress.epoch for progress in states),
        sum(progress.seconds for progress in states),
        joined(words, not_kept),
        first.path if first is not None else "",
        first.details if first is not None else "",
        best_epoch=mean.best_epoch if mean.best_epoch >= 0 else None,
        best_accuracy=mean.best_accuracy,
        code=first.code if first is not None else "",
        not_kept=not_kept,
    )
