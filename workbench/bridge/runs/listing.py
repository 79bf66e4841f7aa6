"""Which runs the table shows, in which order, and in which groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.shelf.choose import Group, chosen, groups
from workbench.engine.shelf.columns import ordered
from workbench.engine.shelf.differing import label_at
from workbench.engine.shelf.noise import same_but_seed, spread
from workbench.engine.shelf.record import SPARKLINE, RunRecord
from workbench.engine.spec.experiment import ExperimentSpec

#: Groups runs that differ in nothing but their seed.
BY_SEEDS: Final = "seeds"

Row = RunRecord | Group


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user wants to see. ``status`` and ``group_by`` (a dotted path, or ``BY_SEEDS``) are empty for none.

    ``sort`` is the key of a column; ``folded`` are the values of the groups whose runs are not shown.
    """

    text: str = ""
    status: str = ""
    shows_hidden: bool = False
    group_by: str = ""
    sort: str = "started"
    descending: bool = True
    folded: frozenset[str] = frozenset()


def rows_of(records: Sequence[RunRecord], choice: Choice) -> list[Row]:
    """The rows of the table: pinned runs first, each group before its runs, runs without a value last."""
    return RowFinder().rows(records, choice)


class RowFinder:
    """``rows_of`` for one table: what a letter more in the filter does not change is not done again."""

    def __init__(self) -> None:
        self._records: Sequence[RunRecord] = ()
        self._order: tuple[str, bool] | None = None
        self._ordered: tuple[RunRecord, ...] = ()
        #: What runs have in common that differ in their seed alone, by the record's id while ``_records`` hold it.
        self._alike: dict[int, str] = {}

    def rows(self, records: Sequence[RunRecord], choice: Choice) -> list[Row]:
        """The rows of ``rows_of``."""
        found = chosen(self._in_order(records, choice), choice.text, choice.shows_hidden)
        kept = [record for record in found if choice.status in ("", record.status)]
        if not choice.group_by:
            return list(kept)
        rows: list[Row] = []
        for group in groups(kept, choice.group_by) if choice.group_by != BY_SEEDS else self._by_seeds(kept):
            rows.append(group)
            rows += [] if group.value in choice.folded else group.records
        return rows

    def _in_order(self, records: Sequence[RunRecord], choice: Choice) -> tuple[RunRecord, ...]:
        order = choice.sort, choice.descending
        if records is not self._records:
            self._records, self._order, self._alike = records, None, {}
        if order != self._order:
            found = ordered(records, *order)
            self._ordered = (*(r for r in found if r.about.pinned), *(r for r in found if not r.about.pinned))
            self._order = order
        return self._ordered

    def _key(self, record: RunRecord) -> str:
        if id(record) not in self._alike:
            self._alike[id(record)] = same_but_seed(record)
        return self._alike[id(record)]

    def _by_seeds(self, records: Sequence[RunRecord]) -> Iterable[Group]:
        alike: dict[str, list[RunRecord]] = {}
        for record in records:
            alike.setdefault(self._key(record), []).append(record)
        return _seed_groups(alike.values())


def _seed_groups(alike: Iterable[Sequence[RunRecord]]) -> Iterable[Group]:
    titles: dict[str, int] = {}
    found = []
    for members in alike:
        title = ", ".join(filter(None, (members[0].model, members[0].optimizer))) or members[0].title
        titles[title] = number = titles.get(title, 0) + 1
        found.append(_of_seeds(title if number == 1 else f"{title} ({number})", members))
    return found


def _of_seeds(title: str, records: Sequence[RunRecord]) -> Group:
    reached = [record.best_accuracy for record in records if record.best_accuracy is not None]
    mean = fmean(reached) if reached else None
    return Group(title, tuple(records), mean, spread(reached) if len(reached) > 1 else None, True)


def differing_settings(records: Sequence[RunRecord], most: int = 24) -> tuple[tuple[str, str], ...]:
    """Path and label of the plain settings that are not the same in all ``records``, those with few values first."""
    values: dict[str, set[Any]] = {}
    counts: dict[str, int] = {}
    for record in records:
        for path, value in _leaves(record.settings, ""):
            values.setdefault(path, set()).add(value)
            counts[path] = counts.get(path, 0) + 1
    different = [path for path, found in values.items() if len(found) > 1 or counts[path] < len(records)]
    different.sort(key=lambda path: len(values[path]))
    spec = _spec(records[0] if records else None)
    return tuple((path, _label(spec, path)) for path in different[:most])


def _label(spec: ExperimentSpec, path: str) -> str:
    """A member of a family is named by the family."""
    return label_at(spec, path.removesuffix(".kind"))


def _spec(record: RunRecord | None) -> ExperimentSpec:
    try:
        return record.spec if record is not None else ExperimentSpec()
    except WorkbenchError:
        return ExperimentSpec()


def mean_curve(records: Sequence[RunRecord]) -> tuple[list[float], list[float], list[float]]:
    """Mean, least and most of the runs' sparklines at ``SPARKLINE`` places; empty if no run has one."""
    curves = [_stretched(record.sparkline) for record in records if len(record.sparkline) > 1]
    columns = list(zip(*curves, strict=True))
    return [fmean(c) for c in columns], [min(c) for c in columns], [max(c) for c in columns]


def _stretched(values: Sequence[float]) -> list[float]:
    last = len(values) - 1
    return [values[round(at * last / (SPARKLINE - 1))] for at in range(SPARKLINE)]


def _leaves(settings: Mapping[str, Any], above: str) -> Iterable[tuple[str, Any]]:
    for name, value in settings.items():
        path = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}.")
        elif not isinstance(value, (list, tuple)) and path not in ("title", "note", "version"):
            yield path, value
