"""The previews' widgets: what they say in each state, that they fit, and that they bear odd data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu, QWidget

from tests.views.previews import SPEC, plane_of, shown
from workbench.engine.report.augmentation_sheet import contact_sheet
from workbench.engine.report.data_summary import data_summary
from workbench.engine.report.model_summary import model_table
from workbench.engine.report.svg.colours import DARK
from workbench.views.data.augmentation_preview import AugmentationPreview
from workbench.views.data.summary import DataSummaryView
from workbench.views.insight.boundary_view import BoundaryView
from workbench.views.insight.model_summary import ModelSummaryView
from workbench.views.learning_rate.schedule_preview import SchedulePreview
from workbench.views.widgets.theme import theme

pytestmark = pytest.mark.usefixtures("light")


def lightness(widget: QWidget) -> float:
    """The mean over the widget, 0 to 255."""
    image = widget.grab().toImage()
    places = [(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)]
    return sum(image.pixelColor(x, y).lightness() for x, y in places) / len(places)


def filled() -> list[QWidget]:
    plan, sheet, model, data, plane = (
        SchedulePreview(),
        AugmentationPreview(),
        ModelSummaryView(),
        DataSummaryView(),
        BoundaryView(),
    )
    plan.set_spec(SPEC)
    sheet.show_sheet(contact_sheet(SPEC, 3, 0))
    model.show_table(model_table(SPEC))
    data.show_summary(data_summary(SPEC))
    plane.set_data(plane_of(40))
    return [plan, sheet, model, data, plane]


def test_all_fit_into_a_panel_large_and_dark(qtbot):
    for large in (False, True):
        theme().set_large(large)
        theme().set_mode("dark" if large else "light")
        for widget in filled():
            shown(qtbot, widget)
            assert widget.minimumSizeHint().width() <= 310, (widget, large)
            assert widget.accessibleName()
            assert not widget.grab().isNull()


def test_a_change_of_theme_reaches_what_is_there(qtbot, qapp):
    for widget in filled():
        shown(qtbot, widget)
        qapp.processEvents()
        light = lightness(widget)
        theme().set_mode("dark")
        if isinstance(widget, BoundaryView):
            widget.set_colours(DARK)
        qtbot.waitUntil(lambda widget=widget, light=light: lightness(widget) < 0.9 * light)
        theme().set_mode("light")


def test_labels_are_plain_text(qtbot):
    for widget in filled():
        shown(qtbot, widget)
        hidden = {label for menu in widget.findChildren(QMenu) for label in menu.findChildren(QLabel)}  # pyqtgraph's
        labels = set(widget.findChildren(QLabel)) - hidden
        assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)


def test_views_do_not_load_torch():
    names = [
        "learning_rate.schedule_preview",
        "data.augmentation_preview",
        "data.summary",
        "insight.boundary_view",
        "insight.model_summary",
    ]
    code = f"import sys; {'; '.join(f'import workbench.views.{n}' for n in names)}; print('torch' in sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "False\n"
