"""Checks for equal pictures: duplicates, leaks between training and validation, contradicting labels."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import grouped
from workbench.engine.data.findings import Action, Finding

_CHUNK: Final = 1024


@dataclass(frozen=True, slots=True)
class _Place:
    part: str
    label: int
    name: str


def _twins(
    dataset: Dataset, train: npt.NDArray[np.int64], val: npt.NDArray[np.int64], test: Dataset | None
) -> Generator[Loading, None, list[Finding]]:
    """Examples that are the same to the model: equal pixels at the size in which it sees them."""
    if not dataset.is_image:
        return []
    part_of = np.full(len(dataset.labels), "", dtype="<U10")
    part_of[train], part_of[val] = "training", "validation"
    seen: dict[bytes, list[_Place]] = {}
    sets = [(dataset, part_of)] + ([(test, np.full(len(test.labels), "test"))] if test is not None else [])
    total, done = sum(len(each.labels) for each, _ in sets), 0
    for each, parts in sets:
        for index, (picture, label) in enumerate(zip(each.inputs, each.labels.tolist(), strict=True)):
            if done % _CHUNK == 0:
                yield Loading(done, total, "Looking for pictures that are there twice")
            done += 1
            if parts[index]:  # else it is not used
                name = each.files[index] if each.files else f"example {grouped(index + 1)}"
                mark = hashlib.blake2b(picture.tobytes(), digest_size=16).digest()
                seen.setdefault(mark, []).append(_Place(str(parts[index]), label, name))
    groups = [places for places in seen.values() if len(places) > 1]
    return [*_leaks(groups), *_contradictions(groups, dataset.classes), *_duplicates(groups)]


def _leaks(groups: Sequence[Sequence[_Place]]) -> Iterator[Finding]:
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
        actions = (Action("skip", f"Leave them out of {held}", out), Action("stop", "Sort the files first", files))
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
    """Within one part and class; the others have sentences of their own."""
    plain = [places for places in groups if len({(place.part, place.label) for place in places}) == 1]
    if plain:
        spare = tuple(place.name for places in plain for place in places[1:])
        example = f"{plain[0][0].name} and {plain[0][1].name}"
        sentence = (
            f"{grouped(len(spare))} picture{'s are' if len(spare) > 1 else ' is'} there more than once, e.g. {example}."
        )
        files = tuple(place.name for places in plain for place in places)
        actions = (Action("skip", "Keep one of each", spare),)
        yield Finding("duplicates", "warning", sentence, files, actions=actions)
