"""Which of several files of one name a path in a table means: by the folders above them and what these are called."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from pathlib import PurePosixPath
from typing import Final

from workbench.engine.pictures.part_names import parts_of, said_beside, says_nothing, words_of

#: Words for what is said of pictures.
OF_LABELS: Final = frozenset(
    {"label", "labels", "annotation", "annotations", "anno", "annos", "class", "classes", "target", "targets", "gt"}
    | {"truth", "groundtruth", "table", "tables", "csv", "meta", "metadata", "list", "lists", "split", "splits"}
)
#: What Label Studio puts before the names of files that are uploaded.
_UPLOAD: Final = re.compile(r"[0-9a-f]{8}-")


def same(name: str) -> str:
    """What names have in common that are equal but for their Unicode form or case."""
    return unicodedata.normalize("NFC", name).casefold()


def with_all(candidates: Sequence[Sequence[PurePosixPath]]) -> list[PurePosixPath]:
    """The folders that have a picture for every row."""
    counts = Counter(folder for each in candidates for folder in {path.parent for path in each})
    return [folder for folder, count in counts.items() if count == len(candidates)]


def below_one(
    candidates: Sequence[Sequence[PurePosixPath]], hints: Sequence[frozenset[str]], table: str
) -> list[Sequence[PurePosixPath]]:
    """``candidates`` by the ``hints``; those still open are below the folder that decides them all, if there is one
    alone, or one that shares a word with the name of the ``table``.
    """
    left = [hinted(each, words) for each, words in zip(candidates, hints, strict=True)]
    folders = deciding([each for each in left if len(each) > 1])
    words = set(words_of(table))
    called = [folder for folder in folders if words & set(words_of(folder.name))] if len(folders) > 1 else folders
    if len(called) != 1:
        return left
    return [[path for path in each if called[0] in path.parents] if len(each) > 1 else each for each in left]


def deciding(candidates: Sequence[Sequence[PurePosixPath]]) -> list[PurePosixPath]:
    """The innermost folders below which each row has one picture, as those of parts with class folders in them."""
    counts: Counter[PurePosixPath] = Counter()
    for each in candidates:
        below = Counter(folder for path in each for folder in path.parents)
        counts.update(folder for folder, count in below.items() if count == 1)
    found = [folder for folder, count in counts.items() if count == len(candidates)]
    return [folder for folder in found if not any(folder in other.parents for other in found)]


def longest(path: str, index: Mapping[str, list[PurePosixPath]]) -> list[PurePosixPath]:
    """The files that have most parts of the end of ``path`` in common."""
    parts = [same(part) for part in PurePosixPath(path).parts]
    found = (index.get(parts[-1]) or index.get(_UPLOAD.sub("", parts[-1]), [])) if parts else []
    lengths = [common(parts[:-1], [same(part) for part in file.parts[:-1]]) for file in found]
    return [file for file, length in zip(found, lengths, strict=True) if length == max(lengths)]


def common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many parts at the end are equal."""
    length = 0
    while length < min(len(a), len(b)) and a[-1 - length] == b[-1 - length]:
        length += 1
    return length


def hinted(files: Sequence[PurePosixPath], words: frozenset[str]) -> Sequence[PurePosixPath]:
    """Those in a folder that is called as the class or the part of the row, if there are any."""
    if len(files) < 2:
        return files
    fitting = [(sum(same(part) in words for part in file.parts[:-1]), file) for file in files]
    most = max(count for count, _ in fitting)
    return [file for count, file in fitting if count == most]


def chosen(files: Sequence[PurePosixPath], words: frozenset[str], folder: PurePosixPath | None) -> PurePosixPath | None:
    left = hinted(files, words)
    if len(left) > 1:
        left = [file for file in left if file.parent == folder]
    return left[0] if len(left) == 1 else None


def is_plain(folder: PurePosixPath) -> bool:
    """Whether a folder's name says no more than that pictures are in it, or of which part: ``images/train``."""
    return all(says_nothing(part) or parts_of([part]) for part in folder.parts)


def is_of_labels(folder: str) -> bool:
    """Whether a folder's name says no more than that tables of the pictures beside it are in it: ``labels``."""
    words = set(words_of(folder))
    return bool(words) and words <= OF_LABELS


def are_parts(folders: Set[PurePosixPath]) -> bool:
    """Whether ``folders`` lie in those of the parts of one set: ``Training_Input`` and ``Test_Input``."""
    names = {folder.parts[0] if folder.parts else "" for folder in folders}
    meant = parts_of(sorted(names))
    return len(meant) == len(names) and len(set(meant.values())) > 1 and len(set(map(said_beside, names))) == 1
