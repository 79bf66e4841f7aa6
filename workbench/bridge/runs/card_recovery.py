"""The run of a card that diverges goes back by itself, as without a window: nobody may be there to be asked."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runner import State
from workbench.bridge.runs.way_back import FindWayBack
from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.events import Notice, RunEnded
from workbench.engine.run_store.recovery import MOST, WayBack


class CardRecovery(QObject):
    """Takes the run of a card back to its last good state with a lower learning rate, at most ``MOST`` times.

    While that is looked for, the run holds. Without a way back it goes on, and ends as failed. A loss that is only
    large may come down again, so that such a run is judged at its end. Lives in the GUI thread.
    """

    going_back = Signal(object)  #: the WayBack: a run that is under way stops now, and the card goes on from there
    given_up = Signal()  #: there is no way back for a run that has ended

    def __init__(self, session: Session, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._times = session, Counter[int]()
        self._card = 0  # the card whose run is being trained
        self._lets_go = False  # the run does not hold yet, or no more: it is to go on when it does
        self._finding = FindWayBack(session, tasks)
        self._finding.looked.connect(self._on_looked)
        session.noticed.connect(self._on_notice)
        session.runner.state_changed.connect(self._on_state)

    def watch(self, card: int) -> None:
        """From now on the run is that of ``card``; 0: of none."""
        self._card, self._lets_go = card, False

    @Slot(object)
    def _on_notice(self, notice: Notice) -> None:
        if not self._card or notice.code != "diverged":
            return
        if notice.severity == "error" and self._times[self._card] < MOST:
            self._finding.look()
        else:
            self._let_go()

    def takes(self, ended: RunEnded) -> bool:
        """Whether a way back is looked for because of this end; ``going_back`` or ``given_up`` follows, unless another
        run begins before."""
        is_one = bool(self._card) and ended.code == "diverged" and not ended.not_kept
        if is_one and self._times[self._card] < MOST:
            self._finding.look()
            return True
        return False

    @Slot(object)
    def _on_looked(self, back: WayBack | None) -> None:
        if not self._card:
            return
        is_active = self._session.is_active
        if back is None and is_active:
            self._let_go()
        elif back is None:
            self.given_up.emit()
        else:
            self._times[self._card] += 1
            self.going_back.emit(back)
            self._session.go_back(back)

    def _let_go(self) -> None:
        """The run was held for a decision, or is about to be."""
        self._lets_go = self._session.runner.state is not State.PAUSED
        if not self._lets_go:
            self._session.runner.resume()

    @Slot(object)
    def _on_state(self, state: State) -> None:
        if self._lets_go and state is State.PAUSED:
            self._lets_go = False
            self._session.runner.resume()
