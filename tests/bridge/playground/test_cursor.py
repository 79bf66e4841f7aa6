"""The cursor: playing at a speed, single steps, limits."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from workbench.bridge.playground.cursor import Cursor


def cursor_at(at: int, available: int = 400) -> Cursor:
    made = Cursor(400)
    made.available = available
    made.go(at)
    return made


def test_it_begins_at_the_end_so_that_whole_paths_are_seen() -> None:
    assert Cursor(400).at == 400


def test_one_is_twelve_updates_a_second_and_a_hundred_is_twenty_a_frame() -> None:
    cursor = cursor_at(0)
    for _ in range(60):
        cursor.pass_time(1 / 60)
    assert cursor.at in (11, 12)  # a sixtieth is not a sum of powers of two
    cursor.set_speed(100.0)
    before = cursor.at
    cursor.pass_time(1 / 60)
    assert cursor.at - before in (19, 20, 21)


def test_a_window_that_stood_still_does_not_jump() -> None:
    cursor = cursor_at(0)
    cursor.pass_time(30.0)
    assert cursor.at == 1


def test_playing_waits_for_paths_that_are_not_computed_yet() -> None:
    cursor = cursor_at(0, available=7)
    cursor.set_speed(100.0)
    for _ in range(5):
        cursor.pass_time(0.1)
    assert cursor.at == 7


def test_the_speed_stays_between_a_tenth_and_a_hundred() -> None:
    cursor = cursor_at(0)
    cursor.set_speed(1e9)
    assert cursor.speed == 100.0
    cursor.set_speed(0.0)
    assert cursor.speed == 0.1


def test_steps_pause_and_stay_within_the_race(qtbot: QtBot) -> None:
    cursor = cursor_at(399)
    cursor.play()
    cursor.step()
    assert (cursor.at, cursor.is_playing) == (400, False)
    cursor.step()
    assert cursor.at == 400
    cursor.step_back()
    assert cursor.at == 399
    cursor.restart()
    cursor.step_back()
    assert cursor.at == 0


def test_play_at_the_end_begins_anew_and_stops_at_the_end(qtbot: QtBot) -> None:
    cursor = cursor_at(400)
    cursor.set_speed(100.0)
    seen: list[int] = []
    cursor.moved.connect(seen.append)
    cursor.play()
    qtbot.waitUntil(lambda: not cursor.is_playing, timeout=10_000)
    assert seen[0] == 0
    assert seen[-1] == 400
    assert seen == sorted(seen)


def test_a_longer_race_keeps_the_cursor_at_the_end_and_a_shorter_one_brings_it_there() -> None:
    cursor = cursor_at(400)
    cursor.set_end(900)
    assert cursor.at == 900
    cursor.go(500)
    cursor.set_end(1000)
    assert cursor.at == 500
    cursor.set_end(100)
    assert cursor.at == 100
