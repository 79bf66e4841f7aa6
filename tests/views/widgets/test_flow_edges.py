"""Lines of the flowing layout, and sizes of windows that are kept."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget

from workbench.views.widgets.fit_on_screen import WindowSizes
from workbench.views.widgets.flow_layout import FlowLayout


class Brick(QWidget):
    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._size = QSize(width, height)

    def sizeHint(self) -> QSize:
        return self._size


def placed(qtbot: Any, width: int, *sizes: tuple[int, int]) -> list[tuple[int, int]]:
    """Where bricks of these sizes are set in a widget of this width, 4 pixels apart."""
    home = QWidget()
    qtbot.addWidget(home)
    layout = FlowLayout(home, 4)
    bricks = [Brick(*size) for size in sizes]
    for brick in bricks:
        layout.addWidget(brick)
    layout.setGeometry(QRect(0, 0, width, 500))
    assert layout.heightForWidth(width) == max(brick.geometry().bottom() + 1 for brick in bricks)
    return [(brick.geometry().x(), brick.geometry().y()) for brick in bricks]


def test_a_line_is_as_high_as_its_highest_item(qtbot: Any) -> None:
    assert placed(qtbot, 100, (40, 30), (40, 10), (40, 10)) == [(0, 0), (44, 10), (0, 30)]
    assert placed(qtbot, 100, (40, 10), (40, 30), (40, 10)) == [(0, 10), (44, 0), (0, 30)]


def test_an_item_that_fits_to_the_pixel_stays_in_its_line(qtbot: Any) -> None:
    assert placed(qtbot, 84, (40, 10), (40, 10)) == [(0, 0), (44, 0)]
    assert placed(qtbot, 83, (40, 10), (40, 10)) == [(0, 0), (0, 10)]


def test_an_item_wider_than_everything_begins_no_empty_line(qtbot: Any) -> None:
    assert placed(qtbot, 30, (40, 10), (40, 10)) == [(0, 0), (0, 10)]


def test_only_a_size_that_the_user_gave_is_kept() -> None:
    sizes = WindowSizes()
    sizes.keep(False, QSize(300, 200), QSize(300, 200))
    assert sizes.get(False) is None and sizes.words() == {}
    sizes.keep(False, QSize(301, 200), QSize(300, 200))
    sizes.keep(True, QSize(700, 500), QSize(300, 200))
    assert (sizes.get(False), sizes.get(True)) == (QSize(301, 200), QSize(700, 500))
    again = WindowSizes()
    again.choose(sizes.words())
    assert (again.get(False), again.get(True)) == (QSize(301, 200), QSize(700, 500))


@pytest.mark.parametrize("text", ["", "300", "x", "0x200", "300x0", "-3x200", "32768x200", "300x32768", "axb", "3x2x1"])
def test_what_is_no_size_is_left_out(text: str) -> None:
    sizes = WindowSizes()
    sizes.choose({"usual": text})
    assert sizes.get(False) is None
    sizes.choose({"usual": "32767x1"})
    assert sizes.get(False) == QSize(32767, 1)
