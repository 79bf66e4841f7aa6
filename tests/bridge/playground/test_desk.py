"""The desk: paths that follow every edit, on a thread of their own; nothing while it is hidden; kept over a restart."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.playground.kept_settings import NAME
from workbench.bridge.playground.requests import Drawn, PictureRequest
from workbench.bridge.threads.background import Tasks
from workbench.engine.catalog.optimizers.muon import Muon
from workbench.engine.catalog.optimizers.sgd import SGD, Momentum
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.playground.race import Race
from workbench.engine.playground.spec import PlaygroundSpec


def raced(qtbot: QtBot, desk: PlaygroundDesk) -> None:
    """Wait until the shown paths are those of the present settings, to their end."""

    def is_there() -> bool:
        paths = desk.paths
        return paths is not None and paths.spec == desk.spec and paths.updates == desk.spec.updates

    qtbot.waitUntil(is_there, timeout=60_000)


def ends(spec: PlaygroundSpec) -> np.ndarray:
    race = Race(spec)
    race.advance(spec.updates)
    return np.stack([trail.points[-1, 0] for trail in race.trails()])


def shown_ends(desk: PlaygroundDesk) -> np.ndarray:
    assert desk.paths is not None
    return np.stack([trail.points[-1, 0] for trail in desk.paths.trails])


@pytest.fixture
def short(desk: PlaygroundDesk) -> PlaygroundDesk:
    desk.store.load(PlaygroundSpec(updates=40))
    return desk


def test_the_paths_are_those_of_the_engine_to_the_bit_after_edits_undo_and_redo(
    qtbot: QtBot, short: PlaygroundDesk
) -> None:
    short.set_shown(True)
    raced(qtbot, short)
    flat = shown_ends(short)
    assert np.array_equal(flat, ends(short.spec))
    short.store.edit("surface.tilt", 40.0)
    raced(qtbot, short)
    tilted = shown_ends(short)
    assert np.array_equal(tilted, ends(short.spec))
    assert not np.array_equal(flat, tilted)
    short.store.undo()
    raced(qtbot, short)
    assert np.array_equal(shown_ends(short), flat)
    short.store.redo()
    raced(qtbot, short)
    assert np.array_equal(shown_ends(short), tilted)


def test_a_hand_that_never_rests_still_sees_paths_and_the_last_edit_wins(qtbot: QtBot, short: PlaygroundDesk) -> None:
    short.set_shown(True)
    raced(qtbot, short)
    seen: list[float] = []
    short.laid.connect(lambda: seen.append(short.paths.spec.surface.tilt))  # type: ignore[union-attr]
    for tilt in range(1, 200):
        short.store.edit("surface.tilt", tilt / 3, merge=True)
        qtbot.wait(1)
        if len(set(seen)) > 2:
            break
    assert len(set(seen)) > 2
    raced(qtbot, short)
    assert seen[-1] == short.spec.surface.tilt  # type: ignore[attr-defined]
    short.store.undo()
    assert short.spec.surface == Bowl()


def test_races_run_neither_in_the_window_nor_in_the_queue_of_tasks(
    qtbot: QtBot, short: PlaygroundDesk, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    advance = Race.advance

    def watched(race: Race, updates: int) -> None:
        names.append(threading.current_thread().name)
        assert tasks.current is None
        advance(race, updates)

    monkeypatch.setattr(Race, "advance", watched)
    short.set_shown(True)
    raced(qtbot, short)
    assert names
    assert threading.main_thread().name not in names


def test_hidden_nothing_plays_and_nothing_is_computed(qtbot: QtBot, short: PlaygroundDesk) -> None:
    short.set_shown(True)
    raced(qtbot, short)
    short.cursor.play()
    short.set_shown(False)
    assert not short.cursor.is_playing
    laid: list[Any] = []
    short.laid.connect(lambda: laid.append(1))
    short.store.edit("surface.tilt", 10.0)
    with qtbot.waitSignal(short.drawn, timeout=10_000):  # the thread has been round once
        short.draw(PictureRequest("map", Bowl(), Bowl.view, 4, 4))
    assert not laid
    short.set_shown(True)
    raced(qtbot, short)


def test_a_long_race_is_computed_as_far_as_it_is_looked_at(qtbot: QtBot, desk: PlaygroundDesk) -> None:
    desk.store.load(PlaygroundSpec(racers=(SGD(lr=0.01),), updates=5000))
    desk.cursor.go(0)
    desk.set_shown(True)
    qtbot.waitUntil(lambda: desk.paths is not None and desk.paths.updates == 1000, timeout=60_000)
    desk.cursor.go(900)
    qtbot.waitUntil(lambda: desk.paths is not None and desk.paths.updates == 1900, timeout=60_000)
    assert np.array_equal(desk.paths.trails[0].points[-1, 0], ends(desk.spec.edited("updates", 1900))[0])  # type: ignore[union-attr]


def test_settings_that_cannot_race_say_why_and_undo_brings_the_paths_back(qtbot: QtBot, short: PlaygroundDesk) -> None:
    short.set_shown(True)
    raced(qtbot, short)
    short.store.edit("racers", (Muon(),))
    assert "matrices" in short.trouble
    assert short.paths is None
    short.store.undo()
    raced(qtbot, short)
    assert short.trouble == ""


def test_an_optimizer_that_fails_is_said_and_does_not_end_the_thread(
    qtbot: QtBot, short: PlaygroundDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_more: Any) -> None:
        raise RuntimeError("no such rule")

    with monkeypatch.context() as patched:
        patched.setattr(Momentum, "build", broken)
        short.set_shown(True)
        qtbot.waitUntil(lambda: "no such rule" in short.trouble, timeout=30_000)
    short.store.edit("surface.tilt", 5.0)
    raced(qtbot, short)
    assert short.trouble == ""


def test_a_picture_arrives_with_its_request(qtbot: QtBot, desk: PlaygroundDesk) -> None:
    request = PictureRequest("map", Bowl(), Bowl.view, 30, 20)
    with qtbot.waitSignal(desk.drawn, timeout=20_000) as drawn:
        desk.draw(request)
    found = drawn.args[0]  # type: ignore[index]
    assert isinstance(found, Drawn)
    assert found.request is request
    assert found.relief.bands.shape == (20, 30)


def test_another_surface_begins_at_its_own_start_and_its_knobs_come_back(desk: PlaygroundDesk) -> None:
    desk.store.edit("surface.condition", 200.0)
    desk.place_start(0.5, 0.5)
    desk.choose_surface("saddle")
    assert desk.spec.start() == desk.spec.surface.begin_at()
    desk.choose_surface("bowl")
    assert desk.spec.surface == Bowl(condition=200.0)
    desk.store.undo()
    desk.store.undo()
    assert desk.spec.start() == (0.5, 0.5)


def test_a_drag_of_the_start_is_one_undo_entry(desk: PlaygroundDesk) -> None:
    before = desk.spec
    for number in range(5):
        desk.place_start(number / 10, 0.3, merge=number > 0)
    assert desk.spec.start() == (pytest.approx(0.4), pytest.approx(0.3))
    desk.store.undo()
    assert desk.spec == before


def test_the_settings_come_back_after_a_restart(tmp_path: Path, tasks: Tasks, desk: PlaygroundDesk) -> None:
    desk.choose_surface("sculpted")
    desk.store.edit("racers", (SGD(lr=0.02), Momentum(lr=0.5, momentum=0.7)))
    desk.set_shown(True)
    desk.set_shown(False)
    again = PlaygroundDesk(tmp_path, tasks)
    assert again.spec == desk.spec
    assert again.greeting == ""


@pytest.mark.parametrize("text", ["{", "[1, 2]", '{"version": 99}', '{"version": 1, "noise": "much"}', "\udc80"])
def test_a_broken_file_gives_the_default_and_a_sentence_and_is_kept(tmp_path: Path, tasks: Tasks, text: str) -> None:
    (tmp_path / NAME).write_bytes(text.encode(errors="surrogateescape"))
    desk = PlaygroundDesk(tmp_path, tasks)
    assert desk.spec == PlaygroundSpec()
    assert "could not be read" in desk.greeting
    assert not (tmp_path / NAME).exists()
    assert list(tmp_path.glob("*.unreadable.json"))


def test_fair_rates_are_found_for_each_racer_and_taken_as_one_change(qtbot: QtBot, desk: PlaygroundDesk) -> None:
    spec = PlaygroundSpec(surface=Bowl(condition=5), racers=(SGD(lr=1e-3), Momentum(lr=1e-3)), updates=60)
    desk.store.load(spec)
    desk.studies.find_rates(desk.spec)
    qtbot.waitUntil(lambda: desk.studies.rates.value is not None, timeout=120_000)
    bands = desk.studies.rates.value
    assert desk.take_best_rates()
    rates = [racer.lr for racer in desk.spec.racers]
    assert rates == [band.best for band in bands]
    assert 2 / 5 > rates[0] > 0.1  # gradient descent diverges from 2 / κ on
    assert desk.studies.rates.value is bands, "other rates of the same racers are still about them"
    desk.store.undo()
    assert desk.spec == spec
    desk.store.edit("surface.tilt", 30.0)
    assert desk.studies.rates.value is None


def test_random_restarts_end_and_an_edit_forgets_them(qtbot: QtBot, desk: PlaygroundDesk) -> None:
    desk.store.load(PlaygroundSpec(racers=(SGD(lr=0.03),), updates=40))
    desk.studies.restart_at_random(desk.spec)
    qtbot.waitUntil(lambda: desk.studies.restarts.value is not None, timeout=60_000)
    assert desk.studies.restarts.value.ends.shape == (1, 50, 2)
    desk.store.edit("surface.condition", 20.0)
    assert desk.studies.restarts.value is None


def test_minima_are_measured_once_for_each_number_of_dimensions(qtbot: QtBot, desk: PlaygroundDesk) -> None:
    desk.studies.measure_minima(2)
    qtbot.waitUntil(lambda: desk.studies.minima.value is not None, timeout=60_000)
    shares = desk.studies.minima.value
    assert shares == (pytest.approx(0.5, abs=0.02), pytest.approx(0.146, abs=0.02))
    desk.studies.measure_minima(1)
    assert desk.studies.minima.value is shares
