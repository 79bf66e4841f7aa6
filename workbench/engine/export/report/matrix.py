"""The confusion matrix of a run's validation examples, where its data are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, percent
from workbench.engine.data.store import DataStore
from workbench.engine.evaluation.evaluation import EvaluationOptions
from workbench.engine.export.subject import Provenance
from workbench.engine.inspection.confusion import Confusion
from workbench.engine.inspection.judged import judged
from workbench.engine.report.svg.grid import Grid

#: Maximum number of classes of a confusion matrix on one page.
_DRAWN: Final = 60
_MOST: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Sentences on it, or on why there is none, and the drawing of it."""

    lines: tuple[str, ...]
    grid: Grid | None = None


def matrix(origin: Provenance, store: DataStore | None = None) -> Matrix:
    """Ask the network about the examples that its training held back."""
    try:
        found = judged([origin.entry.path], options=EvaluationOptions(store=store))
    except WorkbenchError as error:
        return Matrix((f"It could not be made: {error.message}",))
    confusion, names = found.confusion, found.classes
    order = confusion.order_by_confusion()
    shown = confusion.reordered(order)
    ordered = tuple(names[place] for place in order.tolist())
    said = f"{counted(len(found.labels), 'validation example')}, {percent(found.accuracy)} right."
    lines = (said, *_most_confused(confusion, names))
    if len(names) > _DRAWN:
        return Matrix(lines)
    title = "Confusion matrix of validation"
    return Matrix(lines, Grid(title, ordered, ordered, "Class", "Answer", shown.counts, shown.rates()))


def _most_confused(confusion: Confusion, names: tuple[str, ...]) -> tuple[str, ...]:
    counts = confusion.counts.copy()
    np.fill_diagonal(counts, 0)
    places = np.argsort(-counts, axis=None, kind="stable")[:_MOST]
    pairs = [(place // len(names), place % len(names)) for place in places.tolist()]
    said = [f"{names[a]} as {names[b]} ({counts[a, b]})" for a, b in pairs if counts[a, b]]
    return (f"Most confused: {', '.join(said)}.",) if said else ()
