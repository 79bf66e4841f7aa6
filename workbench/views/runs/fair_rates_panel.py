"""The search for fair rates of all racers: its progress, its result as a chart, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton

from workbench.bridge.runs.race_desk import RaceDesk
from workbench.engine.experiments.fair_rates import FairTest
from workbench.views.runs.fair_rates_chart import FairRatesChart
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.theme import MUTED


class FairRatesPanel(Box):
    """Follows the search of ``desk``; hidden while there is neither a search nor a result."""

    def __init__(self, desk: RaceDesk) -> None:
        super().__init__(margins=(2, 1, 2, 1), spacing=1)
        self._desk = desk
        self.chart, self.words = FairRatesChart(), Words(tone=MUTED)
        self.use, self.cancel = QPushButton("&Use these rates"), QPushButton("Cancel")
        self.use.setToolTip("Give each racer its fair rate, as one change.")
        self.cancel.setToolTip("Stop the search for rates.")
        foot = Box(spacing=2, horizontal=True)
        for widget, stretch in ((self.words, 1), (self.use, 0), (self.cancel, 0)):
            foot.add(widget, stretch)
        self.add(self.chart)
        self.add(foot)
        self.use.clicked.connect(desk.use_rates)
        self.cancel.clicked.connect(desk.fair.cancel)

    @Slot()
    def refresh(self) -> None:
        """Show the search as it is now."""
        fair, rates = self._desk.fair, self._desk.rates
        self.setVisible(bool(fair.is_pending or fair.trouble or fair.value))
        self.chart.show_rates(rates)
        self.chart.setVisible(bool(rates))
        self.use.setVisible(bool(rates) and not self._desk.is_racing)
        self.cancel.setVisible(fair.is_pending)
        budget = f"Equal budget: {FairTest().words}."
        words = f"{budget} Bar: nearly as good as the best rate. Ticks: how far the loss falls at each rate."
        self.words.setText(fair.words if fair.is_pending else fair.trouble or words)
