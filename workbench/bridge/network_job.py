"""Work on a copy of the network in the background: of the run under way, or of the form's network at its start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.engine.spec.experiment import ExperimentSpec

#: Makes the work from the settings and the copied state of a run; the state is None for the start of the settings.
MakeWork = Callable[[ExperimentSpec, "dict[str, Any] | None"], Work]


class NetworkJob(QObject):
    """One job at a time. Lives in the GUI thread. A run, paused or not, gives a copy between two steps and goes on.

    ``value`` is the last result, None before the first and after a failure, for which ``trouble`` has a sentence.
    """

    changed = Signal()  #: value, trouble, progress or ``why_not``
    _copied = Signal(object)

    def __init__(self, session: Session, tasks: Tasks, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._work = LatestRequest(tasks, name, self)
        self._work.changed.connect(self.changed)
        self._waiting: tuple[ExperimentSpec, MakeWork] | None = None
        self._copied.connect(self._on_copied)
        session.runner.state_changed.connect(self._on_state)

    @property
    def why_not(self) -> str:
        """Why no job can start now; empty if one can."""
        if not self._session.is_active:
            return self._session.store.reason()
        if self._session.store.running_spec is None:
            return "Another computation is under way. It must end first."
        if self._session.runner.state in (State.STARTING, State.STOPPING):
            return "The run begins or ends at this moment."
        return ""

    @property
    def is_running(self) -> bool:
        """Whether a result is pending."""
        return self._waiting is not None or self._work.is_pending

    @property
    def value(self) -> Any:
        return self._work.value

    @property
    def trouble(self) -> str:
        return self._work.trouble

    @property
    def progress(self) -> tuple[float, str]:
        """How far it is (0 to 1, 0 if unknown), and what it does."""
        if self._waiting is not None:
            return 0.0, "Copying the network at the end of the step"
        return self._work.fraction, self._work.words

    def start(self, make: MakeWork) -> bool:
        """Start the work that ``make`` gives. False, and nothing is done, if one runs or ``why_not`` has a reason."""
        session = self._session
        session.store.settle()
        if self.is_running or self.why_not:
            return False
        running = session.store.running_spec
        self._work.forget()
        if running is None:
            self._work.ask(object(), make(session.store.spec, None))
        else:
            self._waiting = running, make
            if not session.runner.copy_state(self._copied.emit):
                self._fail()
        self.changed.emit()
        return True

    @Slot()
    def cancel(self) -> None:
        """Cancel the pending work."""
        self._waiting = None
        self._work.cancel()
        self.changed.emit()

    def forget(self) -> None:
        """Drop the result and the pending work."""
        self._waiting = None
        self._work.forget()
        self.changed.emit()

    @Slot(object)
    def _on_copied(self, saved: dict[str, Any]) -> None:
        if self._waiting is not None:
            (spec, make), self._waiting = self._waiting, None
            self._work.ask(object(), make(spec, saved))

    def _fail(self) -> None:
        self._waiting = None
        self._work.fail("The run ended before its network could be copied.")

    @Slot(object)
    def _on_state(self, state: State) -> None:
        """A run that starts sets torch's number of threads, as the job does."""
        if state is State.STARTING:
            self.cancel()
        elif state in (State.IDLE, State.FAILED) and self._waiting is not None:
            self._fail()
        self.changed.emit()
