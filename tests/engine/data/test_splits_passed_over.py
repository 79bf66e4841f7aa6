"""Settings that name a folder and no parts do not pass over a split beside it: neither a check nor a run does."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import before_run


def with_lists(root: Path, where: str = "") -> None:
    pictures(root, {f"{where}images/{name}": 10 for name in ("cat", "dog")})
    rows = {"train": range(7), "test": range(7, 10)}
    lists = {part: [f"{name}/{i}" for name, i in product(("cat", "dog"), its)] for part, its in rows.items()}
    texts(root, {f"{where}meta/{part}.txt": "\n".join(lines) for part, lines in lists.items()})


@pytest.mark.parametrize("classes", ["auto", "innermost"])
def test_a_run_does_not_start_on_pictures_that_lists_hold_for_the_test(tmp_path: Path, classes: str) -> None:
    with_lists(tmp_path)
    source = PictureFolder.model_validate({"folder": str(tmp_path), "classes": classes})
    with pytest.raises(WorkbenchError, match=r'train\.txt.*data\.source\.parts = "none"'):
        finished(before_run(source, DataStore()))


def test_the_lists_of_a_folder_that_only_holds_another_are_found_at_any_depth_of_it(tmp_path: Path) -> None:
    with_lists(tmp_path, "archive/of/pets/")
    with pytest.raises(WorkbenchError, match="give the parts of the split"):
        finished(before_run(PictureFolder(folder=str(tmp_path)), DataStore()))


def test_settings_that_say_the_parts_are_not_asked_about(tmp_path: Path) -> None:
    with_lists(tmp_path)
    assert not finished(before_run(PictureFolder(folder=str(tmp_path), parts="none"), DataStore())).doubts
