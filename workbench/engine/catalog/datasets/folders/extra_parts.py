"""A folder beside the parts of a split that holds the same classes: for which part it is, its name does not decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import PARTS, names_text, parts_text
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import part_said

#: The use of each part in words.
USE: Final = {"train": "training", "validation": "validation", "test": "the test"}
#: Maximum number of folders of one part for which using each alone is offered.
_ALONE: Final = 3
#: Pairs of a part's name and its folder.
_Named = Sequence[tuple[str, Folder]]


def extra_doubt(others: Sequence[Folder], parts: _Named) -> Doubt:
    """The question on the first of ``others``, and on those that are for the same part by their names."""
    said = part_said(others[0].name)
    if not said:
        return _unsaid(others[0], parts)
    same = [each for each in others if part_said(each.name) == said]
    taken = [folder.name for part, folder in parts if part == said]
    are = len(same) > 1
    which = f"as {paths_text(taken)} is" if taken else "beside another word"
    text = (
        f"{_beside(same, parts)}. {'Their names say that they are' if are else 'Its name says that it is'} for "
        f"{USE[said]}, {which}: "
    )
    if taken:
        text += f"{'they' if are else 'it'} may hold the same pictures once more, or others."
    else:
        text += f"whether {'all of them are' if are else 'it is'} meant is not decided."
    return Doubt("parts", text, tuple(_of_part(same, parts, said, bool(taken))))


def parts_setting(parts: _Named) -> str:
    """The setting that names these folders."""
    return parts_text([(part, [f.relative for each, f in parts if each == part]) for part in PARTS])


def _unsaid(other: Folder, parts: _Named) -> Doubt:
    """A folder whose name says no part."""
    text = f"{_beside([other], parts)}, but its name does not say whether it is for training, validation or test."
    taken = {part for part, _ in parts}
    uses = (_use([other], parts, part) for part in PARTS if part == "train" or part not in taken)
    return Doubt("parts", text, (_leave([other]), *uses))


def _of_part(same: Sequence[Folder], parts: _Named, part: str, is_taken: bool) -> Iterator[Reading]:
    """What to do with folders whose names say a part, which ``is_taken`` by another folder or is not."""
    if is_taken:
        yield _leave(same)
        yield _use(same, parts, part, " as well")
        return
    yield _use(same, parts, part)
    if 1 < len(same) <= _ALONE:
        for folder in same:
            others = paths_text([each.name for each in same if each is not folder])
            yield _use([folder], parts, part, f", and leave out {others}")
    yield _leave(same)


def _beside(folders: Sequence[Folder], parts: _Named) -> str:
    are = len(folders) > 1
    names, those = (paths_text([each.relative for each in folders]), paths_text([folder.name for _, folder in parts]))
    return f"{names} {'lie' if are else 'lies'} beside {those} and {'hold' if are else 'holds'} the same classes"


def _leave(folders: Sequence[Folder]) -> Reading:
    names = names_text([each.relative for each in folders])
    return Reading(f"Leave out {paths_text([each.name for each in folders])}", (("left_out", names),))


def _use(folders: Sequence[Folder], parts: _Named, part: str, more: str = "") -> Reading:
    made = [*parts, *((part, each) for each in folders)]
    names = paths_text([each.name for each in folders])
    return Reading(f"Use {names} for {USE[part]}{more}", (("parts", parts_setting(made)),))
