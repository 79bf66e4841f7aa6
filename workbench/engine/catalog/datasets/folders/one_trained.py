"""Pictures to train on that are all of one class, beside a test part with more: sets for finding what is odd."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workbench.engine.catalog.datasets.folders.choices import parts_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.parts import Parts
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import natural


def one_trained(parts: Parts, groups: Sequence[Group], trained: Collection[str]) -> Doubt | None:
    """A doubt where all classes but one of ``trained`` are in the test part alone; its reading trains on both."""
    more = sorted({g.name for g in groups if g.part == "test" and g.files} - set(trained), key=natural)
    folders = [folder.relative for folder in parts.of("train", "test")]
    if len(trained) != 1 or not more or not folders or not all(folders):
        return None
    text = (
        f"All pictures to train on are of one class, {next(iter(trained))!r}, and the test part has others "
        f"({paths_text(more, 4)}), as in sets for finding what is odd. That is not supported: classes are learned from "
        "pictures of each."
    )
    together = (("parts", parts_text((("train", folders),))),)
    return Doubt("classes", text, (Reading("Learn the classes of both, split by the settings", together),))
