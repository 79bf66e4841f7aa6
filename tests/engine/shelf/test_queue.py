"""The queue: frozen cards in an order, on the disk after every change; a kill at any moment loses none."""

from __future__ import annotations

import errno
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engine.failing_os import failing
from tests.engine.shelf.made_runs import SPEC, ended
from tests.engine.shelf.queues import again, states
from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.run_store.run_lock import FolderIsHeld
from workbench.engine.shelf import queue as queue_module
from workbench.engine.shelf.cards import cards_of_values, new_card, values_in
from workbench.engine.shelf.queue import MOST_DIRECT, Queue
from workbench.engine.spec.toml import dumps, save

ROOT = Path(__file__).parents[3]


def titles(queue: Queue) -> str:
    return "".join(card.title for card in queue.cards)


# --- cards -------------------------------------------------------------------------------------------------------


def test_settings_are_frozen_when_they_are_added(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    save(SPEC, file)
    queue = Queue(tmp_path / "queue.json")
    (card,) = queue.add([new_card(SPEC)])
    file.write_text("changed")
    assert card.spec == SPEC and again(queue).cards[0].spec == SPEC


def test_settings_that_cannot_be_trained_make_no_card() -> None:
    with pytest.raises(SpecError):
        new_card(SPEC.edited("data.source", {"kind": "folder"}))


def test_a_list_of_values_makes_a_card_each() -> None:
    cards = cards_of_values(SPEC, "optimizer.lr", "0.1, 0.03, 0.01, 0.1")
    assert [card.title for card in cards] == ["Learning rate 0.1", "Learning rate 0.03", "Learning rate 0.01"]
    assert [card.settings for card in cards] == [dumps(SPEC.edited("optimizer.lr", lr)) for lr in (0.1, 0.03, 0.01)]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("1e-3,1", (1e-3, 1)),
        ("[1, 2]", (1, 2)),
        ("[8], [8, 4]", ([8], [8, 4])),
        ("cpu, auto", ("cpu", "auto")),
        ('"a, b", "c"', ("a, b", "c")),
        ("0.1, auto", (0.1, "auto")),
        ("true", (True,)),
        ("0.1,", (0.1,)),
        ("0.1 # 0.2", (0.1,)),
    ],
)
def test_values_are_read_as_they_are_typed(text: str, want: tuple[Any, ...]) -> None:
    assert values_in("x", text) == want


def test_every_value_that_is_wrong_is_named() -> None:
    with pytest.raises(SpecError) as refused:
        cards_of_values(SPEC, "optimizer.lr", "0.1, -1, fast")
    assert len(refused.value.problems) == 2
    for text in ("", " , ", ", ".join(map(str, range(1000)))):
        with pytest.raises(SpecError):
            cards_of_values(SPEC, "optimizer.lr", text)


# --- order and undo ----------------------------------------------------------------------------------------------


def test_cards_are_moved_duplicated_edited_and_skipped(queue: Queue) -> None:
    a, b, c = queue.cards
    queue.move(c.number, 0)
    assert titles(queue) == "cab"
    queue.move(c.number, 99)
    assert titles(queue) == "abc"
    copy = queue.duplicate(a.number)
    assert titles(queue) == "aabc" and copy.number == 4 and not copy.has_begun
    queue.edit(b.number, SPEC.edited("optimizer.lr", 0.5), "b2")
    assert queue.card(b.number).spec.optimizer.lr == 0.5 and queue.card(b.number).title == "b2"
    queue.skip(a.number)
    assert queue.next_card() == copy
    assert again(queue).cards == queue.cards


def test_clearing_can_be_undone_even_after_a_restart(queue: Queue) -> None:
    queue.started(1, queue.path.parent / "run")
    queue.clear()
    assert titles(queue) == "a" and queue.can_undo  # what is being trained stays
    later = again(queue)
    later.ended(1, ended())
    later.undo()
    assert titles(later) == "abc" and states(later) == ["done", "waiting", "waiting"] and not later.can_undo


def test_what_was_added_after_clearing_stays_when_it_is_undone(queue: Queue) -> None:
    queue.remove([2])
    queue.add([new_card(SPEC, "d")])
    queue.undo()
    assert titles(queue) == "abcd" and len({card.number for card in queue.cards}) == 4


def test_a_card_that_has_begun_is_not_edited(queue: Queue) -> None:
    queue.started(1, queue.path.parent / "run")
    with pytest.raises(WorkbenchError, match="duplicate"):
        queue.edit(1, SPEC)
    with pytest.raises(WorkbenchError, match="no longer"):
        queue.move(99, 0)


def test_a_direct_start_is_a_card_before_those_that_wait(queue: Queue) -> None:
    queue.skip(1)
    card = queue.started_directly(SPEC.edited("title", "direct"), queue.path.parent / "run")
    assert [each.title for each in queue.cards] == ["a", "direct", "b", "c"] and card.state == "running"


