"""The player of scenes: frames with pictures are delivered, those with progress alone at limited intervals."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from workbench.bridge.lessons import scene_player
from workbench.bridge.lessons.scene_player import ScenePlayer
from workbench.bridge.threads.background import Tasks
from workbench.engine.lessons.lesson_file import FOLDER, read_lesson
from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.quantities import Measuring, Quantity, Stage

SADDLE = read_lesson(FOLDER / "08-saddle.toml").edited("also", [])
PICTURES = [Picture(), Picture()]


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made, ended = Tasks(), list[bool]()
    yield made
    made.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)


def measure(_quantity: Quantity, _stage: Stage) -> Measuring:
    for picture in PICTURES:
        for done in range(50):
            yield Frame(done, 50, "Counting")
        yield Frame(50, 50, "Drawn", picture)
    yield Frame(50, 50, "Nothing new")
    return 126.0


@pytest.mark.parametrize(("seldom", "handed_over"), [(1e9, 2), (-1.0, 104)])
def test_frames_without_a_picture_are_delivered_at_limited_intervals(
    qtbot: QtBot, tasks: Tasks, monkeypatch: pytest.MonkeyPatch, seldom: float, handed_over: int
) -> None:
    monkeypatch.setattr(scene_player, "_SELDOM", seldom)
    monkeypatch.setattr(type(SADDLE.quantity), "measure", measure)
    player, put = ScenePlayer(tasks), list[Frame]()
    monkeypatch.setattr(player._frames, "put", lambda item: put.append(item[1]))
    player.play(SADDLE, 0)
    qtbot.waitUntil(lambda: player.conclusion is not None, timeout=30_000)
    assert len(put) == handed_over
    assert [frame.picture for frame in put if frame.picture is not None] == PICTURES
    assert player.picture is PICTURES[-1]


def test_the_player_waits_while_the_window_shows_a_frame(
    qtbot: QtBot, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the window has had its time for it, and not a moment where nothing was handed over yet."""
    rests: list[float] = []
    monkeypatch.setattr(scene_player, "time", SimpleNamespace(monotonic=lambda: 5.0, sleep=rests.append))
    monkeypatch.setattr(type(SADDLE.quantity), "measure", measure)
    player, frame = ScenePlayer(tasks), Frame(0, 1, "", Picture())
    player._put(player._number, frame)
    assert rests == [0.0]
    player.play(SADDLE, 0)
    player._on_frames([(player._number, frame)])
    qtbot.waitUntil(lambda: not player.is_playing, timeout=30_000)
    player._put(player._number, frame)
    assert rests[-1] == pytest.approx(scene_player._SHOWING)
