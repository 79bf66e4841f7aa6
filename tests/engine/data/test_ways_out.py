"""What a refusal offers to open: something that was dropped, in it, or of which it is a class or a part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import all_layouts, pictures
from workbench.engine.core.progress import finished
from workbench.engine.data.detect import recognise
from workbench.engine.data.own_data import NotData
from workbench.engine.data.understand import understand_path

REFUSED = [name for name, layout in all_layouts().items() if layout.classes is None]


def refusal(path: Path) -> NotData | None:
    try:
        recognise([path])
    except NotData as error:
        return error
    return None


def refused(path: Path) -> NotData:
    error = refusal(path)
    assert error is not None
    return error


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_offered_can_be_opened(name: str, tmp_path: Path) -> None:
    root = tmp_path / "pets"
    root.mkdir()
    path = all_layouts()[name].make(root) or root
    error = refusal(path)
    if error is None or error.instead is None:
        return
    assert error.instead.name in str(error)
    found = finished(understand_path(error.instead))
    is_asked = any(doubt.is_refused and doubt.readings for doubt in found.doubts)
    names_setting = found.spec is not None and "“" in (found.refused or "")
    assert found.refused is None or is_asked or names_setting


@pytest.mark.parametrize(
    "beside",
    [
        {"cats_dogs/train/cat": 6, "cats_dogs/train/dog": 6},
        {"cat": 6, "dog": 6},
        {"a/cat": 6, "a/dog": 6, "b/x": 5, "b/y": 5},
    ],
)
def test_a_neighbour_is_no_way_out(beside: Mapping[str, int], tmp_path: Path) -> None:
    pictures(tmp_path, {"photos": 8, **beside})
    assert refused(tmp_path / "photos").instead is None
    assert refused(tmp_path / "photos" / "0.png").instead is None


def test_the_set_of_a_class_or_a_part_is_one(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    pictures(root, {"train/cat": 6, "train/dog": 6, "test": 4})
    error = refused(root / "test")
    assert error.instead == root and f"Or open {root}, of which test is a part." in str(error)
    error = refused(root / "train" / "cat")
    assert error.instead == root / "train" and "of which cat is a class" in str(error)
    assert refused(root / "train" / "cat" / "0.png").instead == root / "train"


def test_a_desktop_is_no_set(tmp_path: Path) -> None:
    pictures(tmp_path / "Desktop", {"cats": 6, "dogs": 6})
    assert refused(tmp_path / "Desktop" / "cats").instead is None
