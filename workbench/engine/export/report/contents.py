"""Contents of the report of a run: headings with sentences, tables and charts, independent of the file format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.text import counted, duration, grouped, percent
from workbench.engine.data.store import DataStore
from workbench.engine.export.about import data, shareable, versions
from workbench.engine.export.report.curves import curves
from workbench.engine.export.report.matrix import matrix
from workbench.engine.export.score import scores_of
from workbench.engine.export.subject import Provenance
from workbench.engine.report.svg.chart import Paint
from workbench.engine.report.svg.drawing import chart_svg
from workbench.engine.report.svg.grid import grid_svg
from workbench.engine.report.verdict import Judge
from workbench.engine.report.words_on_test import look_words
from workbench.engine.run_store.history import History
from workbench.engine.shelf.compare import change_words
from workbench.engine.shelf.differing import label_at
from workbench.engine.shelf.opened import opening
from workbench.engine.shelf.record import RunRecord
from workbench.engine.spec.listing import listing

#: A space as wide as the letters are high.
_INDENT: Final = "\u2003"


@dataclass(frozen=True, slots=True)
class Section:
    """``lines`` are sentences, the rows of ``table`` have equal lengths, ``drawings`` return SVG for given colours and
    a width in pixels."""

    title: str
    lines: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    drawings: tuple[Callable[[Paint, int], str], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The page: its ``title``, a line below it, and sections."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


def reporting(origin: Provenance, store: DataStore | None = None) -> Job[Report]:
    """The report of a run. Raises WorkbenchError for weights without a run."""
    record = origin.record
    if record is None:
        raise WorkbenchError(f"{origin.name} is a file of weights alone; a report is about a run with its curves.")
    history, _mark = yield from opening(record.folder)
    yield Loading(0, 0, "Judging validation examples")
    found = matrix(origin, store)
    yield Loading(0, 0, "Drawing")
    drawn = tuple(partial(chart_svg, chart) for chart in curves(history))
    grids = () if found.grid is None else (partial(grid_svg, found.grid),)
    sections = (
        Section("Result", tuple(_result(origin, record, history))),
        Section("Curves", tuple(_changes(origin, history)), drawings=drawn),
        Section("Confusion matrix", found.lines, drawings=grids),
        Section("Data", table=tuple(_data(origin))),
        Section("Settings", ("Those that differ from the defaults have a mark.",), tuple(_settings(origin))),
        Section("Versions", table=tuple(versions(origin).items())),
    )
    return Report(origin.name, _subtitle(record), sections)


def _subtitle(record: RunRecord) -> str:
    parts = (record.title, record.model, record.data, record.optimizer, f"{record.started:%Y-%m-%d}")
    return " · ".join(part for part in parts if part)


def _result(origin: Provenance, record: RunRecord, history: History) -> Iterator[str]:
    reason = record.reason.rstrip(".") or f"Status: {record.status}"
    done = f"{counted(record.epoch, 'epoch')} of {grouped(record.epochs)}, {counted(record.step, 'step')}"
    yield f"{reason}. {done} in {duration(record.seconds)}, seed {record.seed}."
    for score in scores_of(origin):
        chosen = " The weights were chosen by it, so it is a little too good." if score.is_choice else ""
        looks = history.tested.looks if score.part == "test" and history.tested is not None else 0
        seen = f", {look_words(looks)}" if looks else ""
        yield f"Accuracy: {score.words}{seen}.{chosen}"
    verdict = Judge(history).verdict()
    yield " ".join((verdict.headline, *verdict.evidence))


def _changes(origin: Provenance, history: History) -> Iterator[str]:
    """The live changes with the numbers that the curves have."""
    if not history.edits:
        return
    assert origin.trained is not None
    spec = origin.trained.spec
    for number, edit in enumerate(history.edits, 1):
        change = f"{label_at(spec, edit.path)} {change_words(edit.old, edit.new, spec, edit.path)}"
        yield f"{number}: {change} before step {grouped(edit.step + 1)}."


def _data(origin: Provenance) -> Iterator[tuple[str, str]]:
    found = data(origin)
    if found is None:
        return
    yield "Data", " ".join(filter(None, (found["title"], found["name"])))
    for name in ("training_examples", "validation_examples", "test_examples"):
        if found[name]:
            yield name.replace("_", " ").capitalize(), grouped(found[name])
    yield "Validation share", percent(found["validation_fraction"])
    yield "Split seed", grouped(found["split_seed"])
    if found["folds"]:
        yield "Fold", f"{found['fold'] or 1} of {found['folds']}"
    if origin.trained is not None and origin.trained.spec.data.source.licence:
        yield "Licence", origin.trained.spec.data.source.licence


def _settings(origin: Provenance) -> Iterator[tuple[str, str]]:
    assert origin.trained is not None
    for line in listing(shareable(origin.trained.spec)):
        mark = " ●" if line.default else ""
        yield f"{_INDENT * line.depth}{line.label}{mark}", line.value
