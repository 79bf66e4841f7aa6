"""Tables that belong together: ``test.csv`` beside ``train.csv``; ``test/a.csv`` beside ``train/a.csv``, where the
tables may be named as the parts too."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.one_class import one_class_doubts
from workbench.engine.catalog.datasets.tables.columns import Choice
from workbench.engine.catalog.datasets.tables.groups import spelled_facts
from workbench.engine.catalog.datasets.tables.parts import NOT_USED
from workbench.engine.catalog.datasets.tables.reading import TableReading
from workbench.engine.catalog.datasets.tables.repeats import Rule
from workbench.engine.catalog.datasets.tables.same_names import with_one_spelling
from workbench.engine.catalog.datasets.tables.shared_pictures import without_shared
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading, Subject
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import part_said, parts_of, said_beside

#: The settings that name the table of each part.
SETTINGS: Final = {"validation": "validation_table", "test": "test_table"}
_NO_GROUP: Final = re.compile(r"row \d+\Z")
_NUMBER: Final = re.compile(r"\d+")
_ALONE: Final = Reading("Do not read the other tables", tuple((name, "none") for name in SETTINGS.values()))


def tables_of_parts(table: Path, scans: FolderScans) -> dict[str, Path]:
    """The tables for validation and test that go with ``table`` by their names, if that is for training."""
    return _beside(table, scans) or _in_folders_beside(table, scans)


def _beside(table: Path, scans: FolderScans) -> dict[str, Path]:
    stems = [Path(name).stem for name in _names(table.parent, scans, False) if Path(name).suffix == table.suffix]
    return {part: table.with_name(stem + table.suffix) for part, stem in _parts(table.stem, stems)}


def _in_folders_beside(table: Path, scans: FolderScans) -> dict[str, Path]:
    for own, inner in ((table.parent, ""), (table.parent.parent, table.parent.name)):  # ``train/labels/labels.csv``
        if part_said(own.name) != "train":
            continue  # before the folders beside are listed: there may be thousands
        parts = dict(_parts(own.name, _names(own.parent, scans, True)))
        files = {part: _of_part(table, part, own.parent / name / inner, scans) for part, name in parts.items()}
        if any(files.values()):
            return {part: file for part, file in files.items() if file is not None}
    return {}


def _of_part(table: Path, part: str, folder: Path, scans: FolderScans) -> Path | None:
    """The table in ``folder`` that is called as ``table`` is, or so but for the word of its ``part``."""
    names = _names(folder, scans, False)
    if table.name in names:
        return folder / table.name
    stems = [table.stem, *(Path(name).stem for name in names if Path(name).suffix == table.suffix)]
    stem = dict(_parts(table.stem, stems)).get(part)
    return None if stem is None else folder / f"{stem}{table.suffix}"


def _parts(own: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Validation and test among ``names``, if ``own`` is for training and they say nothing else than it does."""
    parts = parts_of(names)
    if parts.get(own) != "train":
        return
    for part in SETTINGS:
        found = [name for name in names if parts.get(name) == part and said_beside(name) == said_beside(own)]
        found = found if len(found) < 2 else [name for name in found if _numbers(name) == _numbers(own)]
        if len(found) == 1:
            yield part, found[0]


def splits_beside(table: Path, scans: FolderScans) -> list[Path]:
    """The tables for training that differ from ``table`` in their numbers only, itself among them, each with another
    for validation or test: ``fold0_train.csv``, ``fold1_train.csv``. Empty if there is one split alone."""
    if not _beside(table, scans):
        return []
    alike = [
        name for name in _names(table.parent, scans, False) if _NUMBER.sub("0", name) == _NUMBER.sub("0", table.name)
    ]
    parted = {each: tuple(_beside(each, scans).values()) for each in map(table.with_name, sorted(alike, key=natural))}
    parted = {each: others for each, others in parted.items() if others}
    return list(parted) if len(parted) == len(set(parted.values())) > 1 else []


def splits_doubt(table: Path, scans: FolderScans) -> Doubt | None:
    """The question which of several splits is meant, where ``table`` is for training in one of them."""
    splits = splits_beside(table, scans)
    if not splits:
        return None
    parts = _beside(table, scans)
    names = paths_text([each.name for each in splits], 6)
    others = paths_text([each.name for each in parts.values()])
    text = f"{table.parent.name} holds {len(splits)} splits as tables, to train on {names}."
    text = f"{text} {table.name}, which is open, goes with {others}: use that, or open the table of another split."
    use = Reading(f"Use {others}", tuple((SETTINGS[part], each.name) for part, each in parts.items()))
    return Doubt("parts", text, (use, _ALONE))


def _numbers(name: str) -> list[str]:
    return _NUMBER.findall(name)


def _names(folder: Path, scans: FolderScans, folders: bool) -> list[str]:
    try:
        return [item.name for item in scans.items(folder) if item.is_folder == folders and not item.is_hidden]
    except OSError:
        return []


