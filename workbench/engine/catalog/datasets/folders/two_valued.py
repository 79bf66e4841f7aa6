"""Masks of two values beside their pictures, by names: ``12.png`` beside ``12.jpg``, ``12_lesion.png`` beside these."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.pictures.folder_tree import Folder

#: Suffixes of lossless formats.
_EXACT: Final = (".png", ".bmp", ".gif", ".tif", ".tiff")
#: What may be between the name of a picture and one more word.
_SIGNS: Final = "_-. "
#: Number of files that are decoded for each pair of suffixes; pairs with fewer files are not considered.
_LOOKED_AT: Final = 3
#: Maximum number of pixels of a picture that is decoded.
_MOST_PIXELS: Final = 50_000_000


def masks_of_same_name(folder: Folder) -> Iterator[tuple[str, str]]:
    """The names of the masks in ``folder``, each with that of its picture. Decodes a few files of each suffix."""
    by_stem: defaultdict[str, list[str]] = defaultdict(list)
    for name in folder.pictures:
        by_stem[os.path.splitext(name)[0]].append(name)
    pairs = [names for names in by_stem.values() if len(names) == 2]
    by_ends: defaultdict[tuple[str, ...], list[list[str]]] = defaultdict(list)
    for names in pairs:
        by_ends[tuple(os.path.splitext(name)[1].lower() for name in names)].append(names)
    for ends, found in by_ends.items():
        marks = [index for index in (0, 1) if len(found) >= _LOOKED_AT and _are_masks(folder, found, ends, index)]
        if len(marks) == 1:
            yield from ((names[marks[0]], names[1 - marks[0]]) for names in found)


def masks_of_more_words(folder: Folder) -> Iterator[tuple[str, str, str]]:
    """The names of the masks in ``folder`` with one more word than their picture, whatever it says; each with that of
    its picture and with the word and what is before it (``_lesion``). Decodes a few files of each word and suffix."""
    files = {os.path.splitext(name)[0]: name for name in folder.pictures}
    found: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for stem, name in files.items():
        for sign in _SIGNS if stem[-1:].isalpha() else "":
            key, _, word = stem.rpartition(sign)
            if word.isalpha() and key in files:
                found[sign + word, os.path.splitext(name)[1]].append((name, files[key]))
    for (mark, suffix), pairs in found.items():
        masks, pictures = ([folder.path / pair[index] for pair in pairs] for index in (0, 1))
        is_usual = len(pairs) >= _LOOKED_AT and suffix.lower() in _EXACT
        if is_usual and are_of_two_values(masks) and not any(map(_has_two_values, _some(pictures))):
            yield from ((*pair, mark) for pair in pairs)


def _are_masks(folder: Folder, found: Sequence[Sequence[str]], ends: Sequence[str], index: int) -> bool:
    return ends[index] in _EXACT and are_of_two_values([folder.path / names[index] for names in found])


def are_of_two_values(files: Sequence[Path]) -> bool:
    """Whether some of ``files``, looked into, have at most two colours each, as masks have; False for none."""
    looked_at = _some(files)
    return bool(looked_at) and all(map(_has_two_values, looked_at))


def _some(files: Sequence[Path]) -> Sequence[Path]:
    """Those of ``files`` that are looked into."""
    return files[:: max(1, len(files) // _LOOKED_AT)][:_LOOKED_AT]


def _has_two_values(file: Path) -> bool:
    """Whether the picture in ``file`` has at most two colours; False where it cannot be read."""
    from PIL import Image

    try:
        with Image.open(file) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return False
            return picture.getcolors(2) is not None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
