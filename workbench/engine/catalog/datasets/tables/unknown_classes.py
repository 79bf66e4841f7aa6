"""Rows of the test part whose class no row to train on has: they cannot be tested and are left out, which is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from workbench.engine.catalog.datasets.tables.reading import TableReading
from workbench.engine.catalog.datasets.tables.repeats import with_rows
from workbench.engine.catalog.datasets.understanding import Fact
from workbench.engine.core.text import counted, paths_text
from workbench.engine.pictures.class_folders import natural

_NAMED: Final = 6


def without_unknown(reading: TableReading) -> TableReading:
    """``reading`` without the test rows of classes that training has not, if it has rows to train on."""
    said = list(zip(reading.labels, reading.parts, strict=True))
    known = {label for label, part in said if part in ("", "train")}
    strange = [row for row, (label, part) in enumerate(said) if part == "test" and label not in known]
    if not strange or not known:
        return reading
    names: list[str] = sorted({reading.labels[row] for row in strange}, key=natural)
    reason = f"test rows of classes that training has not: {paths_text(names, _NAMED)}"
    count, out = counted(len(strange), "row"), set(strange)
    text = f"{count} of {reading.table.name} left out: {reason}."
    return replace(
        with_rows(reading, [row for row in range(len(said)) if row not in out]),
        passed=(*reading.passed, *(reading.files[row] for row in strange)),
        left_out=(*reading.left_out, (count, reason)),
        notes=(*reading.notes, text),
        facts=(*reading.facts, Fact("parts", text)),
    )
