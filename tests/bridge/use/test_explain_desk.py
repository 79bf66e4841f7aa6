"""Explaining in the background: what is known is not computed again, and what is on its way is not cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.use.made import digit_files, trained
from workbench.bridge.services import Services
from workbench.bridge.use.network_slot import NetworkChoice
from workbench.engine.explain.question import Question, method_of

LONG = 60_000
_SLOW = Question(method_of("smooth_gradient", {"samples": 200}))
_QUICK = Question(method_of("gradient", {}))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return digit_files(tmp_path_factory.mktemp("digits"), 2)


@pytest.fixture
def services(qtbot: QtBot, workbench_home: Path, run: Path, digits: list[Path]) -> Iterator[Services]:
    made = Services(workbench_home)
    made.use.slot.choose(NetworkChoice((run,)))
    qtbot.waitUntil(lambda: made.use.slot.network is not None, timeout=LONG)
    made.use.ask(digits[0])
    yield made
    with qtbot.waitSignal(made.shutdown.closed, timeout=LONG):
        made.shutdown.begin()
    made.session.finish()
    made.previews.finish()


def test_the_same_question_is_answered_once(services: Services, qtbot: QtBot) -> None:
    desk = services.explain
    with qtbot.waitSignal(desk.map.answered, timeout=LONG):
        desk.explain(_QUICK)
    desk.explain(_QUICK)
    assert not desk.map.is_pending and desk.map.value is not None
    desk.explain(_SLOW)
    assert desk.map.is_pending
    desk.map.cancel()
    assert desk.map.value.method == _QUICK.method  # what was shown before stays


def test_better_weights_do_not_cut_off_a_map_and_another_question_does(
    services: Services, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, slot = services.explain, services.use.slot
    first = slot.network
    asked, submit = [], services.explaining.submit

    def count(name: str, *rest: Any) -> Any:
        asked.append(name)
        return submit(name, *rest)

    monkeypatch.setattr(services.explaining, "submit", count)
    desk.explain(_SLOW)
    slot.reload()
    qtbot.waitUntil(lambda: slot.network is not None and slot.network is not first, timeout=LONG)
    if desk.map.is_pending:  # else the map was quicker than the weights
        desk.explain(_SLOW)
        assert len(asked) == 1
    desk.explain(_QUICK)
    assert len(asked) == 2
    qtbot.waitUntil(lambda: not desk.map.is_pending, timeout=LONG)
    assert desk.map.value.method == _QUICK.method


def test_what_was_found_is_forgotten_with_its_picture(services: Services, qtbot: QtBot, digits: list[Path]) -> None:
    desk = services.explain
    with qtbot.waitSignal(desk.map.answered, timeout=LONG):
        desk.explain(_QUICK)
    before = desk.map.value
    services.use.ask(digits[1])
    assert desk.map.value is None
    with qtbot.waitSignal(desk.map.answered, timeout=LONG):
        desk.explain(_QUICK)
    assert desk.map.value.class_name == "1" or desk.map.value.logit != before.logit
    services.use.forget()
    assert desk.map.value is None
    desk.explain(_QUICK)
    assert not desk.map.is_pending


def test_features_are_of_the_network_that_is_in_use(services: Services, qtbot: QtBot) -> None:
    desk, slot = services.explain, services.use.slot
    assert desk.indexed is None
    with qtbot.waitSignal(desk.index.answered, timeout=LONG):
        desk.make_index()
    assert desk.indexed is not None and not desk.is_index_of_old_weights
    assert desk.indexed.explainer.trained is not desk.explainer.trained  # type: ignore[union-attr]  # of another thread
    first = slot.network
    slot.reload()
    qtbot.waitUntil(lambda: slot.network is not None and slot.network is not first, timeout=LONG)
    assert desk.indexed is not None and desk.is_index_of_old_weights
    slot.choose(NetworkChoice((slot.paths[0] / "best.safetensors",)))
    assert desk.indexed is None
