"""The words of parts in the names of files, and the names without them: ``train_0001``, ``cat_test_0``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import IN_NAMES
from workbench.engine.pictures.part_names import part_word, parts_of

#: The setting by which the names of files give the parts.
SETTING: Final = ("parts", IN_NAMES)
#: What stands between the words of a name.
_MARKS: Final = " ._-"
_SAMPLE: Final = 64


def part_words(files: Sequence[Path]) -> dict[Path, str]:
    """The word of a part in the name of each of ``files``, if nearly all have one and training and another part are
    among them; else nothing."""
    some = files[:: len(files) // _SAMPLE + 1]  # of nearly all sets it is clear from these
    if 2 * sum(bool(part_word(file.stem)) for file in some) < len(some):
        return {}
    words = {file: word for file in files if (word := part_word(file.stem))}
    parts = set(meanings(words).values())
    return words if 10 * len(words) >= 9 * len(files) and "train" in parts and len(parts) > 1 else {}


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
