"""Parts in the names of files in one folder: ``train_0001.jpg`` beside ``test_0001.jpg``, ``cat_train_0.jpg``; or
``cat_test_0.jpg`` beside ``cat_0.jpg``, which is to train on then."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.part_lists import PartLists, applied
from workbench.engine.catalog.datasets.folders.part_words import SETTING, meanings, others_train, part_words
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
    files = [file for group in groups for file in group.files]
    words = part_words(files)
    unmarked = [file for file in files if file not in words] if words and others_train(words) else []
    said = {**dict.fromkeys(unmarked, ""), **words}
    mixed: defaultdict[str, set[str]] = defaultdict(set)
    for group in groups:
        mixed[group.name].update(said[file] for file in group.files if file in said)
    if sum(len(found) > 1 for found in mixed.values()) < 2:
        return None
    text = f"The names of the files may give the parts of a split: {_shown(words, len(unmarked))}."
    use = Reading("The names of the files give the parts", (SETTING,))
    return Doubt("parts", text, (use, Reading("They say no parts: the settings hold a share back", (_NONE,))))


def divided_by_names(root: Path, groups: Sequence[Group]) -> PartLists:
    """``groups`` by the parts that the names of their files say. Raises WorkbenchError if none is for training."""
    files = [file for group in groups for file in group.files]
    words = {file: word for file in files if (word := part_word(file.stem))}
    known, others = meanings(words), [file for file in files if file not in words]
    if others_train(words) and not (words and others):
        text = f"No picture in {root} has train in its name, so that the names of the files give no parts."
        raise WorkbenchError(text, "data.source.parts")
    trained = dict.fromkeys(others, "train") if others_train(words) else {}
    part_of = trained | {file: known[word] for file, word in words.items()}
    found = applied(groups, part_of, (), "no part in its name")
    fact = Fact("parts", f"The names of the files give the split: {_shown(words, len(trained))}.")
    return replace(found, facts=(fact,))


def _shown(words: Mapping[Path, str], others: int) -> str:
    """The words, each with the number of its pictures: ``test (6), train (20)``; ``others`` have none, and train."""
    counts = Counter(words.values())
    said = [f"{word!r} ({grouped(counts[word])})" for word in sorted(counts)]
    return paths_text([*said, *([f"the {grouped(others)} others are to train on"] if others else [])], 6)
