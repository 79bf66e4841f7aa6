"""Background work: in order, with progress, cancelled and replaced, and no thread or reference left."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import Any

import pytest

from tests.bridge.helpers import LONG, thread_numbers
from workbench.bridge.threads.background import Cancelled, Task, TaskFailure, Tasks, TaskState
from workbench.engine.core.errors import WorkbenchError


class Gate:
    """Work that waits until it is let through."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.entered = threading.Event()

    def work(self, _progress: Any, _cancelled: Any) -> str:
        self.entered.set()
        assert self.open.wait(30)
        return "through"


class Said:
    """What a task said, in order."""

    def __init__(self, task: Task) -> None:
        self.words: list[Any] = []
        self.threads: set[int] = set()
        task.progressed.connect(lambda fraction, text: self._note((fraction, text)))
        task.done.connect(lambda result: self._note(("done", result)))
        task.failed.connect(lambda failure: self._note(("failed", failure)))
        task.cancelled.connect(lambda: self._note("cancelled"))

    def _note(self, word: Any) -> None:
        self.words.append(word)
        self.threads.add(threading.get_ident())


def wait_all(qtbot: Any, tasks: Tasks) -> None:
    qtbot.waitUntil(lambda: tasks.current is None, timeout=LONG)


def test_results_come_in_order_in_the_thread_of_the_window(qtbot, tasks):
    order: list[int] = []
    ran: set[int] = set()

    def work(number: int) -> int:
        ran.add(threading.get_ident())
        return number

    for number in range(20):
        task = tasks.submit("count", lambda _progress, _cancelled, number=number: work(number))
        task.done.connect(order.append)
        said = Said(task)
    wait_all(qtbot, tasks)
    assert order == list(range(20))
    assert task.state is TaskState.DONE
    assert said.words == [("done", 19)]
    assert said.threads == {threading.get_ident()}
    assert len(ran) == 1
    assert ran != said.threads


def test_progress_is_the_latest_and_does_not_flood(qtbot, tasks):
    def work(progress: Any, _cancelled: Any) -> None:
        for number in range(20_000):
            progress(number / 20_000, "reading")

    began = time.perf_counter()
    said = Said(tasks.submit("read", work))
    wait_all(qtbot, tasks)
    seconds = time.perf_counter() - began
    assert said.words[-1] == ("done", None)
    assert said.words[-2] == (19_999 / 20_000, "reading")
    assert 2 <= len(said.words) <= seconds / 0.03 + 3


@pytest.mark.parametrize(
    ("error", "message", "path"),
    [
        (WorkbenchError("The folder is empty.", "data.source.folder"), "The folder is empty.", "data.source.folder"),
        (ZeroDivisionError("by zero"), "Unexpected error: by zero", ""),
        (SystemExit(), "Unexpected error: SystemExit", ""),
    ],
)
def test_an_error_is_a_sentence_and_the_next_task_runs(qtbot, tasks, error, message, path):
    def work(_progress: Any, _cancelled: Any) -> None:
        raise error

    task = tasks.submit("fail", work)
    said = Said(task)
    after = Said(tasks.submit("go on", lambda _progress, _cancelled: "fine"))
    wait_all(qtbot, tasks)
    (word, failure), *rest = said.words
    assert (word, rest) == ("failed", [])
    assert isinstance(failure, TaskFailure)
    assert (failure.message, failure.path) == (message, path)
    assert "Traceback" in failure.details
    assert task.state is TaskState.FAILED
    assert after.words == [("done", "fine")]


def test_a_newer_task_replaces_the_waiting_one_with_its_key(qtbot, tasks):
    gate = Gate()
    ran: list[Any] = []
    first = tasks.submit("preview", gate.work, key="preview")
    assert gate.entered.wait(30)
    submitted = [
        (key, tasks.submit(str(key), lambda _progress, _cancelled, number=number: ran.append(number), key=key))
        for number, key in enumerate(["preview", None, "preview", "sheet", None, "preview"])
    ]
    assert [task.state for _, task in submitted] == [
        TaskState.CANCELLED,
        TaskState.QUEUED,
        TaskState.CANCELLED,
        TaskState.QUEUED,
        TaskState.QUEUED,
        TaskState.QUEUED,
    ]
    assert first.state is TaskState.RUNNING
    said = Said(first)
    gate.open.set()
    wait_all(qtbot, tasks)
    assert ran == [1, 3, 4, 5]
    assert said.words == [("done", "through")]


