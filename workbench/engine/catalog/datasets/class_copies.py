"""Classes whose files are those of another class once more, whatever they are called: which is meant is asked."""

from __future__ import annotations

import functools
import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.picture_kinds import is_read, kind_of

#: Of more files copies are not looked for here, and no more than these of equal size are read.
_MOST_FILES, _READ = 20_000, 200
#: A class is the copy of another if that has at least this share of its files.
_SHARE: Final = 0.5
#: Two classes whose shares in each other differ less than this are equal.
_ALIKE: Final = 0.05
#: Of longer files (bytes) only the beginning, the middle and the end are compared.
_CHUNK: Final = 65_536
#: (file, size in bytes, name of the class)
_Sized = tuple[Path, int, str]
_OWN: Final = Reading("Train on them as they are: different classes", (("class_names", "exact"),))


def class_copies(files: ClassFolders, leaving: Callable[[Sequence[Path]], Reading | None]) -> Doubt | None:
    """The question whether a class is meant whose files are in another one as well, None without such.

    ``leaving`` gives the reading that leaves the folders out that hold these files, if there is one.
    """
    if len(files.files) > _MOST_FILES:
        return None
    sized = tuple(_sized(files))
    inside = _inside(sized)
    copies = _copies(inside)
    if not copies:
        return None
    said = [f"{_shown(inside[one, other])} of {one!r} in {other!r}" for one, other in _pairs(inside)]
    text = f"Files of one class are in another as well: {paths_text(said, 4)}. No model can tell these apart."
    of = [file for file, _, name in sized if name in copies]
    leave = leaving(of) if len(files.classes) - len(copies) > 1 else None
    return Doubt("classes", text, (_OWN,) if leave is None else (leave, _OWN))


def _sized(files: ClassFolders) -> Iterator[_Sized]:
    for file, label in zip(files.files, files.labels.tolist(), strict=True):
        try:
            yield file, file.stat().st_size, files.classes[label]
        except OSError:
            continue


@functools.lru_cache(maxsize=4)
def _inside(files: tuple[_Sized, ...]) -> Mapping[tuple[str, str], float]:
    """Of pairs of classes the share of the first that is in the second, where that is a copy of it."""
    shared = list(_of_shared_sizes(files))
    # Names choose, so that a file and its copy are both read where they are called alike.
    read = sorted(shared, key=lambda each: (zlib.crc32(each[0].name.encode(errors="replace")), each[0]))[:_READ]
    total, able, looked_at = (Counter(name for *_, name in some) for some in (files, shared, read))
    shares = {pair: count / looked_at[pair[0]] * able[pair[0]] / total[pair[0]] for pair, count in _both(read).items()}
    return {pair: share for pair, share in sorted(shares.items()) if share >= _SHARE and total[pair[0]] > 1}


def _of_shared_sizes(files: Sequence[_Sized]) -> Iterator[_Sized]:
    """Those of ``files`` of which another class has one of the same size."""
    classes: defaultdict[int, set[str]] = defaultdict(set)
    for _, size, name in files:
        classes[size].add(name)
    return (each for each in files if each[1] and len(classes[each[1]]) > 1)


def _both(files: Sequence[_Sized]) -> Counter[tuple[str, str]]:
    """How many files of a class are in another as well, by the pair."""
    marks = [(mark, name) for file, size, name in files if (mark := _mark(file, size))]
    classes: defaultdict[bytes, set[str]] = defaultdict(set)
    for mark, name in marks:
        classes[mark].add(name)
    return Counter((name, other) for mark, name in marks for other in classes[mark] if other != name)


def _copies(inside: Mapping[tuple[str, str], float]) -> list[str]:
    """The classes to leave out: those that hold several others, else the one that is within another, of two equal ones
    that of the longer name.
    """
    within: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in inside:
        if _is_within(inside, one, other):
            within[other].add(one)
    if holders := [name for name, inner in within.items() if len(inner) > 1]:
        return holders
    return sorted({max(pair, key=_rank) if _are_equal(inside, *pair) else pair[0] for pair in _pairs(inside)})


def _pairs(inside: Mapping[tuple[str, str], float]) -> list[tuple[str, str]]:
    """Each pair once, first the class that is within the other."""
    return [
        (one, other)
        for one, other in inside
        if _is_within(inside, one, other) or (_are_equal(inside, one, other) and one < other)
    ]


def _is_within(inside: Mapping[tuple[str, str], float], one: str, other: str) -> bool:
    return inside[one, other] > inside.get((other, one), 0) and not _are_equal(inside, one, other)


def _are_equal(inside: Mapping[tuple[str, str], float], one: str, other: str) -> bool:
    return abs(inside.get((one, other), 0) - inside.get((other, one), 0)) < _ALIKE


def _rank(name: str) -> tuple[int, str]:
    return len(name), name


def _shown(share: float) -> str:
    return "all" if share > 0.99 else f"{grouped(100 * share)} %"


def _mark(file: Path, size: int) -> bytes:
    """What equal files have in common; empty for what is no picture or cannot be read."""
    if not is_read(kind_of(file)):
        return b""
    made = hashlib.blake2b(str(size).encode(), digest_size=16)
    try:
        with file.open("rb") as stream:
            for start in (0, size // 2, size - _CHUNK) if size > 3 * _CHUNK else (0,):
                stream.seek(start)
                made.update(stream.read(_CHUNK if size > 3 * _CHUNK else -1))
    except OSError:
        return b""
    return made.digest()
