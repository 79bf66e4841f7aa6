"""A split made of links: ``split/train/cat/0.png`` leads to ``all/cat/0.png``, which is read as a picture already."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted, paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.folder_tree import READ_ALREADY, Folder
from workbench.engine.pictures.part_names import parts_of


def linked_parts_doubt(tree: Folder, groups: Sequence[Group]) -> Doubt | None:
    """Whether links in folders of parts divide the pictures of ``groups``, of which no folder says a part; None without
    such links."""
    if any(group.part for group in groups):
        return None
    found = list(_in_parts(tree))
    if "train" not in {part for part, _ in found}:
        return None
    folders: list[str] = sorted({folder for _, folder in found}, key=natural)
    places = sorted({group.folder.relative for group in groups}, key=natural)
    text = (
        f"{counted(len(found), 'link')} in {paths_text(folders, 3)} lead to pictures that are read in "
        f"{paths_text(_common(places), 3)}, and divide them into parts. As it is, the links are left out."
    )
    use = Reading(f"Divide them as in {paths_text(folders, 3)}", (("left_out", names_text(_common(places))),))
    leave = Reading("Do not use the links: the settings hold a share back", (("left_out", names_text(folders)),))
    return Doubt("parts", text, (use, leave))


def _in_parts(tree: Folder) -> Iterator[tuple[str, str]]:
    """For each link to what is read already, in the folder of a part: the part and that folder."""
    for folder in tree.walk():
        links = [each for each in folder.skipped if each.reason.endswith(READ_ALREADY)]
        above = PurePosixPath(folder.relative).parts if links else ()
        parts = parts_of(above)
        depth = next((depth for depth, name in enumerate(above, 1) if name in parts), 0)
        if depth:
            yield from [(parts[above[depth - 1]], "/".join(above[:depth]))] * len(links)


def _common(places: Sequence[str]) -> list[str]:
    """The folder that holds all of ``places``, or these where it is the data's own."""
    common = posixpath.commonpath(places) if places else ""
    return [common] if common and common not in places else list(places)
