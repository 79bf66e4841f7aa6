"""Cells that hold several classes: lists, words with marks or blanks between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import Final

from workbench.engine.catalog.datasets.tables.cells import BETWEEN, are_several
from workbench.engine.catalog.datasets.tables.grid import Grid, words
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped
from workbench.engine.pictures.class_folders import natural

#: Columns of these names may hold several classes in one cell, with blanks between; else these marks stand there.
_SEVERAL: Final = words("tags tag_list labels attributes keywords classes")
#: Those of them that are hardly names of a column with one class a picture.
_TAGS: Final = words("tags tag_list attributes keywords")
_BETWEEN: Final = re.compile(r"\s*[|;,/+&]\s*")
#: This one is in no name of one class.
_PIPE: Final = "|"

#: With one of these words a cell is the name of one class: “no crack” beside “crack”.
_NEGATIONS: Final = words("no not non kein keine nicht ohne without sans pas sin senza niet geen")

_Split = Mapping[str, frozenset[str]]


def several_labels(grid: Grid, column: int, values: Sequence[str]) -> list[Doubt]:
    """A doubt if cells hold, or seem to hold, several classes, which are not supported: each combination would be one.

    ``values`` are the cells of ``column`` as classes.
    """
    distinct = set(values)
    if are_several(grid.values(column)):
        return [_doubt(grid, column, min((v for v in distinct if BETWEEN in v), key=natural), len(distinct))]
    parted = {value: frozenset(_BETWEEN.split(value)) for value in distinct}
    spaced = {value: frozenset(value.split()) for value in distinct}
    for split in (parted, spaced):
        alone = {value for value in distinct if len(split[value]) == 1}
        several = [v for v in sorted(distinct, key=natural) if len(split[v]) > 1]
        if split is spaced:
            several = [v for v in several if not _NEGATIONS & set(v.casefold().split())]
        shared = _of_words(several, split, alone) if split is spaced else [v for v in several if split[v] & alone]
        words = {word for value in several for word in split[value]}
        reused = split is parted and len(several) > 2 and len(words) < len(several)
        reused = reused or (split is spaced and _are_tags(grid.key(column), several, split))
        piped = split is parted and any(_PIPE in value.strip(_PIPE) for value in several)
        if several and (2 * len(shared) >= len(several) or reused or piped):
            return [_doubt(grid, column, _piped_first(several), len(distinct))]
    return []


def _piped_first(several: Sequence[str]) -> str:
    return next((value for value in several if _PIPE in value), several[0])


def _of_words(several: Sequence[str], split: _Split, alone: Set[str]) -> list[str]:
    """Those cells of which a word is a class, and each other one as well or in several cells.

    “green apple” beside “apple” is the name of one class, and so is “green pear” then; “scab rust” beside “scab” and
    “rust” are two.
    """
    counts = Counter(word for value in several for word in split[value])
    firsts = {value.split()[0] for value in several} - {word for value in several for word in value.split()[1:]}
    recurring = {word for word, count in counts.items() if count > 1} - firsts  # words before a name describe it
    return [v for v in several if split[v] & alone and split[v] <= alone | recurring]


def _are_tags(name: str, several: Sequence[str], split: _Split) -> bool:
    return name in _SEVERAL and len(several) > 2 and (_are_nested(several, split) or _recur(name, several, split))


def _are_nested(several: Sequence[str], split: _Split) -> bool:
    """Whether half of the cells have the words of another one and more, or fewer."""
    nested = [a for a in several if any(split[a] < split[b] or split[b] < split[a] for b in several)]
    return 2 * len(nested) >= len(several)


def _recur(name: str, several: Sequence[str], split: _Split) -> bool:
    """Whether cells combine words that others have too: “clear road” beside “clear primary” and “haze road”.

    In names of one class a word may recur (“golden retriever”, “flat-coated retriever”), seldom each of a name's. Of a
    column called tags a third of the cells is enough, of one called labels two thirds.
    """
    counts = Counter(word for value in several for word in split[value])
    combined = sum(all(counts[word] > 1 for word in split[value]) for value in several)
    return 3 * combined >= (1 if name in _TAGS else 2) * len(several)


def _doubt(grid: Grid, column: int, example: str, count: int) -> Doubt:
    name = grid.name(column)
    text = f"{name} seems to hold several classes a picture ({example!r}), which is not supported."
    label = f"Each different text of {name} is a class of its own ({grouped(count)})"
    return Doubt("classes", text, (Reading(label, (("class_column", grid.setting(column)),)),))