def test_cancel_before_during_and_after(qtbot, tasks):
    gate = Gate()
    ran: list[int] = []
    running = tasks.submit("running", gate.work)
    waiting = tasks.submit("waiting", lambda _progress, _cancelled: ran.append(1))
    said, said_waiting = Said(running), Said(waiting)
    assert gate.entered.wait(30)
    waiting.cancel()
    running.cancel()
    running.cancel()
    assert said.words == said_waiting.words == ["cancelled"]
    gate.open.set()
    last = tasks.submit("last", lambda _progress, _cancelled: "fine")
    said_last = Said(last)
    wait_all(qtbot, tasks)
    last.cancel()
    assert (ran, last.state) == ([], TaskState.DONE)
    assert said.words == ["cancelled"]
    assert said_last.words == [("done", "fine")]


def test_work_may_end_itself_when_cancelled(qtbot, tasks):
    entered = threading.Event()
    left = threading.Event()

    def work(_progress: Any, cancelled: Any) -> None:
        entered.set()
        while not cancelled():
            time.sleep(0.001)
        left.set()
        raise Cancelled

    task = tasks.submit("read", work)
    assert entered.wait(30)
    task.cancel()
    assert left.wait(30)

    def give_up(_progress: Any, _cancelled: Any) -> None:
        raise Cancelled

    said = Said(tasks.submit("give up by itself", give_up))
    wait_all(qtbot, tasks)
    assert said.words == ["cancelled"]


def test_a_slot_that_raises_takes_no_result_from_others(qtbot, tasks):
    said: list[Any] = []

    def bad_view(_result: Any) -> None:
        raise RuntimeError("a bad view")

    with qtbot.captureExceptions() as caught:
        for number in range(3):
            task = tasks.submit("count", lambda _progress, _cancelled, number=number: number)
            task.done.connect(bad_view)
            task.done.connect(said.append)
        wait_all(qtbot, tasks)
    assert said == [0, 1, 2]
    assert len(caught) == 3


class Result:
    """Something large."""


def test_nothing_of_a_task_lives_when_it_has_ended(qtbot, tasks):
    watched: list[Any] = []

    class Work:
        def __call__(self, _progress: Any, _cancelled: Any) -> Result:
            result = Result()
            watched.append(weakref.ref(result))
            return result

    def submit() -> None:
        work = Work()
        task = tasks.submit("make", work)
        watched.extend([weakref.ref(work), weakref.ref(task)])

    for _ in range(3):
        submit()
        wait_all(qtbot, tasks)
    assert [each() for each in watched] == [None] * 9


def test_shutdown_cancels_ends_the_thread_and_is_final(qtbot):
    before = thread_numbers()
    tasks = Tasks()
    entered = threading.Event()

    def work(_progress: Any, cancelled: Any) -> None:
        entered.set()
        while not cancelled():
            time.sleep(0.001)

    said = [Said(tasks.submit("wait", work)) for _ in range(3)]
    assert entered.wait(30)
    assert len(thread_numbers() - before) == 1
    ended: list[bool] = []
    tasks.shutdown(lambda: ended.append(True))
    assert ended == []
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)
    assert not thread_numbers() - before
    assert [each.words for each in said] == [["cancelled"]] * 3
    assert tasks.submit("late", work).state is TaskState.CANCELLED
    assert tasks.current is None


def test_dropped_tasks_end_their_thread(qtbot):
    before = thread_numbers()
    tasks = Tasks()
    entered = threading.Event()

    def work(_progress: Any, cancelled: Any) -> None:
        entered.set()
        while not cancelled():
            time.sleep(0.001)

    task = tasks.submit("wait", work)
    assert entered.wait(30)
    del tasks, task
    gc.collect()
    assert not thread_numbers() - before


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.full)])
def test_a_stream_of_requests_shows_the_last_one_and_leaves_nothing(qtbot, tasks, count):
    seen: list[int] = []
    for number in range(count):
        task = tasks.submit("preview", lambda _progress, _cancelled, number=number: number, key="preview")
        task.done.connect(seen.append)
        if number % 10 == 0:
            qtbot.wait(0)
    wait_all(qtbot, tasks)
    assert seen == sorted(seen)
    assert seen[-1] == count - 1
    assert tasks._worker._waiting == tasks._worker._waiting.__class__()
