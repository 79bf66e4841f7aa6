"""Small pictures come late: they belong to the data that was asked, which may be shown no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from workbench.engine.data.browse import Catalogue, Part
from workbench.views.data.thumbnails import ThumbnailModel

GREY = np.full((8, 8, 3), 90, np.uint8)


def catalogue(count: int, files: bool, **changes: Any) -> Catalogue:
    """``count`` examples of one class, in files or in an array."""
    names = tuple(f"{number}.png" for number in range(count))
    same = np.zeros(count, np.int64)
    pictures = None if files else np.zeros((count, 1, 8, 8), np.uint8)
    found = Catalogue(
        ("a",), names, names if files else (), same, same, np.full(count, Part.TRAINING, np.uint8), same, pictures
    )
    return replace(found, rows=np.arange(count), **changes)


def test_pictures_of_an_array_are_not_shown_for_another_array(qtbot: QtBot) -> None:
    model, before, now = ThumbnailModel(), catalogue(9, files=False), catalogue(3, files=False)
    model.show(now, np.arange(3))
    model.take(before, {0: GREY, 8: GREY})
    assert model.picture(0) is None


def test_a_file_keeps_its_picture_in_another_list_but_not_under_another_rule(qtbot: QtBot) -> None:
    model, before = ThumbnailModel(), catalogue(9, files=True)
    model.show(catalogue(3, files=True), np.arange(3))
    model.take(before, {0: GREY, 8: GREY})
    assert isinstance(model.picture(0), QImage) and model.picture(1) is None
    model.show(catalogue(3, files=True, fit="pad"), np.arange(3))
    assert model.picture(0) is None, "it was cropped, and is padded now"
