"""A program with a queue and no window, to be killed: ``python -m tests.bridge.runs.queue_child [SPEC …]``.

It adds a card for each settings file, offers what was lost, switches the queue on, says what becomes of it, and ends
with the report. With settings files it is slow, so that there is time to kill it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Slot

from workbench.bridge import runner
from workbench.bridge.runner import Runner
from workbench.bridge.runs.queue_desk import QueueDesk
from workbench.bridge.runs.queue_worker import QueueWorker
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.drive import Commands, Run, drive
from workbench.engine.core.events import Event, Resumed, RunEnded
from workbench.engine.shelf.queue_report import QueueReport
from workbench.engine.training import checkpointer


class Program(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.runner, self.tasks = Runner(), Tasks()
        self.desk = QueueDesk()
        self.session = Session(SpecStore(), self.runner)
        self.worker = QueueWorker(self.session, self.desk, self.tasks)
        self.worker.interrupted.connect(self.say_lost)
        self.worker.reported.connect(self.end)
        self.session.updated.connect(self.say_resumed)
        self.left = 2

    @Slot(object)
    def say_lost(self, cards: tuple[object, ...]) -> None:
        print("lost", len(cards), "on" if self.worker.is_on else "off", flush=True)

    @Slot(object)
    def say_resumed(self, events: list[object]) -> None:
        for event in events:
            if isinstance(event, Resumed):
                print("resumed", event.proof, flush=True)

    @Slot(object, str)
    def end(self, report: QueueReport, _path: str) -> None:
        print(report.sentence, flush=True)
        for shutdown in (self.worker.shutdown, self.runner.shutdown, self.tasks.shutdown):
            shutdown(self.on_ended)

    def on_ended(self) -> None:
        self.left -= 1
        if self.left < 0:
            QCoreApplication.quit()


def slow_drive(run: Run, commands: Commands, sink: Callable[[Event], None]) -> RunEnded:
    def slowly(event: Event) -> None:
        time.sleep(0.02)
        sink(event)

    return drive(run, commands, slowly)


def save_often(change: Callable[[object, str, float], None]) -> None:
    """States are kept every 0.02 s; ``change`` sets an attribute."""
    for name in ("SAVE_EVERY", "SAVE_WITHIN"):
        change(checkpointer, name, 0.02)


def ended(files: list[Path]) -> int:
    """The exit code of the program, once it has ended."""
    program = Program()
    program.worker.start()
    if files:
        runner.drive = slow_drive  # type: ignore[attr-defined]
        program.desk.add_files(files)
    program.worker.switch(True)
    return QCoreApplication.exec()


def main() -> int:
    app = QCoreApplication(sys.argv)
    save_often(setattr)
    code = ended([Path(each) for each in sys.argv[1:]])
    del app
    return code


if __name__ == "__main__":
    sys.exit(main())