def same_columns(reading: TableReading, choice: Choice) -> Choice:
    """``choice`` with the class column of ``reading``, so that the tables of its parts are read in the same way."""
    return replace(choice, label=reading.class_column or choice.label, part="none", is_first=False)


def joined(training: TableReading, others: dict[str, TableReading], rule: Rule) -> TableReading:
    """One reading of ``training`` and the tables of its other parts; a picture in two of them is in one by ``rule``."""
    known = set(training.labels)
    used = {part: each for part, each in others.items() if set(each.labels) <= known}
    strange = {part: each for part, each in others.items() if part not in used}
    left_out = [(each.table.name, f"it has classes that {training.table.name} has not") for each in strange.values()]
    doubts = (*training.doubts, *_unknown(training, strange))
    found = replace(training, left_out=(*training.left_out, *left_out), doubts=doubts)
    if not used:
        return found
    asked = (doubt for each in used.values() for doubt in each.doubts if _is_on_repeats(doubt))
    parted = without_shared({"train": replace(found, doubts=(*found.doubts, *asked)), **used}, rule, _ALONE)
    found, tables = parted["train"], list(parted.items())
    shown = _shown([each.table for _, each in tables])
    said = [f"{_FOR[part]} from {shown[each.table]} ({grouped(len(each.files))})" for part, each in tables]
    fact = Fact("parts", f"The tables give the split: {', '.join(said)}.", (_ALONE,))
    groups, differ = with_one_spelling(_groups(tables) if training.groups else ())
    facts = (*(each for each in found.facts if each.subject != "parts"), *spelled_facts(differ.values()), fact)
    return replace(
        found,
        files=tuple(file for _, each in tables for file in each.files),
        labels=tuple(label for _, each in tables for label in each.labels),
        parts=tuple(part for part, each in tables for _ in each.files),
        groups=groups,
        facts=facts,
        passed=tuple(file for _, each in tables for file in each.passed),
    )


_FOR: Final = {"train": "training", "validation": "validation", "test": "test"}


def _shown(tables: Sequence[Path]) -> dict[Path, str]:
    """The tables as they are called in a sentence; those of one name are in folders of their own."""
    above = Path(os.path.commonpath(tables)) if len({table.name for table in tables}) == 1 else None
    return {table: table.name if above is None else table.relative_to(above).as_posix() for table in tables}


def _groups(tables: Sequence[tuple[str, TableReading]]) -> tuple[str, ...]:
    """The group of each row; a row without one, or of a table without groups, is one of its own."""
    return tuple(
        f"{part} {group}" if _NO_GROUP.match(group) else group
        for part, each in tables
        for group in (each.groups or tuple(f"row {row}" for row in range(len(each.files))))
    )


def _unknown(training: TableReading, others: dict[str, TableReading]) -> Iterator[Doubt]:
    """Classes that the other tables have and training has not. A table that has no other is not used, which is said."""
    apart = {part: each for part, each in others.items() if not set(each.labels) & set(training.labels)}
    for part, each in others.items():
        if part not in apart:
            names = sorted(set(each.labels) - set(training.labels), key=natural)
            text = f"{each.table.name} has classes that {training.table.name} has not: {paths_text(names)}."
            yield _without({part: each.table}, text, "parts")
    if apart:
        tables = paths_text([each.table.name for each in apart.values()])
        text = f"No class in {tables} is one of {training.table.name}, so that they give no part of the split."
        held: Subject = "parts" if "validation" in apart else "files"
        yield _without({part: each.table for part, each in apart.items()}, text, held)


def unread(part: str, table: Path, why: str, has_folder: bool) -> Doubt | None:
    """A doubt on a table for validation that cannot be read; one for testing often has no classes.

    ``has_folder``: the folder of the pictures is chosen, in which those of this table may well not be.
    """
    if part != "validation":
        return None
    subject: Subject = "files" if has_folder else "parts"
    return _without({part: table}, f"{table.name} is named as the validation part and is not used: it {why}", subject)


def _without(tables: Mapping[str, Path], text: str, subject: Subject) -> Doubt:
    label = f"Do not read {paths_text([table.name for table in tables.values()])}"
    return Doubt(subject, text, (Reading(label, tuple((SETTINGS[part], "none") for part in tables)),))


def with_one_class(reading: TableReading, tables: Collection[str]) -> TableReading:
    """``reading`` with a doubt for a part that has one class alone; ``tables`` are the parts that have their own."""
    of = {
        part: [label for label, each in zip(reading.labels, reading.parts, strict=True) if (each or "train") == part]
        for part in ("train", *SETTINGS)
    }
    alone = {part: Reading(f"Do not read the table for {part}", ((SETTINGS[part], "none"),)) for part in tables}
    without = alone or dict.fromkeys(SETTINGS, NOT_USED)
    return replace(reading, doubts=(*reading.doubts, *one_class_doubts(of["train"], of, without)))


def _is_on_repeats(doubt: Doubt) -> bool:
    return any(name == "repeated" for reading in doubt.readings for name, _ in reading.settings)
