"""The parts that the files of a table's pictures say, where no column, table or list does: by the folders in which they
were found (``train/p000.png``), or by their names (``train_000.png`` beside ``test_000.png``), which is asked."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import IN_NAMES
from workbench.engine.catalog.datasets.folders.part_words import meanings, others_train, part_words
from workbench.engine.catalog.datasets.tables.parts import FOR, LEFT_OUT, NOT_USED, folders_of_parts
from workbench.engine.catalog.datasets.tables.reading import TableReading
from workbench.engine.catalog.datasets.tables.repeats import with_rows
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.part_names import part_word

_BY_NAMES: Final = Reading("The names of the files give the parts", (("part_column", IN_NAMES),))


def by_files(reading: TableReading) -> TableReading:
    """``reading`` in the parts of the folders that its pictures are in, or with a doubt on what their names say."""
    return _by_folders(reading) or _asked(reading)


def by_names(reading: TableReading) -> TableReading:
    """``reading`` in the parts that the names of its pictures say. Raises WorkbenchError if none is for training."""
    words = {file: word for file in reading.files if (word := part_word(file.stem))}
    known, rest = meanings(words), "train" if others_train(words) else LEFT_OUT
    parts = [known[words[file]] if file in words else rest for file in reading.files]
    if not words or "train" not in parts:
        text = f"No picture of {reading.table} has train in its name, so that the names of the files give no parts."
        raise WorkbenchError(text, "data.source.part_column")
    others = len(reading.files) - len(words)
    fact = Fact("parts", f"The names of the files give the split: {_shown(words, others, rest)}.", (NOT_USED,))
    return in_parts(reading, parts, fact, "no part in its name")


def in_parts(reading: TableReading, parts: Sequence[str], fact: Fact, why: str) -> TableReading:
    """``reading`` in ``parts``, one a row, of which ``fact`` says the reason; rows of no part are left out, which
    ``why`` explains."""
    kept = [row for row, part in enumerate(parts) if part != LEFT_OUT]
    out = ((counted(len(parts) - len(kept), "row"), why),) if len(kept) < len(parts) else ()
    passed = (file for file, part in zip(reading.files, parts, strict=True) if part == LEFT_OUT)
    found = replace(
        reading,
        parts=tuple(parts),
        facts=(*(each for each in reading.facts if each.subject != "parts"), fact),
        left_out=(*reading.left_out, *out),
        passed=(*reading.passed, *passed),
    )
    return with_rows(found, kept)


def _by_folders(reading: TableReading) -> TableReading | None:
    """None where the folders of the pictures that are there are not all those of parts."""
    folders = [os.path.dirname(file) for file in map(str, reading.files)]
    there = sorted(filter(os.path.isdir, set(folders)))
    above = os.path.commonpath(there) if len(there) > 1 else ""
    named = {folder: os.path.relpath(folder, above).split(os.sep) for folder in there} if above else {}
    meant = folders_of_parts([*named.values()]) if named else None
    if meant is None:
        return None
    depth, known = meant
    parts = [known[named[folder][depth]] if folder in named else "train" for folder in folders]
    counts = Counter(named[folder][depth] for folder in folders if folder in named)
    said = ", ".join(f"{grouped(counts[name])} in {name!r} are for {FOR[known[name]]}" for name in sorted(counts))
    text = f"The folders in which the pictures were found give the parts: {said}."
    return in_parts(reading, parts, Fact("parts", text, (NOT_USED,)), "")


def _asked(reading: TableReading) -> TableReading:
    """``reading`` with a doubt if the names of its pictures say parts, in at least two classes several."""
    words = part_words(reading.files)
    if not words:
        return reading
    known, rest = meanings(words), "train" if others_train(words) else LEFT_OUT
    of = {file: known[words[file]] if file in words else rest for file in reading.files}
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for file, label in zip(reading.files, reading.labels, strict=True):
        parts[label].add(of[file])
    if sum(len(found - {LEFT_OUT}) > 1 for found in parts.values()) < 2:
        return reading
    others = len(reading.files) - len(words)
    text = f"The names of the files may give the parts of a split: {_shown(words, others, rest)}."
    are_trained = all("train" in found for found in parts.values())
    none = Reading("They say no parts: the settings hold a share back", NOT_USED.settings)
    doubt = Doubt("parts", text, (*((_BY_NAMES,) if are_trained else ()), none))
    return replace(reading, doubts=(*reading.doubts, doubt))


def _shown(words: Mapping[Path, str], others: int, rest: str) -> str:
    """The words, each with the number of its pictures; ``others`` have none, and ``rest`` is their part."""
    counts = Counter(words.values())
    said = [f"{word!r} ({grouped(counts[word])})" for word in sorted(counts)]
    what = "are to train on" if rest == "train" else "have none"
    return paths_text([*said, *([f"the {grouped(others)} others {what}"] if others else [])], 6)
