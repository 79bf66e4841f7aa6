"""Puts each preview at the bottom of its panel and feeds it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from workbench.bridge.runner import State
from workbench.bridge.services import Services
from workbench.engine.core.events import Event, WeightsSaved
from workbench.engine.report.data_summary import DataSummary
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.data.augmentation_preview import AugmentationPreview
from workbench.views.data.summary import DataSummaryView
from workbench.views.data.understanding_view import UnderstandingView
from workbench.views.form.panels import PanelColumn
from workbench.views.form.related_settings import RelatedSettings
from workbench.views.insight.forward_pass_view import ForwardPassView
from workbench.views.insight.model_summary import ModelSummaryView
from workbench.views.learning_rate.curve_editor import CurveEditor
from workbench.views.learning_rate.schedule_fit_line import ScheduleFitLine

#: The real rate is drawn this often over the planned one; it is looked at, not watched.
RATE_MS = 1000


class PanelPreviews(QObject):
    """The schedule's curve, the contact sheet, the model's table, the data's counts, and what is dropped in a pass."""

    def __init__(self, panels: PanelColumn, services: Services) -> None:
        super().__init__(panels)
        self._services = services
        self.schedule = CurveEditor()
        self.schedule.edited.connect(self._on_drawn)
        self.nearest = ScheduleFitLine(services.store)
        self.augmentation = AugmentationPreview()
        self.model = ModelSummaryView()
        self.data = DataSummaryView()
        self.understanding = UnderstandingView(services.understanding)
        self.drops = ForwardPassView()
        self._views: dict[str, AugmentationPreview | ModelSummaryView | DataSummaryView | ForwardPassView] = {
            "regularization": self.drops,
            "augmentations": self.augmentation,
            "model": self.model,
            "data": self.data,
        }
        self.related_settings = RelatedSettings()
        self._place(panels)
        self._follow(services)
        self._timer = QTimer(self)
        self._timer.setInterval(RATE_MS)
        self._timer.timeout.connect(self._show_rate)
        self._on_spec(services.store.spec)

    def _place(self, panels: PanelColumn) -> None:
        self.related_settings.requested.connect(panels.show_setting)
        panels.panel("regularization").add_extra(self.related_settings)
        for name, view in self._views.items():
            panels.panel(name).add_extra(view)
        panels.panel("schedule").add_top(self.schedule)
        panels.panel("data").add_top(self.understanding)
        self.understanding.rearranged.connect(panels.panel("data").rearranged)
        panels.panel("schedule").add_extra(self.nearest)

    def _follow(self, services: Services) -> None:
        previews = services.previews
        previews.data_ready.connect(self._on_data)
        previews.sheet_ready.connect(self.augmentation.show_sheet)
        previews.model_ready.connect(self.model.show_table)
        previews.inside_ready.connect(self.drops.show_inside)
        previews.failed.connect(self._on_failed)
        previews.waiting.connect(self._on_waiting)
        previews.reading.connect(self.data.show_reading)
        self.drops.rerolled.connect(previews.reroll_inside)
        self.drops.stepped.connect(previews.show_example)
        self.drops.watched.connect(previews.watch_inside)
        self.augmentation.rerolled.connect(previews.reroll)
        self.data.retried.connect(previews.refresh)
        self.data.stopped.connect(services.checking.cancel)  # it would go on reading the same
        self.data.stopped.connect(previews.stop_reading)
        services.session.updated.connect(self._on_updated)
        services.session.began.connect(self._on_began)
        services.store.changed.connect(self._on_spec)
        services.runner.state_changed.connect(self._on_state)

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        self.schedule.set_spec(spec)
        self.nearest.set_steps_per_epoch(self.schedule.steps_per_epoch)

    @Slot(object, bool)
    def _on_drawn(self, points: object, joins: bool) -> None:
        self._services.store.edit("schedule.points", points, merge=joins)

    @Slot(object)
    def _on_data(self, summary: DataSummary) -> None:
        self.data.show_summary(summary)
        self.schedule.set_data(summary)
        self.nearest.set_steps_per_epoch(self.schedule.steps_per_epoch)

    @Slot(str, str)
    def _on_failed(self, section: str, message: str) -> None:
        self._views[section].show_error(message)

    @Slot(str)
    def _on_waiting(self, section: str) -> None:
        self._views[section].show_waiting()

    @Slot(object)
    def _on_updated(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, WeightsSaved) and event.which == "last":
                self._services.previews.use_weights(event.path, event.step)

    @Slot(object)
    def _on_began(self, history: History) -> None:
        self.schedule.set_real((), ())

    @Slot(object)
    def _on_state(self, state: State) -> None:
        if state in (State.RUNNING, State.STARTING):
            self._timer.start()
        else:
            self._timer.stop()
            self._show_rate()

    @Slot()
    def _show_rate(self) -> None:
        """The real rate in the schedule's picture, thinned to what a small picture can show."""
        if not self.schedule.isVisible():
            return
        steps, rates = self._services.session.history.steps.sampled("lr", 600)
        if len(steps):
            self.schedule.set_real(steps, rates)
