"""Puts each preview at the bottom of its panel and feeds it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from workbench.bridge.services import Services
from workbench.views.augmentation_preview import AugmentationPreview
from workbench.views.data_summary import DataSummaryView
from workbench.views.model_summary import ModelSummaryView
from workbench.views.panels import PanelColumn
from workbench.views.schedule_preview import SchedulePreview


class PanelPreviews(QObject):
    """The schedule's curve, the contact sheet, the model's table and the data's counts."""

    def __init__(self, panels: PanelColumn, services: Services) -> None:
        super().__init__(panels)
        self.schedule = SchedulePreview()
        self.augmentation = AugmentationPreview()
        self.model = ModelSummaryView()
        self.data = DataSummaryView()
        places = {"schedule": self.schedule, "augmentations": self.augmentation, "model": self.model, "data": self.data}
        for name, preview in places.items():
            panels.panel(name).add_extra(preview)
