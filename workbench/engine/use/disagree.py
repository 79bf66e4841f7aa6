"""Pictures for which two networks predict different classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from workbench.engine.core.progress import Job, Loading, translated
from workbench.engine.use.network import UsedNetwork
from workbench.engine.use.picture_walk import PictureWalk
from workbench.engine.use.predict import Prediction, predicting_files


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A picture, and the class and probability (0–1) that each of two networks gives it."""

    path: Path
    first: str
    first_probability: float
    second: str
    second_probability: float


@dataclass(frozen=True, slots=True)
class Disagreements:
    """``pictures`` that two networks see differently, the surest disagreement first; ``count`` were compared.

    ``unreadable`` files could not be.
    """

    pictures: tuple[Disagreement, ...]
    count: int
    unreadable: int


def disagreeing(first: UsedNetwork, second: UsedNetwork, paths: Sequence[Path]) -> Job[Disagreements]:
    """Both networks on all pictures at ``paths``; classes are compared by their names. Raises WorkbenchError."""
    answers: list[list[Prediction]] = [[], []]
    for network, taken in zip((first, second), answers, strict=True):
        work = predicting_files(network, PictureWalk(paths), taken.extend)
        yield from translated(work, partial(_named, network.name))
    known = {each.path: each for each in answers[1] if not each.reason}
    pairs = [(each, known[each.path]) for each in answers[0] if not each.reason and each.path in known]
    found = [_compared(first, second, one, other) for one, other in pairs]
    differing = [each for each in found if each.first != each.second]
    differing.sort(key=lambda each: -(each.first_probability * each.second_probability))
    return Disagreements(tuple(differing), len(pairs), sum(bool(each.reason) for each in answers[0]))


def _named(name: str, now: Loading) -> Loading:
    return replace(now, words=f"{now.words} with {name}")


def _compared(first: UsedNetwork, second: UsedNetwork, one: Prediction, other: Prediction) -> Disagreement:
    return Disagreement(
        one.path, first.classes[one.first], one.probability, second.classes[other.first], other.probability
    )