def test_of_direct_starts_the_last_are_kept(queue: Queue) -> None:
    numbers = []
    for at in range(MOST_DIRECT + 3):
        card = queue.started_directly(SPEC, queue.path.parent / f"run-{at}")
        queue.ended(card.number, ended())
        numbers.append(card.number)
    assert [card.number for card in queue.cards] == [*numbers[-MOST_DIRECT:], 1, 2, 3]


def test_a_card_that_was_added_and_has_begun_since_stays_when_the_order_is_restored(queue: Queue) -> None:
    """Whether its run still trains, or has ended."""
    before = queue.cards
    added = queue.add([new_card(SPEC, title) for title in "def"])
    queue.move(3, 0)
    for card in added[:2]:
        queue.started(card.number, queue.path.parent / card.title)
    queue.ended(added[0].number, ended())
    queue.restore(before)
    assert titles(queue) == "abcde" and states(queue)[3:] == ["done", "running"]


# --- the file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda queue: queue.add([new_card(SPEC, "d")]),
        lambda queue: queue.move(3, 0),
        lambda queue: queue.clear(),
        lambda queue: queue.started(1, Path("run")),
        lambda queue: queue.stop_then(datetime(2030, 1, 1)),
    ],
)
def test_where_any_call_of_the_disk_fails_nothing_has_changed(queue: Queue, change: Callable[[Queue], object]) -> None:
    for nth in itertools.count(1):
        before = queue.cards
        with failing(nth, errno.ENOSPC) as made:
            try:
                change(queue)
            except CannotWrite:
                assert queue.cards in (before, Queue(queue.path).cards)
        on_disk = Queue(queue.path)
        assert not on_disk.problem and (queue.cards == before or queue.cards == on_disk.cards)
        if len(made) < nth:
            return


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "queue.json"
    for text in ("{", "[]", '{"version": 99}', '{"version": 1, "next": 1, "stop_at": 5, "cards": 3, "before": []}'):
        path.write_text(text)
        found = Queue(path)
        assert found.cards == () and "put aside" in found.problem and not path.exists()
    assert len(list(tmp_path.glob("queue.*.json"))) >= 1
    assert not Queue(path).problem


def test_two_programs_do_not_change_one_queue(queue: Queue) -> None:
    other = Queue(queue.path)
    with pytest.raises(FolderIsHeld):
        other.clear()
    queue.remove([1])
    queue.release()
    other.move(3, 0)
    assert titles(other) == "cb"  # what the first one did meanwhile is not lost


KILLED = """
import sys
from pathlib import Path
from workbench.engine.shelf.queue import Queue
from workbench.engine.shelf.cards import new_card
from workbench.engine.spec.experiment import ExperimentSpec
queue = Queue(Path(sys.argv[1]))
print("begun", flush=True)
while True:
    (card,) = queue.add([new_card(ExperimentSpec(), "more")])
    queue.started(card.number, Path("nowhere"))
    print(card.number, flush=True)
    if len(queue.cards) > 20:
        queue.clear()
        queue.undo()
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL, which this test sends")
@pytest.mark.parametrize("trials", [5, pytest.param(100, marks=pytest.mark.full)])
def test_a_kill_at_any_moment_loses_no_card(tmp_path: Path, trials: int) -> None:
    path = tmp_path / "queue.json"
    dice = random.Random(0)
    for _ in range(trials):
        process = subprocess.Popen([sys.executable, "-c", KILLED, path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        time.sleep(dice.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        told = [int(line) for line in process.communicate()[0].splitlines()]
        found = Queue(path)
        assert not found.problem
        assert {card.number for card in found.cards} >= set(told)
        assert all(found.card(number).state == "running" for number in told)
        assert found.recover() == () and {card.state for card in found.cards} == {"waiting"}
        found.release()


def change_at_once(queue: Queue, change: Callable[[Queue, int], None], *numbers: int) -> None:
    with queue.at_once():
        for number in numbers:
            change(queue, number)


def test_changes_at_once_are_one_writing_and_all_or_none(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    whole = queue_module.write_whole
    monkeypatch.setattr(queue_module, "write_whole", lambda path, *data: (written.append(path), whole(path, *data)))
    change_at_once(queue, Queue.skip, 1, 2, 3)
    assert len(written) == 1 and states(queue) == states(again(queue)) == ["skipped"] * 3
    with pytest.raises(WorkbenchError, match="no longer in the queue"):
        change_at_once(queue, Queue.again, 1, 9)
    assert len(written) == 1 and states(queue) == states(again(queue)) == ["skipped"] * 3


def test_changes_at_once_that_cannot_be_kept_are_not_made(queue: Queue) -> None:
    with failing(1, errno.ENOSPC), pytest.raises(CannotWrite):
        change_at_once(queue, Queue.skip, 1, 2)
    assert states(queue) == states(again(queue)) == ["waiting"] * 3
