"""Cards of the queue as they are trained: after errors, stops and kills, by the command, and as they are reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.engine.helpers import small_spec
from tests.engine.shelf.made_runs import SPEC, curve, ended, make_run, started
from tests.engine.shelf.queues import again, states
from workbench.engine.__main__ import main
from workbench.engine.core.drive import Commands
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import RunEnded, Stepped, Stop
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf.cards import Card, new_card
from workbench.engine.shelf.queue import Queue
from workbench.engine.shelf.work_through import MOST_ATTEMPTS, Halt, report, work_through
from workbench.engine.spec.toml import save

# --- what becomes of the cards -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([started(), *curve((0.5,)), ended()], "done"),
        ([started(), *curve((0.5,)), ended("stopped")], "stopped"),
        ([started(), *curve((0.5,)), ended("failed")], "failed"),
        ([started(), *curve((0.5,)), ended("failed", code="diverged")], "failed"),
    ],
)
def test_after_a_kill_the_evidence_decides(queue: Queue, events: list[Any], state: str) -> None:
    queue.started(1, make_run(queue.path.parent, events=events))
    found = again(queue)
    assert found.recover() == () and states(found)[0] == state and states(found)[1:] == ["waiting", "waiting"]


def test_a_lost_run_is_offered_and_one_that_still_trains_is_left(queue: Queue) -> None:
    folder = make_run(queue.path.parent, events=[started(), *curve((0.5,))])
    queue.started(1, folder)
    lock = RunLock.take(folder)
    found = again(queue)
    assert found.recover() == () and states(found)[0] == "running"
    lock.release()
    (lost,) = found.recover()
    assert lost.number == 1 and states(found)[0] == "running"
    found.again(1)
    assert found.next_card() == found.card(1) and found.card(1).run == str(folder)  # it goes on with its run
    found.anew(1)
    assert not found.card(1).has_begun


class Trainer:
    """Trains a card in no time: its title says how it ends."""

    def __init__(self, parent: Path) -> None:
        self.parent, self.trained = parent, ""

    def __call__(self, card: Card, started_in: Callable[[Path], None], commands: Commands) -> RunEnded:
        self.trained += card.title
        if card.title == "x":
            raise WorkbenchError("No such data.")
        folder = Path(card.run) if card.run else make_run(self.parent, f"run-{card.number}", events=[started()])
        started_in(folder)
        if isinstance(commands(Stepped(1)), Stop):
            return ended("stopped")
        return ended("failed", message="Diverged.") if card.title == "f" else ended()


def worked(queue: Queue, halt: Halt | None = None) -> str:
    trainer = Trainer(queue.path.parent)
    work_through(queue, trainer, halt or Halt(), lambda words: None)
    return trainer.trained


def test_the_queue_goes_on_after_an_error(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "queue.json")
    queue.add([new_card(SPEC, title) for title in "afxb"])
    assert worked(queue) == "afxb" and states(queue) == ["done", "failed", "failed", "done"]
    assert [card.words for card in queue.cards] == ["Finished.", "Diverged.", "No such data.", "Finished."]
    assert report(queue) == "4 cards: 2 done, 2 failed."


def test_at_its_time_the_run_is_kept_and_goes_on_later(queue: Queue) -> None:
    times = iter([0, 0, 1, 9, 9])
    begun = datetime(2026, 11, 1)
    halt = Halt(begun + timedelta(hours=8), now=lambda: begun + timedelta(hours=next(times, 9)))
    assert worked(queue, halt) == "ab" and states(queue) == ["done", "waiting", "waiting"]
    run = queue.cards[1].run
    later = again(queue)
    assert worked(later) == "bc" and later.cards[1].run == run and states(later) == ["done"] * 3


def test_a_stop_is_no_failure(queue: Queue) -> None:
    halt = Halt()
    halt.asked.ask()
    assert worked(queue, halt) == "" and states(queue) == ["waiting"] * 3


def test_a_lost_run_goes_on_by_itself_but_not_for_ever(queue: Queue) -> None:
    folder = make_run(queue.path.parent, events=[started(), *curve((0.5,))])
    queue.started(1, folder)
    queue.skip(2)
    queue.skip(3)
    assert worked(again(queue)) == "a"
    found = again(queue)
    for _ in range(3):
        found.started(1, folder)
    assert worked(again(found)) == "" and "5 times" in Queue(queue.path).cards[0].words


@pytest.mark.parametrize("attempts", [MOST_ATTEMPTS - 1, MOST_ATTEMPTS])
def test_how_often_a_lost_run_goes_on_by_itself(attempts: int, queue: Queue) -> None:
    folder = make_run(queue.path.parent, events=[started(), *curve((0.5,))])
    queue.remove([2, 3])
    for _ in range(attempts):
        queue.started(1, folder)
    assert worked(again(queue)) == ("a" if attempts < MOST_ATTEMPTS else "")


# --- headless ----------------------------------------------------------------------------------------------------


def test_a_folder_of_settings_files_is_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("workbench.engine.core.signals.stop_signals", lambda: ())
    files = tmp_path / "settings"
    files.mkdir()
    for name, rate in (("b", 0.01), ("a", 0.02)):
        save(small_spec(optimizer__lr=rate, loop__epochs=1), files / f"{name}.toml")
    (files / "wrong.toml").write_text("nothing = 1")
    arguments = ["queue", str(files), "--runs", str(tmp_path / "runs"), "--json"]
    assert main(arguments) == 1
    told = capsys.readouterr()
    cards = json.loads(told.out)
    assert [(card["file"], card["state"]) for card in cards] == [("a.toml", "done"), ("b.toml", "done")]
    assert [card["run"]["settings"]["optimizer"]["lr"] for card in cards] == [0.02, 0.01]
    assert "nothing: is not a known setting" in told.err and "epoch 1/1" in told.err
    (files / "wrong.toml").unlink()
    runs = sorted((tmp_path / "runs").iterdir())
    assert main(arguments) == 0 and sorted((tmp_path / "runs").iterdir()) == runs  # nothing is trained twice
    save(small_spec(optimizer__lr=0.5, loop__epochs=1), files / "a.toml")
    capsys.readouterr()
    assert main(arguments[:-1]) == 0 and "3 cards: 3 done." in capsys.readouterr().out
    assert main(["queue", str(tmp_path / "nothing")]) == 2
    assert main(["queue", str(files), "--stop-at", "soon"]) == 2 and "07:30" in capsys.readouterr().err


# --- what is worked through ---------------------------------------------------------------------------------------


def test_what_is_reported_survives_a_restart_and_ends_with_its_report(queue: Queue, tmp_path: Path) -> None:
    begun = datetime(2026, 11, 1, 12)
    queue.count_in(1)
    assert queue.under_way is None  # the queue was not switched on
    queue.begin_pass(begun)
    for number in (2, 1, 2):
        queue.count_in(number)
    found = again(queue)
    found.begin_pass(begun + timedelta(days=1))
    assert found.under_way is not None and (found.under_way.began, found.under_way.numbers) == (begun, (2, 1))
    found.remove((1, 2))
    found.begin_pass(begun + timedelta(days=2))  # nothing of it is left
    assert found.under_way is not None and (found.under_way.began.day, found.under_way.numbers) == (3, ())
    found.end_pass()
    assert again(found).under_way is None


def test_without_a_window_a_card_that_went_back_after_a_divergence_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    wild = small_spec(loop__epochs=1).edited("model", {"kind": "mlp", "hidden": [16], "batch_norm": "off"})
    save(wild.edited("optimizer", {"kind": "sgd", "lr": 1e7}), files / "wild.toml")
    assert main(["queue", str(files), "--runs", str(tmp_path / "runs"), "--json"]) == 0
    (card,) = json.loads(capsys.readouterr().out)
    assert card["state"] == "done" and card["run"]["changes"][-1]["new"] == 0.1
    assert card["words"].endswith("It had diverged and went back to step 0 with learning rate 0.1, the default.")
