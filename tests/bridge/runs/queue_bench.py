"""The desk of the queue with its session and its worker."""

from __future__ import annotations

from typing import Any

from tests.engine.helpers import small_spec
from workbench.bridge.runner import Runner
from workbench.bridge.runs.queue_desk import QueueDesk
from workbench.bridge.runs.queue_worker import QueueWorker
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.spec.experiment import ExperimentSpec

LONG = 60_000
QUICK = small_spec(loop__epochs=1)
#: It ends when it is stopped.
ENDLESS = small_spec(loop__epochs=10_000)


class Bench:
    """The queue with its session, as the window has them, and what they have told."""

    def __init__(self, runner: Runner, tasks: Tasks) -> None:
        self.store = SpecStore(QUICK)
        self.session = Session(self.store, runner)
        self.desk = QueueDesk()
        self.worker = QueueWorker(self.session, self.desk, tasks)
        self.told: list[str] = []
        self.reports: list[Any] = []
        self.desk.told.connect(lambda words, kind: self.told.append(words))
        self.worker.reported.connect(lambda report, path: self.reports.append((report, path)))

    @property
    def states(self) -> list[str]:
        return [card.state for card in self.desk.cards]

    def add(self, *specs: ExperimentSpec) -> list[int]:
        for spec in specs:
            self.desk.add_spec(spec)
        return [card.number for card in self.desk.cards]
