"""Folders below a class folder that has pictures of its own: theirs are counted with the class, and that is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from workbench.engine.catalog.datasets.folders.aside_names import is_aside
from workbench.engine.catalog.datasets.folders.choices import Level, names_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.other_tasks import is_of_masks
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.part_names import words_of

_NAMED: Final = 3
#: Words of folders for what is not used that may say an age.
_AGES: Final = frozenset({"old", "older"})


def subfolder_facts(groups: Sequence[Group]) -> Iterator[Fact]:
    """How many pictures of each class lie in folders below its folder, where others lie in it directly."""
    found = [words for group in groups if (words := _counted(group))]
    if found:
        text = f"Pictures in folders below a class folder are counted with the class: {paths_text(found, _NAMED)}."
        yield Fact("files", text)


def subfolder_doubts(groups: Sequence[Group], level: Level) -> Iterator[Doubt]:
    """Whether pictures are meant whose folder's name says otherwise; ``level`` is that of the classes."""
    aside = [(group.name, group.folder.below(name), count) for group in groups for name, count in _aside(group)]
    if not aside:
        return
    named = paths_text([f"{folder} ({grouped(count)})" for _, folder, count in aside], _NAMED)
    names: list[str] = sorted({name for name, _, _ in aside}, key=natural)
    text = (
        f"Pictures of {paths_text(names, _NAMED)} lie in folders below the class folder whose names say that they may "
        f"not be meant, and are used: {named}."
    )
    out = [folder for _, folder, _ in aside]
    leave = Reading(f"Leave out {paths_text(out, _NAMED)}", (("left_out", names_text(out)),))
    yield Doubt("files", text, (leave, Reading("They belong to their classes", (("classes", level),))))


def _aside(group: Group) -> Iterator[tuple[str, int]]:
    """Names of folders for what is not used, with their pictures; ``old`` beside ``young`` is none."""
    inside = _inside(group)
    has_others = not all(map(is_aside, inside))
    for name, count in inside.items():
        if (is_aside(name) or is_of_masks(name)) and not (has_others and set(words_of(name)) <= _AGES):
            yield name, count


def _counted(group: Group) -> str:
    """The sentence's part on one class folder; empty where all of its pictures lie in it directly, or none."""
    inside = _inside(group)
    if not inside:
        return ""
    named = paths_text([f"{name} ({grouped(count)})" for name, count in inside.items()], _NAMED)
    return f"{grouped(sum(inside.values()))} of {grouped(len(group.files))} of {group.folder.relative} in {named}"


def _inside(group: Group) -> Counter[str]:
    """The number of pictures of ``group`` by the folder in its own; nothing where none lies directly in that."""
    place = group.folder.path
    if not group.folder.pictures or not group.folder.filled:
        return Counter()
    return Counter(file.relative_to(place).parts[0] for file in group.files if file.parent != place)
