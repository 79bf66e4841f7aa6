"""Tables of runs for other programs: CSV with plain numbers, Markdown as it is read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.core.text import for_file, plain
from workbench.engine.shelf.columns import NOTHING, USUAL, column, setting_words
from workbench.engine.shelf.compare import Comparison
from workbench.engine.shelf.record import RunRecord

#: What compared runs have reached, below the settings that differ.
_REACHED: Final = ("best_accuracy", "last_accuracy", "test_accuracy")


def csv_of_runs(records: Sequence[RunRecord], keys: Sequence[str] = USUAL) -> str:
    """A line for each run, under the keys of the columns. Numbers are not rounded, not grouped, and have a point."""
    rows = [[_cell(key, record) for key in keys] for record in records]
    return _csv([list(keys), *rows])


def markdown_of_runs(records: Sequence[RunRecord], keys: Sequence[str] = USUAL) -> str:
    """A table with the titles of the columns and the texts of the screen."""
    columns = [column(key) for key in keys]
    rows = [[each.text(record) for each in columns] for record in records]
    return _markdown([[each.title for each in columns], *rows])


def comparison_rows(found: Comparison, names: Mapping[Path, str]) -> list[list[str]]:
    """What differs as texts: a head with the ``names`` of the runs by their folders, a row for each setting, then what
    was reached."""
    rows = [["Setting", *(names[record.folder] for record in found.records)]]
    rows += [[row.label, *row.values] for row in found.rows]
    for reached in map(column, _REACHED):
        texts = [reached.text(record) for record in found.records]
        rows += [[reached.title, *texts]] if any(text != NOTHING for text in texts) else []
    return rows


def csv_of_comparison(found: Comparison, names: Mapping[Path, str]) -> str:
    """A line for each row of ``comparison_rows``, a column for each run, and where the runs are kept."""
    return _csv([list(map(plain, row)) for row in (*comparison_rows(found, names), _folders(found))])


def markdown_of_comparison(found: Comparison, names: Mapping[Path, str]) -> str:
    """The same as a table, followed by the differences in words."""
    named = [escaped(names[other.record.folder]) for other in found.others]
    words = [
        f"- **{name}**: {escaped(_sentence(other.words))}" for name, other in zip(named, found.others, strict=True)
    ]
    noise = [f"  {escaped(other.versus.words)}" if other.versus is not None else "" for other in found.others]
    lines = [line for pair in zip(words, noise, strict=True) for line in pair if line]
    return _markdown([*comparison_rows(found, names), _folders(found)]) + "\n" + "".join(f"{line}\n" for line in lines)


def _folders(found: Comparison) -> list[str]:
    return ["Folder", *(record.folder_name for record in found.records)]


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
    csv.writer(text, lineterminator="\n").writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def harmless(cell: str) -> str:
    """A name that a spreadsheet would compute as a formula gets a mark in front; a number is none."""
    is_number = re.fullmatch(r"[-+]?[\d.]+(?:e[-+]?\d+)?", cell) is not None
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not is_number else cell


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [[escaped(cell) for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def escaped(text: str) -> str:
    """Text in one line of Markdown, without what Markdown would take for markup."""
    return re.sub(r"([\\|*_`<\[\]])", r"\\\1", " ".join(text.split()))


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
