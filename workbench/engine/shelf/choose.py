"""Which runs a list shows: those that match some words, and groups of them by a setting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from workbench.engine.shelf.columns import NOTHING, setting_words
from workbench.engine.shelf.noise import same_but_seed, spread
from workbench.engine.shelf.record import RunRecord


def chosen(records: Iterable[RunRecord], words: str, hidden: bool = False) -> tuple[RunRecord, ...]:
    """The records that match every one of ``words``, in their order; hidden ones only with ``hidden``.

    A word is looked for in names, tags, note, status, data, model and optimizer, whatever its case; ``status:failed``
    and ``tag:baseline`` look there alone, and a minus in front leaves those out that match.
    """
    terms = words.casefold().split()
    return tuple(
        record
        for record in records
        if (hidden or not record.about.hidden) and all(_matches(record, term) for term in terms)
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Runs with the same value of a setting, in words. ``mean`` and ``spread`` (standard deviation) are of their best
    validation accuracies; None where no run has one. ``only_seeds``: they differ in nothing but their seed.
    """

    value: str
    records: tuple[RunRecord, ...]
    mean: float | None
    spread: float | None
    only_seeds: bool


def groups(records: Sequence[RunRecord], path: str) -> tuple[Group, ...]:
    """``records`` by the setting at the dotted ``path``, numbers in their order, then texts; unset ones last."""
    found: dict[str, list[RunRecord]] = {}
    keys: dict[str, tuple[Any, ...]] = {}
    for record in records:
        value = record.setting(path)
        words = NOTHING if value is None else setting_words(value)
        found.setdefault(words, []).append(record)
        keys[words] = (2,) if value is None else (0, value) if isinstance(value, (int, float)) else (1, words)
    return tuple(_group(words, found[words]) for words in sorted(found, key=lambda words: keys[words]))


def _group(value: str, records: Sequence[RunRecord]) -> Group:
    reached = [record.best_accuracy for record in records if record.best_accuracy is not None]
    return Group(
        value,
        tuple(records),
        fmean(reached) if reached else None,
        spread(reached) if len(reached) > 1 else None,
        _are_repeats(records),
    )


def _are_repeats(records: Sequence[RunRecord]) -> bool:
    first = same_but_seed(records[0])
    return all(same_but_seed(record) == first for record in records[1:])


def _matches(record: RunRecord, term: str) -> bool:
    if term.startswith("-") and len(term) > 1:
        return not _matches(record, term[1:])
    field, colon, wanted = term.partition(":")
    if colon and field == "status":
        return record.status.startswith(wanted)
    if colon and field == "tag":
        return any(tag.casefold().startswith(wanted) for tag in record.about.tags)
    return term in _text(record)


def _text(record: RunRecord) -> str:
    """All that words are looked for in, in small letters; no word goes across its lines."""
    about = record.about
    texts = (about.name, record.folder.name, record.title, record.status, *about.tags, about.note)
    return "\n".join((*texts, record.data, record.model, record.optimizer)).casefold()
