"""The page with the letters for a lecture hall on a screen of 1280 × 720 pixels: its curves can still be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.views.lessons.conftest import Opener
from workbench.engine.lessons.lesson_file import FOLDER
from workbench.engine.lessons.picture import Panel, Picture, Table, line
from workbench.engine.lessons.play import Conclusion, finding
from workbench.views.lessons.lessons_page import LessonsPage
from workbench.views.widgets.theme import theme

#: Pixels that the window leaves to the page, and those of a higher screen.
_WIDE, _LOW, _HIGH = 1123, 615, 975
#: Begins a question of more than two lines.
_QUESTION = "A network learns to read digits."


@pytest.fixture
def page(open_page: Opener, tmp_path: Path) -> LessonsPage:
    """A scene with a long question, two panels, a table and some findings, as after it was played, in large letters."""
    text = (FOLDER / "01-small-weights.toml").read_text("utf-8")
    (tmp_path / "1.toml").write_text(text.replace('question = "', f'question = "{_QUESTION} '), "utf-8")
    page = open_page(tmp_path)
    lesson, player = page.desk.lesson, page.desk.player
    assert lesson is not None
    curves = tuple(line(run.name, np.arange(5.0), np.arange(5.0) * k) for k, run in enumerate(lesson.runs))
    panels = Panel("Gap: validation loss − training loss", "Step", "Gap", curves), Panel("Loss", "Step", "Loss", curves)
    picture = Picture(panels, Table(("Run", "Gap", "Best validation"), (("Neither", "0.15", "85 %"),)))
    main = finding(lesson.quantity, lesson.band, lesson.conclusion, 1e-5)
    also = tuple(finding(each.quantity, each.band, each.conclusion, 0.1) for each in lesson.also)
    player.picture, player.conclusion = picture, Conclusion(1, 0, main, also, picture, False)
    player.changed.emit()
    page.resize(_WIDE, _LOW)
    theme().set_large(True)
    return page


def test_curves_can_be_read_on_a_low_page(qtbot: QtBot, page: LessonsPage) -> None:
    picture, conclusion, large = page.curves.picture, page.conclusion, page.fontMetrics().height()
    beside = (conclusion.name, conclusion.number, conclusion.bar)

    def has_room() -> bool:
        """The usual letters of the question would take four lines."""
        is_low = page.question.height() <= 3.6 * large and conclusion.height() <= 0.26 * _LOW
        return is_low and picture.tabs.isVisible() and picture.panels[0].area().height() >= 4 * large

    def is_whole() -> bool:
        words = all(each.height() >= each.heightForWidth(each.width()) for each in conclusion.sentences.words)
        return words and all(
            each.geometry().bottom() < conclusion.height() and each.height() >= each.minimumSizeHint().height()
            for each in beside
        )

    qtbot.waitUntil(lambda: has_room() and is_whole())
    assert page.height() == _LOW and page.minimumSizeHint().height() <= _LOW


def test_a_higher_page_has_the_letters_and_the_numbers_of_before(qtbot: QtBot, page: LessonsPage) -> None:
    question, main, bar = page.question, page.conclusion.sentences.words[0], page.conclusion.bar
    usual = np.array([1.35, 1.2]) * QApplication.font().pointSizeF()

    def sizes() -> list[float]:
        return [question.font().pointSizeF(), main.font().pointSizeF()]

    qtbot.waitUntil(lambda: not bar.has_numbers and sizes() == pytest.approx(0.85 * usual))
    page.resize(_WIDE, _HIGH)
    qtbot.waitUntil(lambda: bar.has_numbers and sizes() == pytest.approx(usual))
    picture = page.curves.picture
    qtbot.waitUntil(lambda: not picture.tabs.isVisible() and all(panel.isVisible() for panel in picture.panels))


def test_a_page_that_becomes_low_by_its_letters_alone_leaves_the_curves_their_room(
    qtbot: QtBot, page: LessonsPage
) -> None:
    area = page.conclusion.words_area
    page.resize(1600, 640)
    for large, tallest in ((False, 256), (True, 160)):
        theme().set_large(large)
        qtbot.waitUntil(lambda tallest=tallest: area.tallest == tallest)
        assert page.width() == 1600 and page.height() == 640
