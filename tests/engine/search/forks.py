"""Worker processes of tests: everything is imported once, then each worker is a fork.

    python -m tests.engine.search.forks URL STUDY FOLDER GRACE DOING…

With more than two workers they train the repeats too. DOING is ``work``, ``work:SECONDS`` (longer trials), ``kill:N``
or ``stop:N``, a signal to itself in its Nth trial. The first line of output has the processes, the second their codes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.engine.search.studies import DATA
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


def main(arguments: Sequence[str]) -> None:
    import optuna.storages  # noqa: F401
    import psycopg  # noqa: F401

    import workbench.engine.train  # noqa: F401

    url, name, folder, grace, *doings = arguments
    DATA.loaded(Study.open(name, url).plan.base.data.source)
    children = []
    for doing in doings:
        child = os.fork()
        if not child:
            os._exit(work(url, name, Path(folder), float(grace), doing, len(doings) > 2))
        children.append(child)
    print(json.dumps(children), flush=True)
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
