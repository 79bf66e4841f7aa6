"""Edges of the queue in the window: lost too often, a direct run that stops, a card just begun, moved together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.runs.queue_bench import ENDLESS, LONG, QUICK, Bench
from tests.engine.shelf.made_runs import curve, make_run, started
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.shelf.queue import Queue
from workbench.engine.shelf.work_through import MOST_ATTEMPTS


def test_a_card_that_was_lost_too_often_fails(bench: Bench) -> None:
    folder = make_run(runs_folder(), spec=QUICK, events=[started(QUICK), *curve((0.5,))])
    bench.add(QUICK)
    for _ in range(MOST_ATTEMPTS):
        bench.desk.change(lambda queue: queue.started(1, folder))
    bench.worker.start()
    bench.worker.switch(True)
    assert bench.states == ["failed"] and "3 times" in bench.desk.cards[0].words


def test_a_stop_of_a_direct_run_lets_the_queue_go_on(qtbot: QtBot, bench: Bench) -> None:
    bench.store.load(ENDLESS)
    bench.session.train()
    qtbot.waitUntil(lambda: bench.states == ["running"], timeout=LONG)
    bench.add(QUICK)
    bench.worker.switch(True)
    bench.session.stop()
    qtbot.waitUntil(lambda: bench.states == ["stopped", "done"] and not bench.worker.is_on, timeout=LONG)


def test_a_card_that_is_just_being_begun_is_not_another_that_waits(qtbot: QtBot, bench: Bench) -> None:
    said: list[str] = []

    def note() -> None:
        if bench.worker.trains_card is not None:
            said.append(bench.worker.words)

    bench.worker.changed.connect(note)
    bench.add(QUICK)
    bench.worker.switch(True)
    qtbot.waitUntil(lambda: bench.states == ["done"], timeout=LONG)
    assert said and all(words.endswith("; no other card waits.") for words in said)


def test_the_folder_of_a_card_is_in_the_file_before_it_is_made(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill at any moment leaves a card that knows its run."""
    create, seen = RunFolder.create, []

    def noted(*arguments: Any) -> RunFolder:
        (card,) = Queue(bench.desk.path).cards
        seen.append((card.state, card.run, Path(card.run).exists()))
        return create(*arguments)

    monkeypatch.setattr(RunFolder, "create", noted)
    bench.add(QUICK)
    bench.worker.switch(True)
    qtbot.waitUntil(lambda: bench.states == ["done"], timeout=LONG)
    assert seen == [("running", bench.desk.cards[0].run, False)]
    assert Path(bench.desk.cards[0].run).is_dir() and bench.desk.cards[0].attempts == 1


def test_a_card_whose_folder_was_never_made_waits_again(bench: Bench) -> None:
    bench.add(QUICK)
    bench.desk.change(lambda queue: queue.started(1, runs_folder() / "never_made"))
    bench.worker.start()
    assert bench.states == ["waiting"] and not bench.desk.cards[0].run and not bench.worker.lost


@pytest.mark.parametrize(("by", "places"), [(1, [2, 0, 1]), (-1, [1, 2, 0])])
def test_cards_that_are_moved_together_keep_their_order(by: int, places: list[int], bench: Bench) -> None:
    numbers = bench.add(QUICK, QUICK, QUICK)
    bench.desk.move(numbers[:2] if by > 0 else numbers[1:], by)
    assert [numbers.index(card.number) for card in bench.desk.cards] == places
