"""The progress bar: readable in light and dark, one line of text, and no empty box while nothing is done."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractAnimation
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.theme import contrast, theme


@pytest.fixture
def bar(qtbot: QtBot) -> ProgressBar:
    theme()
    made = ProgressBar()
    qtbot.addWidget(made)
    made.resize(200, 24)
    made.setRange(0, 100)
    made.setValue(0)
    made.show()
    return made


def picture(bar: ProgressBar) -> QImage:
    return bar.grab().toImage()


def shades(image: QImage, x: int) -> set[str]:
    return {image.pixelColor(x, y).name() for y in range(image.height())}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_track_and_filling_follow_the_theme(qtbot: QtBot, bar: ProgressBar, mode: str) -> None:
    theme().set_mode(mode)  # type: ignore[arg-type]
    try:
        colours = theme().colours
        bar.setValue(50)
        bar.setFormat("")
        qtbot.waitUntil(lambda: picture(bar).pixelColor(50, 12).name() == colours.accent)
        image = picture(bar)
        assert image.pixelColor(150, 12).name() == colours.button
        assert contrast(colours.button, colours.text) > 4.5 and contrast(colours.accent, colours.on_accent) > 4.5
    finally:
        theme().set_mode("system")


def test_nothing_done_is_a_line_and_not_an_empty_box(bar: ProgressBar) -> None:
    bar.setValue(0)
    bar.setTextVisible(False)
    image = picture(bar)
    colours = theme().colours
    assert shades(image, 0) == shades(image, 100) == {colours.window, colours.line}


def test_a_bar_whose_end_is_known_moves_no_more(bar: ProgressBar) -> None:
    """The style's animation repainted the run bar 60 times a second during the whole run."""
    bar.setRange(0, 0)
    picture(bar)
    assert bar.findChildren(QAbstractAnimation)
    bar.setRange(0, 100)
    picture(bar)
    assert not bar.findChildren(QAbstractAnimation)


def test_words_without_room_are_replaced_or_shortened(bar: ProgressBar) -> None:
    bar.setFormat("Paused at step 1 of 2")
    bar.brief = "Paused"
    assert bar._words() == "Paused at step 1 of 2"
    bar.resize(90, 24)
    assert bar._words() == "Paused"
    bar.brief = ""
    assert bar._words().endswith("…") and bar.fontMetrics().horizontalAdvance(bar._words()) < 90
