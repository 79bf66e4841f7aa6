"""Parts in the names of files: ``train_0001.jpg`` beside ``test_0001.jpg``, or ``cat_train_0.jpg``, in one folder."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.part_lists import PartLists, applied
from workbench.engine.catalog.datasets.folders.part_words import SETTING, meanings, part_words
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.part_names import part_word

_NONE: Final = ("parts", "none")


def names_doubt(groups: Sequence[Group]) -> Doubt | None:
    """A doubt if the names of files in ``groups`` say parts, in at least two classes several; none with other parts.

    A class may be called train, and so may its pictures be.
    """
    if any(group.part for group in groups):
        return None
    words = part_words([file for group in groups for file in group.files])
    mixed: defaultdict[str, set[str]] = defaultdict(set)
    for group in groups:
        mixed[group.name].update(words[file] for file in group.files if file in words)
    if sum(len(found) > 1 for found in mixed.values()) < 2:
        return None
    text = f"The names of the files may give the parts of a split: {_shown(words)}."
    use = Reading("The names of the files give the parts", (SETTING,))
    return Doubt("parts", text, (use, Reading("They say no parts: the settings hold a share back", (_NONE,))))


def divided_by_names(root: Path, groups: Sequence[Group]) -> PartLists:
    """``groups`` by the parts that the names of their files say. Raises WorkbenchError if none is for training."""
    words = {file: word for group in groups for file in group.files if (word := part_word(file.stem))}
    known = meanings(words)
    if "train" not in known.values():
        text = f"No picture in {root} has train in its name, so that the names of the files give no parts."
        raise WorkbenchError(text, "data.source.parts")
    found = applied(groups, {file: known[word] for file, word in words.items()}, (), "no part in its name")
    fact = Fact("parts", f"The names of the files give the split: {_shown(words)}.")
    return replace(found, facts=(fact,))


def _shown(words: Mapping[Path, str]) -> str:
    """The words, each with the number of its pictures: ``test (6), train (20)``."""
    counts = Counter(words.values())
    return paths_text([f"{word!r} ({grouped(counts[word])})" for word in sorted(counts)], 6)
