"""Decay of the learning rate by hand during a run, and a schedule made of such changes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.core.errors import SpecError
from workbench.engine.core.text import PER_CENT, counted, short, significant
from workbench.engine.report.manual_lr_changes import RATE, as_schedule, largest_difference, rate_edits

FACTOR: Final = Knob(
    "Decay factor",
    "“Decay here” multiplies the learning rate by this. "
    "Decay where the curve flattens: too early it only makes the rest slow.",
    low=1e-4,
    high=0.999,
    scale="log",
)
_TAKES_EDITS = (State.STARTING, State.RUNNING, State.PAUSING, State.PAUSED)
#: Rates with a smaller relative difference are equal.
_SAME = 1e-9
#: The saved schedule is compared with the rates of the run at no more steps than this.
_COMPARED = 2000


class DecayNow(QObject):
    """Decays the learning rate of the session's run. Lives in the GUI thread."""

    changed = Signal()  #: ``can_decay``, ``why_not_save`` or the factor
    reported = Signal(str, str)  #: a message for the user, and its severity: "info" or "warning"

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._factor = 0.1
        session.runner.state_changed.connect(self._on_news)
        session.updated.connect(self._on_updated)
        session.began.connect(self._on_news)
        session.ended.connect(self._on_news)

    @property
    def factor(self) -> float:
        """The factor that a decay multiplies the rate by."""
        return self._factor

    def set_factor(self, factor: float) -> None:
        """Set the factor. A factor outside the knob's limits is ignored."""
        if FACTOR.low is not None and FACTOR.high is not None and FACTOR.low <= factor <= FACTOR.high:
            self._factor = factor
            self.changed.emit()

    @property
    def can_decay(self) -> bool:
        """Whether there is a run that takes edits now."""
        return self._session.store.running_spec is not None and self._session.runner.state in _TAKES_EDITS

    @Slot()
    def decay(self) -> None:
        """Lower the rate from the next batch on: a live edit of the learning rate, recorded in the run's events.

        A refused edit is reported as a warning.
        """
        running = self._session.store.running_spec
        if running is None or not self.can_decay:
            return
        lower = significant(running.optimizer.lr * self._factor, 15)
        try:
            self._session.store.edit_running(RATE, lower)
        except SpecError as error:
            self.reported.emit(f"The rate was not lowered. {self._session.store.words_of(error)}", "warning")

    @property
    def why_not_save(self) -> str:
        """Why no schedule can be saved; empty if one can."""
        if not rate_edits(self._session.history.edits) or self._session.trained is None:
            return "Lower the rate by hand during a run first: with “Decay here” or with its field."
        return "The run is not over yet. Save the schedule when it has ended." if self._session.is_active else ""

    @Slot()
    def save_as_schedule(self) -> None:
        """Put the rates of the last run into the form as a schedule, so that Train repeats them."""
        trained, store = self._session.trained, self._session.store
        if self.why_not_save or trained is None:
            return
        try:
            schedule = as_schedule(trained, self._session.history.edits)
        except SpecError as error:
            self.reported.emit(f"No schedule was made. {store.words_of(error)}", "warning")
            return
        changes: dict[str, object] = {"schedule": schedule}
        if store.spec.optimizer.kind == trained.optimizer.kind:
            changes[RATE] = trained.optimizer.lr
        store.edit_all(changes)
        self._report_saved(schedule)

    def _report_saved(self, schedule: Schedule) -> None:
        rate = self._session.store.spec.optimizer.lr
        what = " ".join([schedule.title, schedule.brief()]).strip()
        text = f"The schedule is now {what}, counted in {schedule.per}s"
        if schedule.by_hand:
            text = f"The schedule is now {what} with {counted(len(schedule.by_hand), 'manual change')}"
        difference = self._difference()
        if difference <= _SAME:
            text = f"{text}, from a learning rate of {short(rate)}. Train repeats the rates of this run."
            self.reported.emit(text, "info")
        else:
            why = "the number of epochs, the batch size or the data differ"
            share = f"{short(100 * difference, 2)}{PER_CENT}"
            text = f"{text}. The rates will differ from those of this run by up to {share}: {why}."
            self.reported.emit(text, "warning")

    def _difference(self) -> float:
        """The largest relative difference between the next run's rates and the last one's.

        0 for schedules that depend on measurements: their rates cannot be computed before the run.
        """
        history, spec = self._session.history, self._session.store.spec
        if history.started is None or spec.schedule.remembers:
            return 0.0
        steps, rates = history.steps.sampled("lr", _COMPARED)
        return largest_difference(spec, history.started.steps_per_epoch, steps.tolist(), rates)

    @Slot(object)
    def _on_news(self, news: object) -> None:
        self.changed.emit()

    @Slot(object)
    def _on_updated(self, events: list[object]) -> None:
        if any(getattr(event, "path", "") == RATE for event in events):
            self.changed.emit()
