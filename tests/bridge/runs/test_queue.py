"""The queue in the window's process, with real runs: one after the other, frozen, kept, gone on with, reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.runs.queue_bench import ENDLESS, LONG, QUICK, Bench
from tests.engine.helpers import small_spec
from tests.engine.shelf.made_runs import curve, make_run, started
from workbench.bridge.runs import queue_worker
from workbench.bridge.runs.queue_desk import QueueDesk
from workbench.bridge.runs.way_back import FindWayBack
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import Edited
from workbench.engine.run_store import recovery
from workbench.engine.run_store.log_cut import read_lines
from workbench.engine.shelf.about import read_about
from workbench.engine.shelf.cards import new_card
from workbench.engine.shelf.queue_report import FOLDER
from workbench.engine.shelf.read_record import read_record
from workbench.engine.spec.experiment import ExperimentSpec

#: Its loss is far too large to its end, but a number.
WILD = (
    small_spec(loop__epochs=3)
    .edited("model", {"kind": "mlp", "hidden": [16], "batch_norm": "off"})
    .edited("optimizer", {"kind": "sgd", "lr": 1000.0})
)


def failing(tmp_path: Path) -> ExperimentSpec:
    """A folder that is there when its card is added, and empty when the run begins."""
    folder = tmp_path / "nothing"
    folder.mkdir(exist_ok=True)
    return QUICK.edited("data.source", {"kind": "folder", "folder": str(folder)})


@pytest.fixture
def worked(qtbot: QtBot, bench: Bench) -> Callable[[], Any]:
    """Switches the queue on and waits for its report."""

    def work() -> Any:
        before = len(bench.reports)
        bench.worker.switch(True)
        qtbot.waitUntil(lambda: len(bench.reports) > before, timeout=LONG)
        return bench.reports[-1][0]

    return work


def trains(qtbot: QtBot, bench: Bench, at: int = 0) -> str:
    """Wait until the card at a place has trained a step; its run's folder."""
    qtbot.waitUntil(lambda: len(bench.desk.cards) > at and bool(bench.desk.cards[at].run), timeout=LONG)
    qtbot.waitUntil(lambda: bench.session.history.steps.count > 0, timeout=LONG)
    return bench.desk.cards[at].run


def test_cards_are_trained_one_after_the_other_as_they_were_when_they_were_added(
    bench: Bench, worked: Callable[[], Any]
) -> None:
    bench.store.edit("optimizer.lr", 0.02)
    bench.desk.add_spec(bench.store.spec)
    bench.store.edit("optimizer.lr", 0.03)
    bench.desk.add_spec(bench.store.spec)
    bench.store.edit("optimizer.lr", 0.5)
    assert bench.worker.is_on is False and bench.states == ["waiting"] * 2
    report = worked()
    assert bench.states == ["done", "done"] and not bench.worker.is_on
    records = [read_record(Path(card.run)) for card in bench.desk.cards]
    assert [record and record.setting("optimizer.lr") for record in records] == [0.02, 0.03]
    assert bench.store.spec.optimizer.lr == 0.5  # the form stayed as it was
    assert report.sentence == "2 cards: 2 finished." and "Highest validation accuracy" in report.about_highest
    text = Path(bench.reports[0][1]).read_text(encoding="utf-8")
    assert Path(bench.reports[0][1]).parent == bench.desk.path.parent / FOLDER
    assert report.sentence in text and bench.desk.cards[1].run in text


def test_an_edit_of_the_form_does_not_steer_the_run_of_a_card(qtbot: QtBot, bench: Bench) -> None:
    bench.add(ENDLESS)
    bench.worker.switch(True)
    run = trains(qtbot, bench)
    bench.store.edit("optimizer.lr", 0.5)
    assert not bench.store.waits_for_next_run("optimizer.lr")
    bench.store.edit_running("optimizer.lr", 0.007)  # Decay here does steer it, and leaves the form
    qtbot.waitUntil(lambda: bool(bench.session.history.edits), timeout=LONG)
    assert bench.store.spec.optimizer.lr == 0.5
    bench.worker.stop_now()
    qtbot.waitUntil(lambda: not bench.session.is_active, timeout=LONG)
    record = read_record(Path(run))
    assert record is not None and [change.new for change in record.changes] == [0.007]


