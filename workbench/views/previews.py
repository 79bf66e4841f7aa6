"""Puts each preview at the bottom of its panel and feeds it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from workbench.bridge.runner import State
from workbench.bridge.services import Services
from workbench.engine.history import History
from workbench.engine.samples import DataSummary
from workbench.engine.spec import ExperimentSpec
from workbench.views.augmentation_preview import AugmentationPreview
from workbench.views.data_summary import DataSummaryView
from workbench.views.model_summary import ModelSummaryView
from workbench.views.panels import PanelColumn
from workbench.views.schedule_preview import SchedulePreview

#: The real rate is drawn this often over the planned one; it is looked at, not watched.
RATE_MS = 1000


class PanelPreviews(QObject):
    """The schedule's curve, the contact sheet, the model's table and the data's counts."""

    def __init__(self, panels: PanelColumn, services: Services) -> None:
        super().__init__(panels)
        self._services = services
        self.schedule = SchedulePreview()
        self.augmentation = AugmentationPreview()
        self.model = ModelSummaryView()
        self.data = DataSummaryView()
        self._views: dict[str, AugmentationPreview | ModelSummaryView | DataSummaryView] = {
            "augmentations": self.augmentation,
            "model": self.model,
            "data": self.data,
        }
        for name, view in (*self._views.items(), ("schedule", self.schedule)):
            panels.panel(name).add_extra(view)
        previews = services.previews
        previews.data_ready.connect(self._on_data)
        previews.sheet_ready.connect(self.augmentation.show_sheet)
        previews.model_ready.connect(self.model.show_table)
        previews.failed.connect(self._on_failed)
        previews.waiting.connect(self._on_waiting)
        self.augmentation.rerolled.connect(previews.reroll)
        self.data.retried.connect(previews.refresh)
        services.store.changed.connect(self._on_spec)
        services.session.began.connect(self._on_began)
        services.runner.state_changed.connect(self._on_state)
        self._timer = QTimer(self)
        self._timer.setInterval(RATE_MS)
        self._timer.timeout.connect(self._show_rate)
        self._on_spec(services.store.spec)

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        self.schedule.set_spec(spec)

    @Slot(object)
    def _on_data(self, summary: DataSummary) -> None:
        self.data.show_summary(summary)
        self.schedule.set_data(summary)

    @Slot(str, str)
    def _on_failed(self, section: str, message: str) -> None:
        self._views[section].show_error(message)

    @Slot(str)
    def _on_waiting(self, section: str) -> None:
        self._views[section].show_waiting()

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
        steps = self._services.session.history.steps
        first, rows = steps.read(0)
        if len(rows):
            stride = max(1, len(rows) // 400)
            self.schedule.set_real([first + i for i in range(0, len(rows), stride)], rows[::stride, 2])
