"""Whether the files of a class are stored otherwise than those of others: a network can learn that and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.decode import Header, Unreadable, read_header
from workbench.engine.pictures.picture_kinds import kind_of

#: Maximum number of picture headers that are read in all, and minimum and maximum for each class. Where the minimum
#: does not fit into the total no header is read.
_LOOKED_AT, _LEAST, _MOST = 256, 4, 16
#: A way of storing is that of a class if at least this share of its pictures have it, and at most the rest of others.
_SHARE: Final = 0.9
_GRAY: Final = Reading("Read all in gray", (("colour", "gray"),))


@dataclass(frozen=True, slots=True)
class _Stored:
    kind: str
    header: Header


#: How a file may be stored, in words, and whether it is.
_WAYS: Final[tuple[tuple[str, Callable[[_Stored], bool]], ...]] = (
    ("in gray", lambda stored: stored.header.is_gray),
    ("with more than 8 bits", lambda stored: stored.header.is_deep),
    ("with transparency", lambda stored: stored.header.has_opacity),
)


def format_doubts(files: ClassFolders, colour: str) -> Iterator[Doubt]:
    """A doubt if a class is stored otherwise than others; ``colour`` is the setting. Reads a sample of headers."""
    found = {name: each for name, each in _samples(files) if len(each) >= _LEAST}
    if len(found) < 2:
        return
    kinds = sorted({stored.kind for each in found.values() for stored in each})
    ways = [*_WAYS, *((f"as {kind}", lambda stored, kind=kind: stored.kind == kind) for kind in kinds)]
    said, is_gray = [], False
    for words, is_so in ways if colour != "gray" else ways[1:]:
        shares = {name: np.mean([is_so(stored) for stored in each]) for name, each in found.items()}
        apart = [name for name, share in shares.items() if share >= _SHARE]
        if 0 < len(apart) < len(shares) and all(shares[name] <= 1 - _SHARE for name in shares if name not in apart):
            said.append(f"{paths_text(apart, 3)} {words}")
            is_gray = is_gray or words == "in gray"
    if said:
        yield Doubt("files", f"{_TEXT}: {'; '.join(said)}. {_WHY}", (_GRAY,) if is_gray and len(said) == 1 else ())


_TEXT: Final = "Classes differ in how their pictures are stored"
_WHY: Final = "A network can learn that instead of what is in the pictures. Save those of all classes alike."


def _samples(files: ClassFolders) -> Iterator[tuple[str, list[_Stored]]]:
    """Of each class some of its files; nothing where there are too many classes."""
    count = min(_MOST, _LOOKED_AT // max(1, len(files.classes)))
    if count < _LEAST:
        return
    for label, name in enumerate(files.classes):
        rows = np.flatnonzero(files.labels == label).tolist()
        chosen = rows[:: max(1, -(-len(rows) // count))]
        yield name, list(filter(None, (_stored(files.files[row]) for row in chosen)))


def _stored(file: Path) -> _Stored | None:
    try:
        return _Stored(kind_of(file), read_header(file))
    except Unreadable:
        return None