def test_after_a_failure_the_next_card_follows_unless_it_is_switched_off(
    bench: Bench, worked: Callable[[], Any], tmp_path: Path
) -> None:
    wrong = failing(tmp_path)
    bench.add(wrong, QUICK)
    assert worked().sentence == "2 cards: 1 finished, 1 failed."
    assert bench.states == ["failed", "done"] and "nothing" in bench.desk.cards[0].words
    bench.desk.set_goes_on(False)
    bench.add(wrong, QUICK)
    report = worked()
    assert bench.states[2:] == ["failed", "waiting"] and report.why == "A card has failed."


def test_a_stop_of_the_run_switches_the_queue_off_and_is_no_failure(qtbot: QtBot, bench: Bench) -> None:
    bench.add(ENDLESS, QUICK)
    bench.worker.switch(True)
    trains(qtbot, bench)
    bench.session.stop()
    qtbot.waitUntil(lambda: bool(bench.reports), timeout=LONG)
    assert bench.states == ["stopped", "waiting"] and not bench.worker.is_on


def test_switched_off_it_lets_the_card_end_and_begins_no_other(qtbot: QtBot, bench: Bench) -> None:
    bench.add(small_spec(loop__epochs=30), QUICK)
    bench.worker.switch(True)
    trains(qtbot, bench)
    bench.worker.switch(False)
    assert bench.worker.words.startswith("Off when ")
    qtbot.waitUntil(lambda: bool(bench.reports), timeout=LONG)
    assert bench.states == ["done", "waiting"] and not bench.session.is_active


def test_at_its_time_the_run_is_kept_and_goes_on_the_next_time(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch, worked: Callable[[], Any]
) -> None:
    monkeypatch.setattr(queue_worker, "datetime", Clock)
    bench.worker._clock.setInterval(5)  # on a fast machine the run would end within the second
    bench.add(small_spec(loop__epochs=60), QUICK)
    bench.desk.set_stop_at((datetime.now() + timedelta(hours=2)).time())
    bench.worker.switch(True)
    run = trains(qtbot, bench)
    monkeypatch.setattr(Clock, "ahead", timedelta(hours=3))
    qtbot.waitUntil(lambda: bool(bench.reports), timeout=LONG)
    assert bench.states == ["waiting", "waiting"] and bench.reports[0][0].why.startswith("It was ")
    monkeypatch.setattr(Clock, "ahead", timedelta())
    worked()
    assert bench.states == ["done", "done"] and bench.desk.cards[0].run == run
    bench.desk.set_stop_at(None)
    assert bench.desk.stop_at is None


