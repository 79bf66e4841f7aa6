"""The words of parts in the names of files, and the names without them: ``train_0001``, ``cat_test_0``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import IN_NAMES
from workbench.engine.pictures.part_names import part_word, parts_of

#: The setting by which the names of files give the parts.
SETTING: Final = ("parts", IN_NAMES)
#: Separators between the words of a name.
_MARKS: Final = " ._-"
_SAMPLE: Final = 64


def part_words(files: Sequence[Path]) -> dict[Path, str]:
    """The word of a part in the name of each of ``files``, if nearly all have one and training and another part are
    among them, or if those without one are named as the others are but for it; else nothing."""
    some = files[:: len(files) // _SAMPLE + 1]  # of nearly all sets it is clear from these
    if not any(part_word(file.stem) for file in some):
        return {}
    words = {file: word for file in files if (word := part_word(file.stem))}
    if not others_train(words):
        is_split = 10 * len(words) >= 9 * len(files) and len(set(meanings(words).values())) > 1
        return words if is_split else {}
    return words if _are_named_alike(words, [file for file in files if file not in words]) else {}


def others_train(words: Mapping[Path, str]) -> bool:
    """Whether none of ``words`` means training, so that files without a word are for it."""
    return "train" not in meanings(words).values()


def _are_named_alike(marked: Iterable[Path], others: Iterable[Path]) -> bool:
    """Whether all of ``marked`` are named as some of the ``others``, but for the word of the part and the numbers."""
    return {_shape(without_part(file)) for file in marked} <= set(map(_shape, others))


def _shape(file: Path) -> tuple[str, ...]:
    """The words and the places of numbers in the name of ``file``."""
    return tuple("0" if each[0].isdigit() else each for each in re.findall(r"[^\W\d_]+|\d+", file.stem))


def without_part(file: Path) -> Path:
    """``file`` without the word of a part in its name: ``cat_000.jpg`` of ``train_cat_000.jpg``."""
    said = next((word for word in re.finditer(r"[^\W\d_]+", file.stem) if part_word(word[0])), None)
    if said is None:
        return file
    before, behind = file.stem[: said.start()], file.stem[said.end() :]
    rest = before.rstrip(_MARKS) + behind if before else behind.lstrip(_MARKS)
    return file.with_name(f"{rest or '_'}{file.suffix}")


def meanings(words: Mapping[Path, str]) -> dict[str, str]:
    """The part that each of ``words`` means."""
    return parts_of(sorted(set(words.values())))
