"""Names of files that begin alike, as those of one patient, film or original do: the pattern that keeps them together.

Most names are numbered one by one (``cat.12.jpg``, ``IMG_0001.jpg``), or by time or chance. A group is said by a
number before more text: ``patient00_a_3.png``, ``00012_00004.ppm``, ``img7_flip.png`` beside ``img7.png``.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, Literal

from workbench.engine.catalog.datasets.tables.groups import GROUP_WORDS
from workbench.engine.spec.splitting import group_reader

#: Signs at which a name is parted, and how many of its parts name the group at most.
_SIGNS: Final = "_-. "
_MOST_PARTS: Final = 4
#: At least this share of the pictures must be in groups of several, and these in at least this number of groups.
_SHARE: Final = 0.1
_FEWEST: Final = 4
#: Or this number where each class has its own: three tracks of each of three classes.
_FEWEST_IN_CLASSES: Final = 8
#: Number of names in the first sample; and the number of blocks of neighbours and of names in each.
_LOOKED_AT: Final = 400
_BLOCKS: Final = 8
_BLOCK: Final = 250
_DAY: Final = (
    r"(?:19|20)\d\d(?:[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:[0-2]\d|3[01]))?)?|[0-3]\d[-.][01]\d[-.](?:19|20)\d\d"
)
_TIME: Final = r"(?:[ _T-]*(?:at )?[0-2]\d[-_.:h]?[0-5]\d(?:[-_.:m]?[0-5]\d(?:[-_.]?\d{3})?)?)?"
#: What is no number of a group: when a picture was made, the number of a WordNet class, a place in a larger picture.
_NO_NUMBER: Final = re.compile(rf"(?<!\d)(?:{_DAY}){_TIME}(?!\d)|(?<![a-z])n\d{{8}}(?!\d)|(?<![a-z\d])[xy]\d+(?!\d)")


#: A letter behind the last number; OD and OS are the right and the left eye.
_LETTER: Final = r"(?i)^(.*\d)[-_ ]?(?:[a-z]|o[ds])\.[^.]+$"
#: Short for patient, subject and video.
_SHORT: Final = ("p", "pt", "pat", "pid", "sub", "subj", "sbj", "vid")
#: Numbers of patients that studies share: of TCGA, GTEx and CPTAC.
_CODE: Final = r"(?i)(?<![a-z\d])(TCGA-[a-z\d]{2}-[a-z\d]{4}|GTEX-[a-z\d]{4,5}|C3[LN]-\d{5})(?![a-z\d])"
_SAID: Final = re.compile(rf"(?i)(?<![a-z\d])({'|'.join((*sorted(GROUP_WORDS), *_SHORT))})s?[-_ .]?\d+")
#: What is said of copies; and what finds the original's name in theirs and in its own.
_COPY: Final = (
    r"[-_ .]*(?:\(?copy\)?|\(\d{1,2}\)|kopie|copie|copia|cópia|kopia|edit(?:ed)?|bearbeitet|modifi[eé]e?"
    r"|editad[oa]|modificat[oa]|bewerkt|edytowane|[hv]?flip(?:ped)?|mirror(?:ed)?|rot(?:ated?)?\d*|aug(?:mented)?\d*|blur(?:red)?|noisy|noise"
    r"|bright|dark|crop(?:ped)?)"
)
#: A word and a number at the end, as of the slide or the photo that a tile is cut from.
_END: Final = r"(?i)^(.+)[-_. ]([a-z]+\d+)\.[^.]+$"
_END_ALONE: Final = r"(?i)^.+[-_. ]([a-z]+\d+)\.[^.]+$"
_COPIED: Final = rf"(?i)^.*\d(?:{_COPY})+\.[^.]+$"
ORIGINAL: Final = rf"(?i)^(.*?\d)(?:{_COPY})*\.[^.]+$"


@dataclass(frozen=True, slots=True)
class NameGroups:
    """``pattern`` reads the group of a name; ``names`` are the groups of several pictures, of ``count`` together.
    ``alike`` says what names of a group do.
    """

    pattern: str
    names: tuple[str, ...]
    count: int
    alike: str = "begin alike"


def name_groups(files: Sequence[str], labels: Sequence[int]) -> NameGroups | None:
    """The groups of which the names of ``files`` speak, None where they speak of none; ``labels`` are their classes."""
    said = said_groups(files, labels)
    if said is not None:
        return said
    named, sample = _named(files, labels)
    patterns = (*_prefixes(sample), *_letters(sample), *_copied(sample))
    found = filter(None, (_found(named, pattern) for pattern in patterns))
    return max(found, key=lambda each: each.count, default=None) or _ended(named)


def said_groups(files: Sequence[str], labels: Sequence[int]) -> NameGroups | None:
    """The same by names that have a word for a group and a number, ``patient 7``, or the code of a patient."""
    named, sample = _named(files, labels)
    coded = sum(re.search(_CODE, name) is not None for name in sample) >= _SHARE * len(sample)
    if coded and (found := _found(named, _CODE)) is not None:
        return replace(found, alike="hold the same code")
    return next(filter(None, (_found(named, pattern, is_said=True) for pattern in _words(sample))), None)


def _named(files: Sequence[str], labels: Sequence[int]) -> tuple[list[tuple[int, str]], list[str]]:
    """The class and the name of each file, those that begin alike beside each other, and a sample of the names."""
    named = list(zip(labels, map(os.path.basename, files), strict=True))
    sample = [name for _, name in named[:: max(1, len(named) // _LOOKED_AT)]]
    return sorted(named), sample


def _words(names: Sequence[str]) -> Iterator[str]:
    """Patterns of a word that says a group, and its number: ``patient 7``."""
    said = Counter(found[1].casefold() for name in names if (found := _SAID.search(name)))
    for word, count in said.most_common(2):
        if count >= _SHARE * len(names):
            yield rf"(?i)(?<![a-z\d])({word}s?[-_ .]?\d+)"


def _prefixes(names: Sequence[str]) -> Iterator[str]:
    """Patterns of the first parts of a name, of which the last has a number; those with fewest parts come first."""
    stems = [os.path.splitext(name)[0] for name in names]
    for parts, sign in product(range(1, _MOST_PARTS + 1), _SIGNS):
        is_parted = sum(stem.count(sign) >= parts for stem in stems) >= _SHARE / 2 * len(stems)
        last = re.compile(_prefix(sign, parts, "last"))
        if is_parted and 2 * sum(_has_number(last, name) for name in names) >= len(names):
            yield _prefix(sign, parts)


def _letters(names: Sequence[str]) -> Iterator[str]:
    """The pattern of a number before a letter that tells pictures of a group apart: ``0001a``, ``003OD``."""
    if sum(re.match(_LETTER, name) is not None for name in names) >= _SHARE * len(names):
        yield _LETTER


def _copied(names: Sequence[str]) -> Iterator[str]:
    """The pattern of the original's name before what is said of copies, if some are called so."""
    if sum(re.match(_COPIED, name) is not None for name in names) >= _SHARE * len(names):
        yield ORIGINAL


