"""Pairs of pictures of two kinds that no word in their names tells apart: ``0001_c.png``, ``0001_d.png``."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped
from workbench.engine.pictures.folder_tree import Folder

_BEHIND: Final = re.compile(r"(?P<key>.*\d)(?P<mark>[-_. ]*[^\W\d_]+)")
_BEFORE: Final = re.compile(r"(?P<mark>[^\W\d_]+[-_. ]*)(?P<key>\d.*)")
#: Minimum number of pairs, and the minimum share of the pictures that are in pairs; fewer may match by chance.
_FEWEST: Final = 6
_SHARE: Final = 0.9
#: Maximum number of pictures of each kind that are decoded, their reduced size, and the maximum number of their pixels.
_LOOKED_AT: Final = 3
_SIDE: Final = 32
_MOST_PIXELS: Final = 50_000_000


def kinds_doubt(tree: Folder) -> Doubt | None:
    """Whether both pictures of each pair are examples, where these are of two kinds: gray and colour, or two sizes."""
    for form in (_BEHIND, _BEFORE):
        files = _marked(tree, form)
        pairs = [key for key in next(iter(files.values()), {}) if all(key in each for each in files.values())]
        if len(files) != 2 or len(pairs) < _FEWEST or 2 * len(pairs) < _SHARE * tree.total:
            continue
        one, other = sorted(files)
        what = _difference([files[one][key] for key in pairs], [files[other][key] for key in pairs])
        if what:
            return _doubt(
                form is _BEHIND, (one, other), (files[one][pairs[0]], files[other][pairs[0]]), what, len(pairs)
            )
    return None


def _marked(tree: Folder, form: re.Pattern[str]) -> Mapping[str, dict[tuple[str, str], Path]]:
    """The pictures by what marks them, and by their folder and what else is in their names."""
    found: defaultdict[str, dict[tuple[str, str], Path]] = defaultdict(dict)
    for folder in tree.walk():
        for name in folder.pictures:
            if match := form.fullmatch(os.path.splitext(name)[0]):
                found[match["mark"]][folder.relative, match["key"]] = folder.path / name
    return found


def _doubt(is_behind: bool, marks: tuple[str, str], files: tuple[Path, Path], what: str, count: int) -> Doubt:
    words = [mark.strip("-_. ") for mark in marks]
    text = (
        f"{grouped(count)} pictures are named as {grouped(count)} others but for “{words[1]}” in place of "
        f"“{words[0]}”, and are of another kind ({what}): {files[1].name} beside {files[0].name}. Both would be "
        "examples."
    )
    out = [f"*{m}{f.suffix}" if is_behind else f"{m}*{f.suffix}" for m, f in zip(marks, files, strict=True)]
    leave = [Reading(f"Leave out {each}", (("left_out", names_text([each])),)) for each in reversed(out)]
    either = "|".join(map(re.escape, words))
    pattern = rf"^(.+?)[-_. ]*(?:{either})\.[^.]+$" if is_behind else rf"^(?:{either})[-_. ]*(.+?)\.[^.]+$"
    together = (("left_out", "none"), ("data.group_by", "name"), ("data.group_pattern", pattern))
    return Doubt("classes", text, (*leave, Reading("Use them all, and keep those of one name in one part", together)))


def _difference(one: Sequence[Path], other: Sequence[Path]) -> str:
    """What pictures of ``one`` and ``other`` differ in, each of one kind; empty where they do not."""
    kinds = [{_kind(file) for file in files[:: -(-len(files) // _LOOKED_AT)]} for files in (one, other)]
    first, second = (next(iter(each)) if len(each) == 1 else None for each in kinds)
    if first is None or second is None or first == second:
        return ""
    if first[0] != second[0]:
        return "gray and colour" if first[0] else "colour and gray"
    return f"{first[1]}×{first[2]} and {second[1]}×{second[2]} pixels"


def _kind(file: Path) -> tuple[bool, int, int] | None:
    """Whether a picture is gray, its width and height; None where it cannot be read."""
    from PIL import Image

    try:
        with Image.open(file) as picture:
            width, height = picture.size
            if width * height > _MOST_PIXELS:
                return None
            if picture.mode in ("1", "L", "I", "F", "I;16"):
                return True, width, height
            picture.draft("RGB", (_SIDE, _SIDE))
            pixels = np.asarray(picture.convert("RGB").resize((_SIDE, _SIDE)), np.int16)
            return bool(np.ptp(pixels, axis=2).max() <= 2), width, height
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
