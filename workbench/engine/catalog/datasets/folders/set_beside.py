"""A folder of class folders beside pictures of no class, where files beside both say more of the classes' pictures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.catalog.datasets.folders.choices import Choices, names_text
from workbench.engine.catalog.datasets.folders.parts import holds_classes
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_tree import Folder

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets.folders.layout import Layout


def set_beside(tree: Folder, read: Callable[[Path, Choices], Layout]) -> Layout | None:
    """How ``tree`` is ``read`` with its only folder of class folders alone, and the question whether those beside it
    are left out. None unless files in ``tree`` say a split or groups, which opening the folder by itself loses.
    """
    sets = [folder for folder in tree.filled if holds_classes(folder) and len(folder.filled) > 1]
    others = [folder.relative for folder in tree.filled if folder not in sets]
    if len(sets) != 1 or not others:
        return None
    left_out = names_text(others)
    with suppress(WorkbenchError):
        found, alone = read(tree.path, Choices(left_out=left_out)), read(sets[0].path, Choices())
        if _said(found) == _said(alone) or any(doubt.is_refused for doubt in found.doubts):
            return None
        hold = "holds" if len(others) == 1 else "hold"
        text = (
            f"{paths_text(others, 3)} {hold} pictures in no class folders, beside {sets[0].relative}, which holds the"
        )
        leave = Reading(f"Leave out {paths_text(others, 3)}", (("left_out", left_out),))
        return replace(found, doubts=(Doubt("classes", f"{text} classes.", (leave,)),))
    return None


def _said(layout: Layout) -> tuple[object, object]:
    """What is asked about a layout, and which parts it has."""
    return [doubt.sentence for doubt in layout.doubts], {group.part for group in layout.groups}
