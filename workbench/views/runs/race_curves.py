"""The curves of a race in one plot, drawn while it runs at a limited rate."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QTimer, Slot
from PySide6.QtGui import QHideEvent

from workbench.bridge.runs.race_desk import RaceDesk
from workbench.engine.race.standings import TOMBSTONE
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.views.plots.paint_budget import spent
from workbench.views.plots.racer_table import RacerTable
from workbench.views.plots.run_styles import run_style
from workbench.views.plots.series import RACED
from workbench.views.plots.subplot_lines import Ghost
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.widgets.basics import Box
from workbench.views.widgets.theme import rhythm, theme

#: Minimum height of the curves in quarters of a line.
_LEAST_PLOTS: Final = 24
#: Minimum interval between two frames, in milliseconds.
_FRAME_MS: Final = 100


class RaceCurves(Box):
    """Follows the racers of ``desk``."""

    def __init__(self, desk: RaceDesk) -> None:
        super().__init__(spacing=0)
        self._desk = desk
        self._plots: TrainPlots | None = None
        self._tables: list[RacerTable] = []
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.timeout.connect(self.draw)
        theme().changed.connect(self._on_theme)

    @property
    def plots(self) -> TrainPlots:
        """The plots, made when they are first wanted."""
        if self._plots is None:
            self._plots = TrainPlots(self, RACED)
            self._plots.setAccessibleName("Curves of the racers")
            self._plots.told.connect(self._desk.told)
            self.add(self._plots, 1)
            self._on_theme()
        return self._plots

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._frame.stop()

    def follow(self) -> None:
        """Draw what is new soon. Hidden while there are no curves yet and fair rates need the room."""
        self.setVisible(self._desk.standings is not None or not self._desk.rates)
        if self._desk.racers and self.isVisible() and not self._frame.isActive():
            self._frame.start(0 if not self._tables else _FRAME_MS)

    @Slot()
    def restart(self) -> None:
        """Forget the curves of the race before."""
        self._tables = []
        self.plots.set_beside([])

    @Slot()
    def draw(self) -> None:
        """Draw new values."""
        if not self.isVisible():
            return
        standings = self._desk.standings
        began, racers = spent(), standings.racers if standings is not None else []
        plots = self.plots
        histories = [each.history for each in racers]
        is_other = [table.history for table in self._tables] != histories
        if is_other:
            self._tables = [RacerTable(history) for history in histories]
        is_new = sum(table.update() for table in self._tables) > 0  # all of them
        titles = [f"{each.racer.name} {TOMBSTONE}" if each.has_failed else each.racer.name for each in racers]
        if is_other or titles != [ghost.title for ghost in plots.stack.ghosts]:
            ghosts = [Ghost(title, table, style=run_style(at))
                      for at, (title, table) in enumerate(zip(titles, self._tables, strict=True))]  # fmt: skip
            plots.set_beside(ghosts)
        elif is_new:
            plots.stack.redraw()
        if self._desk.is_racing:
            cost = spent() - began
            self._frame.start(max(_FRAME_MS, round(1000 * plots.paint_budget.next_delay(cost))))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_desk"):
            self._on_theme()

    @Slot()
    def _on_theme(self) -> None:
        if self._plots is not None:
            self._plots.set_colours(DARK if theme().colours.dark else LIGHT)
            self._plots.set_scale(theme().scale)
            self._plots.setMinimumHeight(rhythm(self, _LEAST_PLOTS))
