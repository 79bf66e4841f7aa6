"""Tables of runs for other programs: CSV with plain numbers, Markdown as it is read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from workbench.engine.core.text import for_file
from workbench.engine.shelf.columns import USUAL, column, setting_words
from workbench.engine.shelf.compare import Comparison
from workbench.engine.shelf.record import RunRecord


def csv_of_runs(records: Sequence[RunRecord], keys: Sequence[str] = USUAL) -> str:
    """A line for each run, under the keys of the columns. Numbers are not rounded, not grouped, and have a point."""
    rows = [[_cell(key, record) for key in keys] for record in records]
    return _csv([list(keys), *rows])


def markdown_of_runs(records: Sequence[RunRecord], keys: Sequence[str] = USUAL) -> str:
    """A table with the titles of the columns and the texts of the screen."""
    columns = [column(key) for key in keys]
    rows = [[each.text(record) for each in columns] for record in records]
    return _markdown([[each.title for each in columns], *rows])


def csv_of_comparison(found: Comparison) -> str:
    """A line for each setting that differs, a column for each run."""
    return _csv(_comparison_rows(found))


def markdown_of_comparison(found: Comparison) -> str:
    """The same as a table, followed by the differences in words."""
    words = [f"- **{_escaped(other.record.name)}**: {_escaped(_sentence(other.words))}" for other in found.others]
    noise = [f"  {_escaped(other.versus.words)}" if other.versus is not None else "" for other in found.others]
    lines = [line for pair in zip(words, noise, strict=True) for line in pair if line]
    return _markdown(_comparison_rows(found)) + "\n" + "".join(f"{line}\n" for line in lines)


def _comparison_rows(found: Comparison) -> list[list[str]]:
    head = ["Setting", *(record.name for record in found.records)]
    reached = column("best_accuracy")
    best = [reached.title, *(reached.text(record) for record in found.records)]
    return [head, *([row.label, *row.values] for row in found.rows), best]


def _cell(key: str, record: RunRecord) -> str:
    value = column(key).value(record)
    if key == "status":
        return record.status
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return setting_words(value)
    return for_file(value, 12) if isinstance(value, float) else str(value)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[_harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A name that a spreadsheet would compute as a formula gets a mark in front; a number is none."""
    is_number = re.fullmatch(r"[-+]?[\d.]+(?:e[-+]?\d+)?", cell) is not None
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not is_number else cell


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [[_escaped(cell) for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escaped(text: str) -> str:
    return re.sub(r"([\\|*_`<\[\]])", r"\\\1", " ".join(text.split()))


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
