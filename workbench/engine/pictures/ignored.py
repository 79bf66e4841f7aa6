"""What a folder of pictures contains that is not an example, in numbers."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

from workbench.engine.pictures.folder_tree import Folder


@dataclass(frozen=True, slots=True)
class Ignored:
    """Hidden folders, other files by suffix, pictures that lie in the folder itself and so have no class."""

    hidden: tuple[str, ...]
    others: tuple[tuple[str, int], ...]
    loose: int


def ignored_in(tree: Folder) -> Ignored:
    """What is left out below ``tree``, whatever its classes are."""
    hidden = tuple(folder.below(name) for folder in tree.walk() for name, is_folder in folder.hidden if is_folder)
    others: Counter[str] = Counter()
    for folder in tree.walk():
        names = (*folder.others, *(name for name, _ in folder.unread))
        others.update(os.path.splitext(name)[1].lower() or name for name in names)
    return Ignored(hidden, tuple(others.most_common()), len(tree.pictures) if tree.folders else 0)
