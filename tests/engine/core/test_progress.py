"""The protocol of long work: a generator of progress with a result, which can be watched, translated and closed."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from workbench.engine.core.progress import Job, Loading, Returned, finished, translated


def counting(closed: list[bool], to: int = 3) -> Job[str]:
    try:
        for done in range(to):
            yield Loading(done, to, "Counting")
    finally:
        closed.append(True)
    return "all"


def test_the_result_and_every_progress_arrive() -> None:
    closed: list[bool] = []
    seen: list[int] = []
    assert finished(counting(closed), lambda loading: seen.append(loading.done)) == "all"
    assert seen == [0, 1, 2] and closed == [True]
    assert finished(counting([])) == "all"


def test_a_watch_that_raises_closes_the_work_at_once() -> None:
    closed: list[bool] = []

    def watch(loading: Loading) -> None:
        if loading.done == 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        finished(counting(closed), watch)
    assert closed == [True]


def test_an_error_of_the_work_is_raised() -> None:
    def broken() -> Job[None]:
        yield Loading(0, 0, "Trying")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        finished(broken())


def test_work_is_translated_for_a_generator_around_it() -> None:
    closed: list[bool] = []

    def outer() -> Generator[int, None, str]:
        result = yield from translated(counting(closed), lambda loading: 10 * loading.done)
        return f"{result} of it"

    work = Returned(outer())
    assert list(work) == [0, 10, 20] and work.result == "all of it"


def test_closing_the_outer_generator_closes_the_translated_work() -> None:
    closed: list[bool] = []
    outer = translated(counting(closed), lambda loading: loading.words)
    assert next(outer) == "Counting"
    outer.close()
    assert closed == [True]


def test_there_is_no_result_before_the_end() -> None:
    work = Returned(counting([]))
    for _ in work:
        break
    with pytest.raises(AttributeError):
        _ = work.result
