"""QT05: however much is sent, at most one message is under way and nothing piles up."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import QThread

from tests.bridge.helpers import LONG
from workbench.bridge.threads.event_batcher import LONGEST_MS, EventBatcher


class Post:
    """A courier, what it delivered and how often it was woken."""

    def __init__(self, **named: Any) -> None:
        self.batcher = EventBatcher(**named)
        self.batches: list[list[Any]] = []
        self.wakes: list[None] = []
        self.threads: set[int] = set()
        self.batcher.delivered.connect(self.batches.append)
        self.batcher.delivered.connect(lambda _: self.threads.add(threading.get_ident()))
        self.batcher._woken.connect(lambda: self.wakes.append(None))

    @property
    def items(self) -> list[Any]:
        return [item for batch in self.batches for item in batch]

    @property
    def rests(self) -> bool:
        return not self.batcher._awake and not self.batcher._timer.isActive()


def in_thread(work: Any) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_blocked_window_gets_one_batch(qtbot):
    post = Post()
    in_thread(lambda: [post.batcher.put(number) for number in range(50_000)])
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert len(post.wakes) == 1
    assert post.batches == [list(range(50_000))]
    assert post.threads == {threading.get_ident()}


def test_worthless_items_take_no_room(qtbot):
    post = Post(replaces=lambda older, newer: older % 2 == 0 and newer % 2 == 0)
    in_thread(lambda: [post.batcher.put(number) for number in (2, 4, 6, 7, 8, 9, 11, 10, 12)])
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert post.items == [6, 7, 8, 9, 11, 12]


def test_of_a_kind_a_batch_has_only_the_newest(qtbot):
    post = Post(kind=lambda item: "even" if item % 2 == 0 else None)
    in_thread(lambda: [post.batcher.put(number) for number in (2, 1, 4, 4, 3, 6, 5)])
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert post.batches == [[1, 3, 6, 5]]
    in_thread(lambda: [post.batcher.put(number) for number in (8, 7)])
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert post.batches[1:] and [each for batch in post.batches[1:] for each in batch] == [8, 7]


def test_batches_come_more_slowly_where_they_cost_much(qtbot):
    post = Post()
    costs = [0]
    post.batcher.delivered.connect(lambda _: sum(range(costs[0])))
    post.batcher.put(1)
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert post.batcher._timer.interval() < LONGEST_MS
    costs[0] = 300_000  # milliseconds, of which each is more than its share of the longest pause
    post.batcher.put(2)
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert post.batcher._timer.interval() == LONGEST_MS


def test_nothing_is_left_lying_when_the_sender_falls_silent(qtbot):
    post = Post()
    for number in range(5):
        in_thread(lambda number=number: post.batcher.put(number))
        qtbot.waitUntil(lambda number=number: number in post.items, timeout=LONG)
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert post.items == list(range(5))


def test_a_touch_is_delivered_without_an_item(qtbot):
    post = Post()
    in_thread(post.batcher.touch)
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert post.batches == [[]]


def test_a_flush_delivers_at_once_and_leaves_the_courier_ready(qtbot):
    post = Post()
    post.batcher.put(1)
    post.batcher.flush()
    assert post.batches == [[1]]
    assert post.rests
    post.batcher.put(2)
    qtbot.waitUntil(lambda: post.items == [1, 2] and post.rests, timeout=LONG)


@pytest.mark.parametrize("count", [100_000, pytest.param(1_000_000, marks=pytest.mark.full)])
def test_a_flood_neither_piles_up_nor_loses_anything(qtbot, count):
    post = Post(replaces=lambda _older, _newer: True)
    largest: list[int] = []
    post.batcher.delivered.connect(lambda batch: largest.append(len(batch)))

    class Flood(QThread):
        def run(self) -> None:
            for number in range(count):
                post.batcher.put(number)

    flood = Flood()
    flood.start()
    qtbot.waitUntil(lambda: flood.isFinished() and post.rests, timeout=4 * LONG)
    flood.wait()
    assert max(largest) == 1
    assert len(post.wakes) <= len(post.batches)  # never a message that finds nothing
    assert post.items == sorted(post.items)
    assert post.items[-1] == count - 1


def test_attention_is_given_at_most_once_a_tick(qtbot):
    """A touch that comes while the courier rests from the last one waits for the tick, and wakes nobody."""
    post = Post()
    post.batcher.touch()
    qtbot.waitUntil(lambda: post.batches == [[]], timeout=LONG)
    for _ in range(5):
        post.batcher.touch()
    assert len(post.wakes) == 1
    qtbot.waitUntil(lambda: post.rests, timeout=LONG)
    assert post.batches == [[], []] and len(post.wakes) == 1
