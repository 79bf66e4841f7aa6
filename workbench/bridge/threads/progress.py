"""Adapters from long work of the engine to a task of a background thread (``Tasks.submit``)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeVar

from workbench.bridge.threads.background import Cancelled, Work
from workbench.engine.core.progress import IsCancelled, Job, Loading, Progress, Watch, finished
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import grouped, size_text

T = TypeVar("T")


def watched(progress: Progress, is_cancelled: IsCancelled, unit: str = "") -> Watch:
    """A Watch that reports to a task's ``progress`` and raises Cancelled once the task is cancelled.

    Counts are appended to the words, as sizes if ``unit`` is "bytes".
    """
    said = size_text if unit == "bytes" else grouped

    def watch(loading: Loading) -> None:
        if is_cancelled():
            raise Cancelled
        count = f": {said(loading.done)} of {said(loading.total)}" if loading.total else ""
        progress(loading.done / loading.total if loading.total else 0.0, f"{loading.words}{count}")

    return watch


def give_up(is_cancelled: IsCancelled, _progress: object) -> None:
    """A watch (with ``partial``) that shows nothing and raises Cancelled once the task is cancelled."""
    if is_cancelled():
        raise Cancelled


def as_task(job: Callable[[], Job[Any]], unit: str = "") -> Work:
    """A task that runs ``job()`` to its end, reports its progress and closes it when the task is cancelled."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> Any:
        return finished(job(), watched(progress, is_cancelled, unit))

    return work


def simply(compute: Callable[[], Any]) -> Work:
    """A task that calls ``compute``, which reports no progress and cannot be cancelled on the way."""

    def work(_progress: Progress, _is_cancelled: IsCancelled) -> Any:
        return compute()

    return work


def apart(compute: Callable[[Progress, IsCancelled], T], place: object) -> Work:
    """A task that calls ``compute`` in a daemon thread, so that a hanging ``place`` (drive) blocks no other task."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> T:
        waiting: Generator[Loading, None, T] = in_daemon_thread(partial(compute, progress, is_cancelled), place, "")
        return finished(waiting, partial(give_up, is_cancelled))

    return work
