"""The formula nearest to a drawn schedule, and a button that uses it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.schedules.hand_drawn import Drawn
from workbench.engine.core.text import PER_CENT, percent, short
from workbench.engine.report.schedule_fit import Nearest, nearest
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.widgets.basics import Box, Words, plain_tip

#: A formula is offered if it differs by at most this fraction of the highest rate.
SNAPS = 0.05
#: Milliseconds without a change of the curve after which the formula is searched.
REST_MS = 250


class ScheduleFitLine(Box):
    """Shows ``Close to: Cosine, final share 0.02; differs by at most 1.3 %``. Only a click changes the schedule."""

    def __init__(self, store: SpecStore, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(0, 1, 0, 1))
        self._store = store
        self._steps_per_epoch = 100
        self._shown: tuple[Drawn, int] | None = None
        self.found: Nearest | None = None
        self.words = Words(parent=self)
        self.button = QPushButton("Use this formula", self)
        self.button.clicked.connect(self._on_clicked)
        self.add(self.words)
        self.add(self.button)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(REST_MS)
        self._pause.timeout.connect(self._look)
        store.changed.connect(self._on_spec)
        self._on_spec(store.spec)

    def set_steps_per_epoch(self, steps: int) -> None:
        """Set the number of steps of an epoch."""
        self._steps_per_epoch = steps
        self._on_spec(self._store.spec)

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        drawn = isinstance(spec.schedule, Drawn)
        self.setVisible(drawn)
        if drawn:
            self._pause.start()

    @Slot()
    def _look(self) -> None:
        spec = self._store.spec
        schedule = spec.schedule
        if not isinstance(schedule, Drawn):
            return
        units = spec.loop.epochs * (self._steps_per_epoch if schedule.per == "step" else 1)
        request = schedule, max(1, units - schedule.warmup)
        if request == self._shown:
            return
        self._shown, self.found = request, nearest(*request)
        near = self.found.off <= SNAPS
        off = f"{short(100 * self.found.off, 2)}{PER_CENT}"
        self.words.say(f"{'Close to' if near else 'Nearest formula'}: {self.found.words}; differs by at most {off}.")
        self.button.setEnabled(near)
        why = "" if near else f"The formula differs by more than {percent(SNAPS, 0)} of the highest rate."
        self.button.setToolTip(plain_tip(why or "Replace the drawn curve with the formula. This can be undone."))

    @Slot()
    def _on_clicked(self) -> None:
        if self.found is not None and self.button.isEnabled():
            self._store.edit("schedule", self.found.schedule)
