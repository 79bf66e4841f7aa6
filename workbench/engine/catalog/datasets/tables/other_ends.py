"""Pictures whose names have a common suffix or prefix that a table omits: ``1_aligned.jpg`` for ``1.jpg``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from workbench.engine.catalog.datasets.tables.candidates import same
from workbench.engine.pictures.picture_kinds import SUFFIXES

#: Minimum number of rows, and the minimum share of them that must agree; fewer may agree by chance.
_FEWEST: Final = 3
_SHARE: Final = 0.9
#: Number of rows that are searched for one whose picture exists; it tells by which suffix the names differ.
_TRIED: Final = 5


@dataclass(frozen=True, slots=True)
class _Ends:
    """Prefix and suffix by which names of pictures extend a name of the table, which loses its own suffix."""

    before: str
    behind: str

    def of(self, stem: str) -> str:
        return f"{self.before}{stem}{self.behind}"


def by_other_ends(paths: Sequence[str], pictures: Iterable[PurePosixPath]) -> list[str] | None:
    """``paths`` with the names that ``pictures`` have; None where these do not differ in one way from nearly all of
    them, or a name could mean two pictures."""
    stems = {same(_stem(path)) for path in paths}
    names = {same(picture.name) for picture in pictures}
    if len(stems) < _FEWEST:
        return None
    tried = {ends for path in paths[:_TRIED] for ends in _possible(same(_stem(path)), names)}
    fitting = [ends for ends in tried if len(names & {ends.of(s) for s in stems}) >= _SHARE * len(stems)]
    if len(fitting) != 1 or _have_others(stems, names, fitting[0]):
        return None
    return [(PurePosixPath(path).parent / fitting[0].of(_stem(path))).as_posix() for path in paths]


def _stem(path: str) -> str:
    """The name in ``path`` without the suffix of a picture."""
    stem, suffix = os.path.splitext(PurePosixPath(path).name)
    return stem if suffix.lower() in SUFFIXES else f"{stem}{suffix}"


def _possible(stem: str, names: Iterable[str]) -> Iterator[_Ends]:
    """In which ways one of ``names`` begins or ends with ``stem``, and is marked off from it."""
    for name in names:
        whole, suffix = os.path.splitext(name)
        before, behind = whole[: -len(stem)], whole[len(stem) :]
        if behind and whole.startswith(stem) and not behind[0].isalnum():
            yield _Ends("", f"{behind}{suffix}")
        elif before and whole.endswith(stem) and not before[-1].isalnum():
            yield _Ends(before, suffix)


def _have_others(stems: set[str], names: set[str], ends: _Ends) -> bool:
    """Whether further pictures begin with one of ``stems`` and a mark: then these name several pictures each."""
    meant = {ends.of(stem) for stem in stems}
    return any(each in stems for name in names - meant for each in _beginnings(os.path.splitext(name)[0]))


def _beginnings(stem: str) -> Iterator[str]:
    yield stem
    yield from (stem[:place] for place, letter in enumerate(stem) if not letter.isalnum())
