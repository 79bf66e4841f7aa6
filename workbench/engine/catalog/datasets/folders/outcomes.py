"""What comes out of each reading that a doubt offers: its classes with their counts, and the best reading first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import combinations
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import Choices
from workbench.engine.catalog.datasets.folders.layout import Layout, read_layout
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.folder_scans import FolderScans

_KNOWN: Final = frozenset(field.name for field in fields(Choices))
_NAMED: Final = 3
#: Maximum number of answers to several questions at once.
_OFFERED: Final = 8
#: A reading that keeps less than this share of the pictures of another is not offered beside it.
_WORTH: Final = 0.1


def with_outcomes(root: Path, doubts: tuple[Doubt, ...], choices: Choices, scans: FolderScans) -> tuple[Doubt, ...]:
    """``doubts`` whose readings say what comes out; those that lose most of the pictures come last, or go.

    Several questions become one, so that no answer ends in the refusal of another.
    """
    return tuple(
        replace(doubt, readings=tuple(_ranked(root, doubt, choices, scans))) if doubt.is_refused else doubt
        for doubt in _joined(root, doubts, choices, scans)
    )


def _joined(root: Path, doubts: tuple[Doubt, ...], choices: Choices, scans: FolderScans) -> tuple[Doubt, ...]:
    """``doubts`` with one in the place of several questions about how the folder is read, by settings of their own; of
    those by the same setting (what is left out) one is asked after the other."""
    asked = [doubt for doubt in doubts if doubt.is_refused and doubt.readings]
    if len(asked) < 2 or not all(_is_known(reading) for doubt in asked for reading in doubt.readings):
        return doubts
    of = [{name for reading in doubt.readings for name, _ in reading.settings} for doubt in asked]
    if any(first & second for first, second in combinations(of, 2)):
        return doubts
    both = [each for reading in asked[0].readings for each in _answered(root, reading, choices, scans)]
    if not both:
        return doubts
    text = " ".join(doubt.sentence for doubt in asked)
    one = Doubt(asked[0].subject, text, tuple(both[:_OFFERED]))
    return tuple(one if doubt is asked[0] else doubt for doubt in doubts if doubt is asked[0] or doubt not in asked)


def _answered(root: Path, reading: Reading, choices: Choices, scans: FolderScans) -> Iterator[Reading]:
    """``reading`` with each answer to the question that is left after it, alone where none is; nothing if it cannot be
    used."""
    layout = _after(root, reading, choices, scans)
    if layout is None:
        return
    left = next((doubt for doubt in layout.doubts if doubt.is_refused and doubt.readings), None)
    if left is None:
        yield reading
        return
    for each in left.readings:
        words = each.label.partition(": ")[0]
        label = f"{reading.label.partition(': ')[0]}; {words[:1].lower()}{words[1:]}"
        yield Reading(label, tuple({**dict(reading.settings), **dict(each.settings)}.items()))


def _ranked(root: Path, doubt: Doubt, choices: Choices, scans: FolderScans) -> Iterator[Reading]:
    found = [(reading, _after(root, reading, choices, scans)) for reading in doubt.readings]
    refused = [reading for reading, layout in found if layout is None and _is_known(reading)]
    kept = [_kept(layout) if layout is not None else 0 for _, layout in found]
    most = max(kept, default=0)
    order = sorted(range(len(found)), key=lambda index: 2 * kept[index] < most)
    said = set()
    for index in order:
        reading, layout = found[index]
        if layout is None:
            if reading not in refused or len(refused) == len(found):
                yield reading
            continue  # one that is refused is no way out beside others
        key = frozenset((group.part or "train", group.name, group.files) for group in layout.groups)
        if key in said:
            continue  # another reading does the same
        said.add(key)
        if kept[index] >= _WORTH * most:
            yield replace(reading, label=f"{reading.label.partition(': ')[0]} → {_words(layout)}")


def _after(root: Path, reading: Reading, choices: Choices, scans: FolderScans) -> Layout | None:
    """What is read with the settings of ``reading``; None where that cannot be told."""
    known = {name: value for name, value in reading.settings if name in _KNOWN}
    try:
        return read_layout(root, replace(choices, **known), scans) if _is_known(reading) else None
    except WorkbenchError:
        return None


def _is_known(reading: Reading) -> bool:
    """Whether ``reading`` changes how the folder is read."""
    return any(name in _KNOWN for name, _ in reading.settings)


def _kept(layout: Layout) -> int:
    return sum(len(group.files) for group in layout.groups if group.name in layout.classes)


def _words(layout: Layout) -> str:
    counts = dict.fromkeys(layout.classes, 0)
    for group in layout.groups:
        if group.name in counts and group.part != "test":
            counts[group.name] += len(group.files)
    named = paths_text([f"{name}: {grouped(count)}" for name, count in counts.items()], _NAMED)
    return f"{counted(len(counts), 'class', 'classes')} ({named})"
