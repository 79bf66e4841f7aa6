"""Below a curve drawn by hand: the nearest formula, and a button that takes it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.schedules.drawn import Drawn
from workbench.engine.report.schedule_fit import Nearest, nearest
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.widgets.basics import Box, Words, plain_tip

#: A formula is offered in place of the curve if it is off by at most this share of the highest rate.
SNAPS = 0.05
#: The formula is looked for when the curve has rested so long.
REST_MS = 250


class ScheduleFitLine(Box):
    """Says ``close to: Cosine, final share 0.02; off by 1.3 % at most``. Nothing changes without the click."""

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
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._look)
        store.changed.connect(self._on_spec)
        self._on_spec(store.spec)

    def set_steps_per_epoch(self, steps: int) -> None:
        """How many steps an epoch has, as far as that is known."""
        self._steps_per_epoch = steps
        self._on_spec(self._store.spec)

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        drawn = isinstance(spec.schedule, Drawn)
        self.setVisible(drawn)
        if drawn:
            self._rest.start()

    @Slot()
    def _look(self) -> None:
        spec = self._store.spec
        schedule = spec.schedule
        if not isinstance(schedule, Drawn):
            return
        units = spec.loop.epochs * (self._steps_per_epoch if schedule.per == "step" else 1)
        asked = schedule, max(1, units - schedule.warmup)
        if asked == self._shown:
            return
        self._shown, self.found = asked, nearest(*asked)
        near = self.found.off <= SNAPS
        off = f"{100 * self.found.off:.2g} %"
        self.words.say(f"{'Close to' if near else 'Nearest formula'}: {self.found.words}; off by {off} at most.")
        self.button.setEnabled(near)
        why = "" if near else f"The formula is off by more than {100 * SNAPS:.0f} % of the highest rate."
        self.button.setToolTip(plain_tip(why or "Put the formula in place of the drawn curve; undo brings it back."))

    @Slot()
    def _on_clicked(self) -> None:
        if self.found is not None and self.button.isEnabled():
            self._store.edit("schedule", self.found.schedule)
