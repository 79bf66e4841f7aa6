"""The middle of the Train page: the plots, and the plane of a 2-D data set beside them."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from workbench.bridge.runner import State
from workbench.bridge.services import Services
from workbench.engine.core.events import Evaluated, Event, RunEnded, RunStarted
from workbench.engine.core.observed import Boundary
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import short
from workbench.engine.report.data_summary import DataSummary
from workbench.engine.report.evaluation_words import when_words
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.insight.boundary_view import BoundaryView
from workbench.views.insight.gap_view import GapView
from workbench.views.plots.paint_budget import rest_after, spent
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.widgets.theme import Theme
from workbench.views.window.stage_bar import StageBar

#: Words are read slowly: with many epochs a second the insight is written this often at most (``rest_after``).
INSIGHT_MS = 500
_LIVE = (State.STARTING, State.RUNNING, State.PAUSING, State.STOPPING)


class TrainPage(QWidget):
    """Plots of the session's run. ``gap_view`` is in another dock but gets its history from here."""

    def __init__(
        self,
        services: Services,
        theme: Theme,
        gap_view: GapView,
        stage_bar: StageBar,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.stage_bar = stage_bar
        self._theme = theme
        self._gap_view = gap_view
        self._session = services.session
        self._previews = services.previews
        self._decay_now = services.decay_now
        self._history = services.session.history
        self.plots = TrainPlots()
        self.boundary = BoundaryView()
        self.boundary.hide()
        self._plane_was_shown = False
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._insight = QTimer(self)
        self._insight.setSingleShot(True)
        self._insight.setInterval(INSIGHT_MS)
        self._insight.timeout.connect(self._on_insight)
        self._lay_out()
        self._follow(services)
        gap_view.said.connect(stage_bar.say)
        stage_bar.say(gap_view.headline.text())
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _lay_out(self) -> None:
        self.splitter.addWidget(self.plots)
        self.splitter.addWidget(self.boundary)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stage_bar)
        self.stage_bar.hide()
        column.addWidget(self.splitter, 1)

    def _follow(self, services: Services) -> None:
        session = services.session
        session.began.connect(self._on_began)
        session.updated.connect(self._on_updated)
        session.ended.connect(self._on_ended)
        session.ghost_changed.connect(self._on_ghost)
        session.runner.state_changed.connect(self._on_state)
        services.previews.data_ready.connect(self._on_data)
        services.decay_now.changed.connect(self._on_decay_now)
        services.steps_back.went_back.connect(self._on_went_back)
        services.store.changed.connect(self._on_spec)
        self.plots.decay_requested.connect(services.decay_now.decay)
        self.plots.offers_fork = True

    @Slot(bool)
    def set_on_stage(self, on: bool) -> None:
        """Show the bar for an audience instead of the choices of the plots, or the other way round."""
        self.stage_bar.setVisible(on)
        self.plots.options.setVisible(not on)

    @Slot()
    def _on_theme(self) -> None:
        colours = DARK if self._theme.colours.dark else LIGHT
        for plots in (self.plots, self.boundary):
            plots.set_colours(colours)
            plots.set_scale(self._theme.scale)

    @Slot(object)
    def _on_began(self, history: History) -> None:
        self._history = history
        self.plots.show_history(history)
        self._gap_view.set_history(history)
        self._gap_view.show_run(self._session.other_settings)
        self.boundary.clear_boundary()
        self.boundary.hold(True)

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        self._gap_view.show_run(self._session.other_settings)

    @Slot(object, str)
    def _on_ghost(self, history: History | None, title: str) -> None:
        if history is None:
            self.plots.clear_ghost()
        else:
            self.plots.set_ghost(history, title)

    @Slot(object)
    def _on_state(self, state: State) -> None:
        if state in _LIVE:
            self.plots.start_live()
        else:
            self.plots.stop_live()
            self.plots.refresh()

    @Slot(object)
    def _on_updated(self, events: list[Event]) -> None:
        speaks = any(isinstance(event, Loading | RunStarted | Evaluated) for event in events)
        if speaks and not self._insight.isActive():
            self._insight.start()
        boundaries = [event for event in events if isinstance(event, Boundary)]
        if boundaries:
            self.boundary.set_boundary(boundaries[-1], when_words(self._history.evaluations[-1]))

    @Slot()
    def _on_insight(self) -> None:
        began = spent()
        self._gap_view.refresh()
        self._insight.setInterval(rest_after(spent() - began, INSIGHT_MS))

    @Slot(int, bool)
    def _on_went_back(self, step: int, is_oldest: bool) -> None:
        """What came after that step is taken back."""
        self.plots.take_back()
        self._gap_view.set_history(self._history)
        if self._history.boundary is None:
            self.boundary.clear_boundary()

    @Slot()
    def _on_decay_now(self) -> None:
        words = f"&Decay here: rate × {short(self._decay_now.factor)}, at the next batch"
        self.plots.decay_words = words if self._decay_now.can_decay else ""

    @Slot(object)
    def _on_ended(self, ended: RunEnded) -> None:
        self.plots.refresh()
        self._gap_view.refresh()
        self.boundary.hold(False)
        if self._previews.data is not None:
            self._on_data(self._previews.data)

    @Slot(object)
    def _on_data(self, summary: DataSummary) -> None:
        self.boundary.set_data(summary)
        if not self._session.is_active:
            self._show_plane(summary.points is not None)

    def _show_plane(self, shown: bool) -> None:
        """A plane that appears gets two fifths of the room; later the splitter is the user's."""
        appears = shown and self.boundary.isHidden()
        self.boundary.setVisible(shown)
        if appears and not self._plane_was_shown:
            self._plane_was_shown = True
            self.splitter.setSizes([3 * self.width() // 5, 2 * self.width() // 5])
