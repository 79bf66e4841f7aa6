"""The sanity checks of the form's settings in the background: results as they come."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import give_up, watched
from workbench.engine.core.progress import IsCancelled, Loading, Progress, finished
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.sanity.result import Result, tally
from workbench.engine.spec.experiment import ExperimentSpec


class SanityChecks(QObject):
    """Runs the checks once at a time. Lives in the GUI thread; throw-away networks train in the background thread.

    ``results`` grows during the checks. ``spec`` are the settings that they are about, None before the first start.
    """

    changed = Signal()  #: results, words or ``why_not``

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._work = LatestRequest(tasks, "Sanity checks", self)
        self._work.changed.connect(self.changed)
        self.spec: ExperimentSpec | None = None
        self.results: list[Result] = []
        session.runner.state_changed.connect(self._on_state)

    @property
    def why_not(self) -> str:
        """Why no check can start now; empty if one can."""
        if self._session.is_active:
            return "A run is under way. The checks are made before a run; stop it first."
        return self._session.store.reason()

    @property
    def is_running(self) -> bool:
        """Whether checks are being made."""
        return self._work.is_pending

    @property
    def progress(self) -> tuple[float, str]:
        """How far the check under way is (0 to 1, 0 if unknown), and what it does."""
        return self._work.fraction, self._work.words

    @property
    def trouble(self) -> str:
        """Why the checks could not be made, as a sentence; empty otherwise."""
        return self._work.trouble

    @property
    def verdict(self) -> str:
        """All results in one sentence, empty before all are there."""
        return tally(self._work.value) if self._work.value is not None else ""

    def start(self) -> None:
        """Check the settings of the form. Does nothing while checks are made or ``why_not`` has a reason."""
        self._session.store.settle()
        if self.is_running or self.why_not:
            return
        self.spec, self.results = self._session.store.spec, []
        self._work.forget()
        self._work.ask(object(), _work(self.spec, self._session.loaded, self.results))

    @Slot()
    def cancel(self) -> None:
        """Stop; the results so far stay."""
        self._work.cancel()

    @Slot(object)
    def _on_state(self, state: State) -> None:
        """A run that starts needs the cores, and sets torch's number of threads as the checks do."""
        if state is State.STARTING:
            self.cancel()
        self.changed.emit()


def _work(spec: ExperimentSpec, data: DataStore, results: list[Result]) -> Work:
    """The checks as a task. It appends to ``results``, which the window reads at the same time."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> tuple[Result, ...]:
        from workbench.engine.experiments.sanity.checks import sanity  # loads torch

        say = watched(progress, is_cancelled)

        def watch(news: Loading | Result) -> None:
            if isinstance(news, Loading):
                say(news)
                return
            give_up(is_cancelled, news)
            results.append(news)
            progress(0.0, "")

        return finished(sanity(spec, data), watch)

    return work
