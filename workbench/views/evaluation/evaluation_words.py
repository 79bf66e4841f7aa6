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


def _of_failed(result: Evaluation) -> list[str]:
    failed = [each for each in result.failed if each.choice is None]
    count = len(failed)
    if not count:
        return []
    rows = "row says" if count == 1 else "rows say"
    files = counted(len(result.outcomes), "file")
    first = f"{grouped(count)} of {files} could not be measured; the {rows} why."
    reasons = [f"{each.name}: {reason_in_a_row(each)}" for each in failed]
    return [first, *(reasons if count <= _REASONS else ())]


def _of_measured(result: Evaluation) -> str:
    words = " ".join([f"Measured in float32 on {grouped(result.count)} {result.examples}.", *result.data_notes])
    if result.averaged is None:
        return words
    gain = 100 * (result.averaged.accuracy - result.mean_accuracy)
    of = f"The average of the {len(result.measured)} measured" if result.failed else "The average"
    return f"{words} {of} is {grouped(abs(gain), 2)} points {'above' if gain >= 0 else 'below'} the mean."