class Clock(datetime):
    """A clock that goes ahead."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + cls.ahead


def test_a_time_that_is_past_when_it_is_switched_on_is_that_of_the_next_day(qtbot: QtBot, bench: Bench) -> None:
    bench.add(ENDLESS)
    bench.desk.change(lambda queue: queue.stop_then(datetime.now() - timedelta(days=3)))
    bench.worker.switch(True)
    trains(qtbot, bench)
    assert bench.desk.stop_at is not None and timedelta() < bench.desk.stop_at - datetime.now() <= timedelta(days=1)


def test_a_direct_run_is_a_card_and_the_queue_waits_for_it(qtbot: QtBot, bench: Bench) -> None:
    bench.add(QUICK)
    bench.session.train()
    bench.worker.switch(True)
    qtbot.waitUntil(lambda: bool(bench.reports), timeout=LONG)
    assert bench.states == ["done", "done"]
    direct, card = bench.desk.cards
    assert direct.source == "direct" and sorted([direct.run, card.run]) == [direct.run, card.run]
    assert {path.name for path in runs_folder().iterdir()} == {Path(direct.run).name, Path(card.run).name}


def test_a_closing_program_leaves_the_card_waiting_with_its_run(qtbot: QtBot, bench: Bench) -> None:
    bench.add(ENDLESS)
    bench.worker.switch(True)
    run = trains(qtbot, bench)
    closed: list[bool] = []
    bench.worker.shutdown(lambda: closed.append(True))
    bench.session.stop()
    qtbot.waitUntil(lambda: bool(closed) and not bench.session.is_active, timeout=LONG)
    again = QueueDesk()
    assert [(card.state, card.run) for card in again.cards] == [("waiting", run)]


def test_a_card_that_was_lost_is_offered_and_goes_on_first(qtbot: QtBot, bench: Bench) -> None:
    folder = make_run(runs_folder(), spec=QUICK, events=[started(QUICK), *curve((0.5,))])
    bench.add(QUICK, QUICK)
    bench.desk.change(lambda queue: queue.started(2, folder))
    offered: list[Any] = []
    bench.worker.interrupted.connect(offered.append)
    bench.worker.start()
    assert [(each.card.number, each.goes_on) for each in offered[0]] == [(2, 0)]
    assert bench.worker.is_lost(bench.desk.cards[1])
    assert not bench.worker.is_on and bench.states == ["waiting", "running"]
    bench.desk.remove([2])
    assert bench.states == ["waiting"]
    bench.desk.undo()
    assert bench.desk.cards[1].run == str(folder)


def test_a_direct_run_that_was_lost_is_not_said_to_be_the_queues(bench: Bench) -> None:
    folder = make_run(runs_folder(), spec=QUICK, events=[started(QUICK), *curve((0.5,))])
    bench.add(QUICK)
    bench.desk.change(lambda queue: queue.started_directly(QUICK, folder))
    offered: list[Any] = []
    bench.worker.interrupted.connect(offered.append)
    bench.worker.start()
    assert not offered and bench.worker.is_lost(bench.desk.cards[0])  # it can go on in the queue too


def test_the_run_of_a_card_has_its_name(bench: Bench, worked: Callable[[], Any]) -> None:
    bench.desk.add_spec(QUICK)
    bench.desk.add_values(QUICK, "optimizer.lr", "0.02")
    worked()
    plain, named = (read_record(Path(card.run)) for card in bench.desk.cards)
    assert plain is not None and plain.about.name == ""
    assert named is not None and named.about.name == "Learning rate 0.02"


def test_no_run_is_begun_where_none_can_be_kept(qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_worker, "why_not_kept", lambda place: "The disk is full.")
    bench.add(QUICK)
    bench.worker.switch(True)
    qtbot.waitUntil(lambda: not bench.worker.is_on, timeout=LONG)
    assert bench.states == ["waiting"] and "The disk is full." in bench.told[0]


def rates_of(run: Path) -> list[float]:
    """The learning rates that the run has gone on with, after each step back."""
    return [event.new for _, event in read_lines(run) if isinstance(event, Edited) and event.path == "optimizer.lr"]


def test_a_card_that_diverges_goes_back_with_a_rate_that_trains(qtbot: QtBot, bench: Bench) -> None:
    bench.desk.add_cards([new_card(WILD.edited("optimizer.lr", 1e7), "Learning rate 1e7")])
    bench.worker.switch(True)
    qtbot.waitUntil(lambda: bool(bench.reports), timeout=LONG)
    (card,) = bench.desk.cards
    assert read_about(Path(card.run))[0].name == "Learning rate 1e7, then learning rate 0.1"
    assert card.state == "done" and rates_of(Path(card.run)) == [0.1]
    assert card.words.endswith("It had diverged and went back to step 0 with learning rate 0.1, the default.")


def test_a_card_that_diverges_goes_back_with_a_tenth_of_the_rate_by_itself(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most three times, as without a window; then it has failed and the next card follows. The form stays."""
    monkeypatch.setattr(recovery, "_default_rate", lambda spec: spec.optimizer.lr)  # none is small enough
    bench.add(WILD, WILD.edited("optimizer.lr", 1e7), QUICK)
    bench.worker.switch(True)
    qtbot.waitUntil(lambda: bool(bench.reports), timeout=LONG)
    assert bench.states == ["done", "failed", "done"]
    first, second, _ = (Path(card.run) for card in bench.desk.cards)
    assert rates_of(first) == [10.0] and rates_of(second) == [1e4]  # the log keeps the last way back
    assert sum("Back to step" in words for words in bench.told) == 2 + 3
    assert bench.store.spec == QUICK


def test_a_run_begun_while_a_way_back_is_looked_for_leaves_the_card_failed(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FindWayBack, "look", lambda self: None)  # it does not come to an end
    bench.add(WILD, QUICK)
    bench.worker.switch(True)
    qtbot.waitUntil(lambda: bench.worker._end_in_doubt is not None, timeout=LONG)
    assert bench.states == ["running", "waiting"]
    bench.session.train()
    qtbot.waitUntil(lambda: bool(bench.reports), timeout=LONG)
    assert sorted(bench.states) == ["done", "done", "failed"]
