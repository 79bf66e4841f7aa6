"""Files that are the channels or bands of one picture by the last word of their names: ``cell1_DAPI.tif``, ``_B02``."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.catalog.datasets.folders.two_kinds import kinds_doubt
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.folder_tree import Folder

#: Words for one channel, band or plane; those of one picture are all of one of these kinds.
_KINDS: Final = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"b\d{1,2}a?|band[-_ ]?\d{1,2}a?",
        r"c\d{1,2}|ch\d{1,2}|channel[-_ ]?\d{1,2}",
        r"w\d",
        r"z\d{1,3}",
        r"dapi|hoechst|[ey]?gfp|[rycb]fp|mcherry|fitc|tritc|cy[2357]|texas[-_ ]?red|brightfield|bf|phase|dic",
        r"red|green|blue|yellow|rgb|nir|swir\d?|red[-_ ]?edge|pan",
    )
)
#: The last word of a name; Sentinel-2 has the size of a pixel behind it.
_END: Final = re.compile(rf"(?i)[-_. ]+(?P<end>(?P<word>{'|'.join(words.pattern for words in _KINDS)})(?:_\d+m)?)\Z")
#: Minimum number of pictures of several files, and the minimum share of all files that are in such of the same words.
_FEWEST: Final = 3
_SHARE: Final = 0.9
#: Maximum number of channels that are offered to be used alone.
_OFFERED: Final = 6


def several_files_doubt(tree: Folder) -> Doubt | None:
    """Whether files that belong together by their names are examples each: channels of one picture, or two kinds."""
    return channels_doubt(tree) or kinds_doubt(tree)


def channels_doubt(tree: Folder) -> Doubt | None:
    """Whether the channels or bands of one picture are examples each; None where files are not named as such."""
    found = _by_picture(tree)
    sets = Counter(frozenset(files) for files in found.values() if len(files) > 1)
    if not sets:
        return None
    ends, count = sets.most_common(1)[0]
    if count < _FEWEST or count * len(ends) < _SHARE * tree.total:
        return None
    first = next(files for files in found.values() if files.keys() == ends)
    suffixes = sorted({file.suffix for files in found.values() for file in files.values()})
    return _doubt(sorted(ends, key=natural), count, first, suffixes)


def _by_picture(tree: Folder) -> Mapping[tuple[str, str, int], dict[str, Path]]:
    """The files by their folder, what their names have in common and the kind of their last word, and then by what
    ends them (``B02``, ``B02_10m``); nothing where too many are named otherwise."""
    found: defaultdict[tuple[str, str, int], dict[str, Path]] = defaultdict(dict)
    others = 0
    for folder in tree.walk():
        for name in folder.pictures:
            stem = os.path.splitext(name)[0]
            match = _END.search(stem)
            if match is not None and match.start():
                kind = next(index for index, words in enumerate(_KINDS) if words.fullmatch(match["word"]))
                found[folder.relative, stem[: match.start()], kind][match["end"]] = folder.path / name
                continue
            others += 1
            if others > (1 - _SHARE) * tree.total:
                return {}
    return found


def _doubt(ends: Sequence[str], count: int, files: Mapping[str, Path], suffixes: Sequence[str]) -> Doubt:
    named = paths_text(ends, 4)
    text = (
        f"The files are named as channels or bands of {grouped(count)} pictures, {len(ends)} files each ({named}: "
        f"{paths_text([files[end].name for end in ends], 2)}). One file is read as one picture, so that each channel "
        "would be an example. Up to three of them can be put together as the red, green and blue of one file."
    )
    pattern = rf"(?i)^(.+?)[-_. ]+(?:{'|'.join(map(re.escape, ends))})\.[^.]+$"
    together = (("left_out", "none"), ("data.group_by", "name"), ("data.group_pattern", pattern))
    readings = [Reading("Use them all, and keep those of one picture in one part", together)]
    for end in ends[:_OFFERED]:
        out = [
            f"*{files[other].name[files[other].stem.rindex(other) - 1]}{other}{s}"
            for other in ends
            if other != end
            for s in suffixes
        ]
        readings.append(Reading(f"Use {end} alone", (("left_out", names_text(out)),)))
    return Doubt("classes", text, tuple(readings))
