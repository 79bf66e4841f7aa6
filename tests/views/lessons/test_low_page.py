"""The page with the letters for a lecture hall on a screen of 1280 × 720 pixels: its curves can still be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
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
    """A scene with a long question, two panels, a table and three findings, as after it was played."""
    text = (FOLDER / "01-small-weights.toml").read_text("utf-8")
    (tmp_path / "1.toml").write_text(text.replace('question = "', f'question = "{_QUESTION} '), "utf-8")
    page = open_page(tmp_path)
    theme().set_large(True)
    lesson, player = page.desk.lesson, page.desk.player
    assert lesson is not None
    curves = tuple(line(run.name, np.arange(5.0), np.arange(5.0) * k) for k, run in enumerate(lesson.runs))
    panels = Panel("Gap: validation loss − training loss", "Step", "Gap", curves), Panel("Loss", "Step", "Loss", curves)
    picture = Picture(panels, Table(("Run", "Gap", "Best validation"), (("Neither", "0.15", "85 %"),)))
    main = finding(lesson.quantity, lesson.band, lesson.conclusion, 1e-5)
    also = tuple(finding(each.quantity, each.band, each.conclusion, 0.1) for each in lesson.also)
    player.picture, player.conclusion = picture, Conclusion(1, 0, main, also, picture, False)
    player.changed.emit()
    return page


def test_curves_can_be_read_on_a_low_page(qtbot: QtBot, page: LessonsPage) -> None:
    page.resize(_WIDE, _LOW)
    picture, large = page.curves.picture, page.fontMetrics().height()

    def has_room() -> bool:
        """The usual letters of the question would take four lines."""
        is_low = page.question.height() <= 3.6 * large and page.conclusion.height() <= 0.26 * _LOW
        return is_low and picture.tabs.isVisible() and picture.panels[0].area().height() >= 4 * large

    qtbot.waitUntil(has_room)
    assert page.height() == _LOW and page.minimumSizeHint().height() <= _LOW
    assert all(words.height() >= words.heightForWidth(words.width()) for words in page.conclusion.sentences.words)
    for part in (page.conclusion.name, page.conclusion.number, page.conclusion.bar):
        assert part.geometry().bottom() < page.conclusion.height() and part.height() >= part.minimumSizeHint().height()


def test_a_higher_page_has_the_letters_and_the_numbers_of_before(qtbot: QtBot, page: LessonsPage) -> None:
    page.resize(_WIDE, _LOW)
    main = page.conclusion.sentences.words[0]
    qtbot.waitUntil(lambda: not page.conclusion.bar.has_numbers)
    low = page.question.font().pointSizeF(), main.font().pointSizeF()
    page.resize(_WIDE, _HIGH)
    qtbot.waitUntil(lambda: page.conclusion.bar.has_numbers)
    assert page.question.font().pointSizeF() > low[0] and main.font().pointSizeF() >= low[1]
    assert not page.curves.picture.tabs.isVisible()
    assert all(panel.isVisible() for panel in page.curves.picture.panels)
