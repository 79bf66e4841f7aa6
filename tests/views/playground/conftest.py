"""The page of the playground alone, over a desk with its threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.threads.background import Tasks
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.playground.playground_page import PlaygroundPage

Opener = Callable[..., PlaygroundPage]


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[PlaygroundDesk]:
    tasks = Tasks()
    desk = PlaygroundDesk(tmp_path, tasks)
    desk.store.load(PlaygroundSpec(updates=60))
    yield desk
    ended: list[str] = []
    desk.shutdown(lambda: ended.append("desk"))
    tasks.shutdown(lambda: ended.append("tasks"))
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=30_000)


@pytest.fixture
def page(qtbot: QtBot, desk: PlaygroundDesk) -> Iterator[PlaygroundPage]:
    page = PlaygroundPage(desk)
    page.resize(1250, 680)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    raced(qtbot, page)
    yield page
    page.hide()
    page.deleteLater()


def raced(qtbot: QtBot, page: PlaygroundPage) -> None:
    """Wait until the paths are those of the present settings, to their end."""
    desk = page.desk

    def is_there() -> bool:
        paths = desk.paths
        return paths is not None and paths.spec == desk.spec and paths.updates == desk.spec.updates

    qtbot.waitUntil(is_there, timeout=60_000)
