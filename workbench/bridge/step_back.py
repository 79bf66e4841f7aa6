"""Steps back within a run: how many, whether it can, and what the form shows afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.events import Edited, Event, Resumed, RunStarted, SteppedBack
from workbench.engine.training.can_step_back import why_no_step_back

STEPS: Final = Knob(
    "Steps back",
    "“Back” goes back by this number of steps, at most to the oldest state in memory.",
    low=1,
    high=100_000,
    scale="log",
)
_TAKES_IT: Final = (State.RUNNING, State.PAUSED, State.PAUSING)
#: While a run cannot go back yet, it is asked this often whether it can (milliseconds): steps send no event.
_ASK_AGAIN_MS: Final = 250


class StepsBack(QObject):
    """Lets the run of ``session`` go back. Lives in the GUI thread."""

    changed = Signal()  #: ``why_not`` or ``steps``
    went_back = Signal(int, bool)  #: the step at which the run is, and whether no older one is kept

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._steps = 1
        self._wanted: int | None = None  # the step that was asked for
        self._oldest = 0  # the run cannot go back behind it
        self._edits: list[Edited] = []
        self._said = self.why_not  # as ``changed`` told it last
        self._asking = QTimer(self)
        self._asking.setInterval(_ASK_AGAIN_MS)
        self._asking.timeout.connect(self._tell)
        session.began.connect(self._on_began)
        session.updated.connect(self._on_updated)
        session.runner.state_changed.connect(self._on_state)

    @property
    def steps(self) -> int:
        """How many steps ``go`` goes back."""
        return self._steps

    def set_steps(self, steps: float) -> None:
        """Set ``steps``; a number outside the knob's limits is ignored."""
        if STEPS.low is not None and STEPS.high is not None and STEPS.low <= steps <= STEPS.high:
            self._steps = round(steps)
            self.changed.emit()

    @property
    def why_not(self) -> str:
        """Why the run cannot go back now, as a sentence; empty if it can."""
        session = self._session
        if session.store.running_spec is None or session.runner.state not in _TAKES_IT:
            return "There is no run to go back in."
        return why_no_step_back(session.history.started, session.history.steps.count - self._oldest)

    @Slot()
    def go(self) -> None:
        """Pause, ``steps`` steps before this one."""
        if not self.why_not:
            self._wanted = max(0, self._session.history.steps.count - self._steps)
            self._session.runner.step_back(self._steps)

    @Slot(object)
    def _on_began(self, history: object) -> None:
        self._wanted, self._oldest, self._edits = None, 0, []
        self._tell()

    @Slot(object)
    def _on_state(self, state: State) -> None:
        self._tell()
        is_waited_for = state is State.RUNNING and bool(self._said)
        self._asking.start() if is_waited_for else self._asking.stop()

    @Slot()
    def _tell(self) -> None:
        """Emit ``changed`` if ``why_not`` is another one by now."""
        before, self._said = self._said, self.why_not
        if not self._said:
            self._asking.stop()
        if self._said != before:
            self.changed.emit()

    @Slot(object)
    def _on_updated(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, RunStarted):
                self._oldest = event.parent_step
            elif isinstance(event, Resumed):
                self._oldest = event.step
            elif isinstance(event, Edited):
                self._edits.append(event)
            elif isinstance(event, SteppedBack):
                self._take_back(event.step)
        self._tell()

    def _take_back(self, step: int) -> None:
        """The settings are those of the step again, in the form too; then it is said."""
        gone = [edit for edit in self._edits if edit.step > step]
        self._edits = [edit for edit in self._edits if edit.step <= step]
        running = self._session.store.running_spec
        if running is not None and gone:
            for edit in reversed(gone):
                running = running.edited(edit.path, edit.old)
            self._session.store.set_run_back(running)
        is_oldest = self._wanted is not None and step > self._wanted
        if is_oldest:
            self._oldest = step
        self._wanted = None
        self._tell()
        self.went_back.emit(step, is_oldest)