def _ended(named: Sequence[tuple[int, str]]) -> NameGroups | None:
    """The groups by the word and the number at the end of names, if what stands before recurs with several of these:
    ``tile_0_1_img07``, ``tile_0_1_img08``."""
    ends: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    for label, name in named:
        if match := re.match(_END, _without_times(name)):
            ends[label, match[1]].add(match[2])
    recurring = sum(len(its) for its in ends.values() if len(its) > 1)
    found = _found(named, _END_ALONE) if 2 * recurring >= len(named) else None
    return None if found is None else replace(found, alike="end alike")


def _prefix(sign: str, parts: int, of: Literal["all", "last"] = "all") -> str:
    """What finds the first ``parts`` of a name, or the last of these; it is parted by ``sign``, or ends there."""
    one = re.escape(sign)
    before = f"(?:[^{one}]+{one}){{{parts - 1}}}" if parts > 1 else ""
    start = f"({before}" if of == "all" else f"{before}("
    return rf"^{start}[^{one}]+?)(?:{one}|\.[^{one}.]+$)"


def _has_number(last: re.Pattern[str], name: str) -> bool:
    found = last.match(_without_times(name))
    return found is not None and any(map(str.isdigit, found[1]))


def _without_times(name: str) -> str:
    return _NO_NUMBER.sub(lambda found: re.sub(r"\d", "x", found[0]), name)


def _found(named: Sequence[tuple[int, str]], pattern: str, is_said: bool = False) -> NameGroups | None:
    """The groups by ``pattern`` if they are such: several, of several pictures, and a class has more than one.
    ``is_said``: a word says that they are groups, so that their number may be a time (``BURST20190720101010``)."""
    read = group_reader(pattern)
    step = max(_BLOCK, len(named) // _BLOCKS)
    for part in ([row for start in range(0, len(named), step) for row in named[start : start + _BLOCK]], named):
        sizes = Counter((label, group) for label, name in set(part) if (group := read(name)))
        several = {key: size for key, size in sizes.items() if size > 1}
        if sum(several.values()) < _SHARE * len(part):
            return None
    groups = {group for _, group in several}
    is_class = are_classes(sizes, Counter(label for label, _ in set(named)))  # a name may be in several folders
    are_few = len(groups) < _FEWEST and len(several) < _FEWEST_IN_CLASSES
    if are_few or is_class or not _are_told_apart(several, is_said):
        return None
    return NameGroups(pattern, tuple(sorted(groups)), sum(several.values()))


def _are_told_apart(groups: Collection[tuple[int, str]], by_times: bool) -> bool:
    """Whether those of a class differ in their last number, and do not only repeat a few: ``A-14``, ``B-14``.
    ``by_times``: a time is a number as well."""
    read = (lambda group: group) if by_times else _without_times
    last = ((label, re.findall(r"\d+", read(group))[-1:]) for label, group in groups)
    return 2 * len({(label, *number) for label, number in last if number}) > len(groups)


def are_classes(sizes: Mapping[tuple[int, str], int], classes: Counter[int]) -> bool:
    """Whether most classes are one group each."""
    whole = sum(size == classes[label] for (label, _), size in sizes.items())
    return 2 * whole >= len(classes)
