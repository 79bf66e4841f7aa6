"""Worker processes of tests: ``Forks`` imports everything once, in a process of its own; each worker is a fork of it.

That process reads a line for each group of workers and writes two: their numbers, and their exit codes at the end.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.engine.search.studies import DATA, small_plan
from workbench.engine.core.events import EpochEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.search.study import Study
from workbench.engine.search.worker import Worker


def sink_of(doing: str) -> Callable[[StepStore], Any]:
    what, _, value = doing.partition(":")
    begun = 0

    def of_trial(steps: StepStore) -> Callable[[Any], None]:
        nonlocal begun
        begun += 1
        number = begun

        def sink(event: Any) -> None:
            if not isinstance(event, EpochEnded) or event.epochs_done != 1:
                return
            if what == "work":
                time.sleep(float(value or 0))
            elif number == int(value):
                os.kill(os.getpid(), signal.SIGKILL if what == "kill" else signal.SIGSTOP)

        return sink

    return of_trial


def work(url: str, name: str, folder: Path, grace: float, doing: str, repeats: bool) -> int:
    """In the child; the exit code."""
    try:
        study = Study.open(name, url)
        study.storage.grace = grace
        worker = Worker(study, folder, DATA, sink_of=sink_of(doing))
        worker.work()
        if repeats:
            worker.repeat()
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    import optuna.storages  # noqa: F401
    import psycopg  # noqa: F401

    import workbench.engine.train  # noqa: F401

    DATA.loaded(small_plan().base.data.source)
    for line in sys.stdin:
        url, name, folder, grace, doings = json.loads(line)
        children = []
        for doing in doings:
            child = os.fork()
            if not child:
                os._exit(work(url, name, Path(folder), grace, doing, len(doings) > 2))
            children.append(child)
        print(json.dumps(children), flush=True)
        print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]), flush=True)


class Forks:
    """The process, with ``variables`` in its environment; it works on one study at a time."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  (open as long as the process)
        command = [sys.executable, "-m", "tests.engine.search.forks"]
        self._process = subprocess.Popen(
            command,
            env=os.environ | dict(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._working: list[int] = []

    def work(self, study: Study, folder: Path, grace: float, *doings: str) -> list[int]:
        """Begin; the processes. With more than two workers they train the repeats too. A doing is ``work``,
        ``work:SECONDS`` (longer trials), ``kill:N`` or ``stop:N``, a signal to itself in its Nth trial."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps([study.url, study.name, str(folder), grace, doings])}\n")
        self._process.stdin.flush()
        self._working = self._line()
        return self._working

    def codes(self) -> list[int]:
        """The exit codes, when all have ended."""
        found, self._working = self._line(), []
        assert not self._said(), self._said()
        return found

    def end_workers(self) -> None:
        """End those that a failed test has left."""
        if self._working:
            for worker in self._working:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            self._line()
            self._working = []

    def end(self) -> None:
        self._process.communicate(timeout=30)
        self._errors.close()

    def _line(self) -> list[int]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._said()
        return [*json.loads(line)]

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()


if __name__ == "__main__":
    main()
