"""The page of the lessons alone, over a desk with its threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.bridge.threads.background import Tasks
from workbench.engine.lessons.lesson_file import FOLDER
from workbench.engine.lessons.play import Conclusion
from workbench.views.lessons.lessons_page import LessonsPage

_WHOLE = (FOLDER / "08-saddle.toml").read_text("utf-8").partition("\n[predict]")[0]
_LESSON, _TIMES, _HEIGHT = _WHOLE.split("[[also]]")
#: The program's lesson without what takes long, and without its vote.
SADDLE = f"{_LESSON}\n[[also]]{_HEIGHT}".replace("updates = 400", "updates = 200")
BOWL = SADDLE.replace("number = 8", "number = 7").replace('kind = "saddle" }', 'kind = "bowl" }')
BOWL = BOWL.replace("playground.surface.bend", "playground.surface.tilt").replace("saddle_time", "height_left")
Opener = Callable[[Path], LessonsPage]


@pytest.fixture
def open_page(qtbot: QtBot) -> Iterator[Opener]:
    """Opens the page on a folder of lessons."""
    tasks, desks, pages = Tasks(), list[LessonDesk](), list[LessonsPage]()

    def opened(folder: Path) -> LessonsPage:
        desks.append(LessonDesk(tasks, folder=folder))
        page = LessonsPage(desks[-1])
        pages.append(page)
        page.resize(1250, 680)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        return page

    yield opened
    for page in pages:
        page.hide()
        page.deleteLater()
    ended: list[str] = []
    for desk in desks:
        desk.playground.shutdown(lambda: ended.append("desk"))
    tasks.shutdown(lambda: ended.append("tasks"))
    qtbot.waitUntil(lambda: len(ended) == len(desks) + 1, timeout=30_000)


@pytest.fixture
def page(open_page: Opener, tmp_path: Path) -> LessonsPage:
    """The page on two lessons that are measured at once: a bowl with number 7 and a saddle with number 8."""
    (tmp_path / "07-bowl.toml").write_text(BOWL, "utf-8")
    (tmp_path / "08-saddle.toml").write_text(SADDLE, "utf-8")
    return open_page(tmp_path)


def concluded(qtbot: QtBot, page: LessonsPage) -> Conclusion:
    """Wait for the conclusion of what is being played."""
    player = page.desk.player
    assert player.is_playing
    qtbot.waitUntil(lambda: not player.is_playing, timeout=600_000)  # a scene takes up to a minute of two free cores
    assert player.conclusion is not None, player.trouble
    return player.conclusion
