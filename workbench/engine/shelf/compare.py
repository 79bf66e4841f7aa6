"""Runs compared: the settings that differ, the difference in words, and whether it is more than noise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.text import counted, grouped
from workbench.engine.shelf.differing import Row, differing, knob_at, label_at
from workbench.engine.shelf.noise import Versus, alike, repeats, versus
from workbench.engine.shelf.record import LiveChange, RunRecord
from workbench.engine.spec.diff import in_words
from workbench.engine.spec.experiment import ExperimentSpec

#: This many live changes are named in a sentence; the rest are counted. All are rows of the table.
_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class Other:
    """A run against the first one: what differs in words, and their accuracies; None where one has none."""

    record: RunRecord
    words: str
    versus: Versus | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``rows`` are the settings and live changes that differ, with a value for each of ``records``.

    ``others`` are all records but the first, against the first. ``left_out`` are sentences about records whose
    settings this version does not know: they have neither rows nor words.
    """

    records: tuple[RunRecord, ...]
    rows: tuple[Row, ...]
    others: tuple[Other, ...]
    left_out: tuple[str, ...] = ()


def compare(records: Sequence[RunRecord], among: Iterable[RunRecord] = ()) -> Comparison:
    """Compare ``records``; runs ``among`` which some were repeated with other seeds say how large their noise is.

    Raises WorkbenchError if fewer than two can be compared.
    """
    known, left_out = _known(records)
    if len(known) < 2:
        raise WorkbenchError(" ".join(("It takes two runs to compare.", *left_out)))
    (first, first_spec), *rest = known
    around = (*alike(records, among), *records)  # each of many runs is looked at once
    others = tuple(
        Other(record, difference_words(first, first_spec, record, spec), _versus(first, record, around))
        for record, spec in rest
    )
    rows = (*differing([spec for _, spec in known]), *_more_rows(known))
    return Comparison(tuple(record for record, _ in known), rows, others, left_out)


def difference_words(
    first: RunRecord, first_spec: ExperimentSpec, second: RunRecord, second_spec: ExperimentSpec
) -> str:
    """What the second run did differently: ``Learning rate 0.1 → 0.03 at step 1 200; Rotation ±15° → off; same data``.

    A fork names where it left the first run; live changes of the first that the second did not have are named so.
    """
    parts = [f"{row.label} {row.values[0]} → {row.values[1]}" for row in differing([first_spec, second_spec])]
    if second.parent and second.parent == first.folder.name and second.parent_step is not None:
        parts.insert(0, f"forked at step {grouped(second.parent_step)}")
    shared = _shared(first, second)
    parts += _changes([c for c in second.changes if c not in shared], second_spec, "")
    parts += _changes([c for c in first.changes if c not in shared], first_spec, "without ")
    return "; ".join((*(parts or ["the same settings"]), *_data_words(first, first_spec, second, second_spec)))


def _known(records: Sequence[RunRecord]) -> tuple[list[tuple[RunRecord, ExperimentSpec]], tuple[str, ...]]:
    known, left_out = [], []
    for record in records:
        try:
            known.append((record, record.spec))
        except SpecError as error:
            left_out.append(f"“{record.shown_name}” is left out: {error.problems[0]}.")
    return known, tuple(left_out)


def _versus(first: RunRecord, second: RunRecord, among: Iterable[RunRecord]) -> Versus | None:
    one, other = repeats(first, among), repeats(second, among)
    if {record.folder for record in one} & {record.folder for record in other}:
        return versus([first], [second])  # they are repeats of each other
    return versus(one, other)


def _shared(first: RunRecord, second: RunRecord) -> list[LiveChange]:
    return [change for change in first.changes if change in second.changes]


def _changes(changes: Sequence[LiveChange], spec: ExperimentSpec, before: str) -> list[str]:
    words = [
        f"{before}{label_at(spec, c.path)} {change_words(c.old, c.new, spec, c.path)} at step {grouped(c.step)}"
        for c in changes[:_NAMED]
    ]
    more = len(changes) - _NAMED
    return [*words, f"{before}{counted(more, 'more live change')}"] if more > 0 else words


def _data_words(
    first: RunRecord, first_spec: ExperimentSpec, second: RunRecord, second_spec: ExperimentSpec
) -> tuple[str, ...]:
    """Whether both saw the same examples, as far as settings and counts tell."""
    if first_spec.data != second_spec.data:
        return ()  # the settings that differ are named already
    counts = [(record.train_size, record.val_size, record.classes) for record in (first, second)]
    if counts[0] == counts[1] or (0, 0, 0) in counts:
        return ("same data",)
    one, other = (f"{counted(train, 'training example')}" for train, _, _ in counts)
    return (f"the data have changed: {one}, then {other}",)


def _more_rows(known: Sequence[tuple[RunRecord, ExperimentSpec]]) -> list[Row]:
    """Live changes that not all runs had, a row for each, and the hardware where it differs."""
    rows = []
    devices = tuple(record.device or "–" for record, _ in known)
    if len(set(devices)) > 1:
        rows.append(Row("device", "Trained on", devices))
    wheres = dict.fromkeys((change.step, change.path) for record, _ in known for change in record.changes)
    for step, path in sorted(wheres):
        values = tuple(_change_words(record, spec, step, path) for record, spec in known)
        label = next(label_at(spec, path) for record, spec in known if _changed(record, step, path))
        if len(set(values)) > 1:
            rows.append(Row(path, f"{label} at step {grouped(step)}", values))
    return rows


def _change_words(record: RunRecord, spec: ExperimentSpec, step: int, path: str) -> str:
    changed = _changed(record, step, path)
    return change_words(changed[0].old, changed[-1].new, spec, path) if changed else "–"


def change_words(old: object, new: object, spec: ExperimentSpec, path: str) -> str:
    """A live change of the setting at ``path`` in words: ``0.1 → 0.01``."""
    knob = knob_at(spec, path)
    return f"{in_words(old, knob)} → {in_words(new, knob)}"


def _changed(record: RunRecord, step: int, path: str) -> list[LiveChange]:
    return [change for change in record.changes if (change.step, change.path) == (step, path)]
