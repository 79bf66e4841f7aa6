"""Checks for equal pictures: duplicates, leaks between training and validation, contradicting labels."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.text import grouped
from workbench.engine.data.findings import FIX_FILES, Action, Finding

if TYPE_CHECKING:
    from workbench.engine.data.check_subject import Subject

_CHUNK: Final = 1024


@dataclass(frozen=True, slots=True)
class _Place:
    part: str
    label: int
    name: str


def same_pictures(subject: Subject) -> Job[list[Finding]]:
    """Examples that are the same to the model: equal pixels at the size in which it sees them."""
    dataset = subject.dataset
    if not dataset.is_image:
        return []
    part_of = np.full(len(dataset.labels), "", dtype="<U10")
    part_of[subject.split.train], part_of[subject.split.val] = "training", "validation"
    part_of[subject.split.test] = "test"
    seen: defaultdict[bytes, list[_Place]] = defaultdict(list)
    sets = [(dataset, part_of)]
    if subject.test is not None:
        sets.append((subject.test, np.full(len(subject.test.labels), "test")))
    total, done = sum(len(each.labels) for each, _ in sets), 0
    for each, parts in sets:
        for index, picture in enumerate(each.inputs):
            if done % _CHUNK == 0:
                yield Loading(done, total, "Looking for pictures that are there twice")
            done += 1
            if parts[index]:  # else it is not used
                mark = hashlib.blake2b(picture.tobytes(), digest_size=16).digest()
                seen[mark].append(_place(each, index, str(parts[index])))
    groups = [places for places in seen.values() if len(places) > 1]
    used = np.concatenate((subject.split.train, subject.split.val))
    alone = _of_one_picture(groups, dataset.classes, Counter(dataset.labels[used].tolist()))
    return [
        *alone,
        *_leaks(groups, bool(dataset.files)),
        *_contradictions(groups, dataset.classes),
        *_duplicates(groups),
    ]


def _place(dataset: Dataset, index: int, part: str) -> _Place:
    name = dataset.files[index] if dataset.files else f"example {grouped(index + 1)}"
    return _Place(part, int(dataset.labels[index]), name)


def _of_one_picture(
    groups: Sequence[Sequence[_Place]], classes: Sequence[str], sizes: Mapping[int, int]
) -> Iterator[Finding]:
    """Classes of which all pictures are the same; ``sizes``: how many train and validate, by label."""
    for places in groups:
        for label, count in Counter(place.label for place in places if place.part != "test").items():
            if count == sizes[label] > 1:
                files = tuple(place.name for place in places if place.label == label)
                sentence = f"All {grouped(count)} pictures of {classes[label]!r} are the same."
                yield Finding("one_picture", "warning", sentence, files, actions=(Action("stop", FIX_FILES),))


def _leaks(groups: Sequence[Sequence[_Place]], has_files: bool) -> Iterator[Finding]:
    for held in ("validation", "test"):
        leaked = [places for places in groups if {"training", held} <= {place.part for place in places}]
        if not leaked:
            continue
        out = tuple(place.name for places in leaked for place in places if place.part == held)
        pairs = " and ".join(next(p.name for p in leaked[0] if p.part == part) for part in (held, "training"))
        sentence = (
            f"{grouped(len(out))} {held} picture{'s are' if len(out) > 1 else ' is'} also in training, e.g. {pairs}: "
            f"what is measured there is memory and not learning."
        )
        files = tuple(place.name for places in leaked for place in places)
        stop = Action("stop", "Show these pictures", files) if has_files else Action("stop", "Choose other data")
        actions = (Action("skip", f"Leave them out of {held}", out), stop)
        yield Finding(f"leak_{held}", "warning", sentence, files, actions=actions)


def _contradictions(groups: Sequence[Sequence[_Place]], classes: Sequence[str]) -> Iterator[Finding]:
    found = [places for places in groups if len({place.label for place in places}) > 1]
    if found:
        first = found[0]
        other = next(place for place in first if place.label != first[0].label)
        sentence = (
            f"{grouped(len(found))} picture{'s are' if len(found) > 1 else ' is'} in two classes, e.g. {first[0].name} "
            f"({classes[first[0].label]}) and {other.name} ({classes[other.label]}): no model can learn both."
        )
        files = tuple(place.name for places in found for place in places)
        actions = (Action("skip", "Leave all of them out", files), Action("stop", "Decide for one class first", files))
        yield Finding("two_classes", "warning", sentence, files, actions=actions)


def _duplicates(groups: Sequence[Sequence[_Place]]) -> Iterator[Finding]:
    """Within one part and class; one that is in several of them has a sentence of its own besides."""
    plain = [places for group in groups for places in _together(group) if len(places) > 1]
    if plain:
        spare = tuple(place.name for places in plain for place in places[1:])
        example = f"{plain[0][0].name} and {plain[0][1].name}"
        sentence = (
            f"{grouped(len(spare))} picture{'s are' if len(spare) > 1 else ' is'} there more than once, e.g. {example}."
        )
        files = tuple(place.name for places in plain for place in places)
        actions = (Action("skip", "Keep one of each", spare),)
        yield Finding("duplicates", "warning", sentence, files, actions=actions)


def _together(places: Sequence[_Place]) -> Iterator[list[_Place]]:
    """The copies that are in the same part and class."""
    found: defaultdict[tuple[str, int], list[_Place]] = defaultdict(list)
    for place in places:
        found[place.part, place.label].append(place)
    yield from found.values()
