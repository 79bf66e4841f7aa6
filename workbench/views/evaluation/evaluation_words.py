"""What an evaluation says in sentences."""

from __future__ import annotations

from typing import Final

from workbench.engine.core.text import counted, grouped
from workbench.engine.evaluation.results import FOLDS_NOTE, EntryFailed, Evaluation

#: At most this many reasons are repeated below the table; more are in their rows alone.
_REASONS: Final = 2


def summary(result: Evaluation) -> str:
    """How many entries were measured, on what, what the average gives, and every note once."""
    lines = [*_of_failed(result)]
    if result.measured:
        said = dict.fromkeys(note for each in result.measured for note in each.notes)
        lines += [_of_measured(result), *_doubts(result), *said]
        lines += [FOLDS_NOTE] if result.mean_of_folds is not None else []
    return "\n".join(lines)


def _doubts(result: Evaluation) -> list[str]:
    """What makes an accuracy doubtful, with the names that it is about."""
    return [f"{each.name}: {each.doubt}." for each in result.measured if each.doubt]


def reason_in_a_row(failed: EntryFailed) -> str:
    """The reason in one line, without the name that it begins with."""
    if failed.choice is not None:
        return "does not say which class each of its outputs is: choose their order below."
    words = " ".join(failed.message.split())
    for name in (str(failed.path), failed.path.name):
        words = words.removeprefix(name).strip()
    return words


def whole_reason(failed: EntryFailed) -> str:
    """The reason with its table of layers, without the name that it begins with."""
    if failed.choice is not None:
        return reason_in_a_row(failed)
    return next(
        (
            failed.message.removeprefix(n).strip()
            for n in (str(failed.path), failed.path.name)
            if failed.message.startswith(n)
        ),
        failed.message,
    )


def _of_failed(result: Evaluation) -> list[str]:
    failed = [each for each in result.failed if each.choice is None]
    count = len(failed)
    if not count:
        return []
    files = counted(len(result.outcomes), "file")
    first = f"{grouped(count)} of {files} could not be measured; select a row to read why."
    reasons = [f"{each.name}: {reason_in_a_row(each)}" for each in failed]
    return [first, *(reasons if count <= _REASONS else ())]


def _of_measured(result: Evaluation) -> str:
    words = " ".join([f"Measured in float32 on {grouped(result.count)} {result.examples}.", *result.data_notes])
    if result.averaged is None:
        return words
    gain = 100 * (result.averaged.accuracy - result.mean_accuracy)
    of = f"the predictions of the {len(result.measured)} measured files" if result.failed else "their predictions"
    how = f"{'more' if gain >= 0 else 'less'} accurate than one alone, by {grouped(abs(gain), 2)} percentage points"
    return f"{words} The average of {of} is {how} on average."
