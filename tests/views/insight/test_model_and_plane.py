"""The table of the model and the plane of a 2-D set: what they say in every case, that they fit."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QStandardItem
from PySide6.QtWidgets import QPushButton, QTreeView
from shiboken6 import Shiboken

from tests.views.previews import SPEC, plane_of, said, shown, summary_of
from workbench.engine.core.observed import Boundary
from workbench.engine.report.model_summary import ModelRow, ModelTable, model_table
from workbench.views.insight.boundary_view import CLASS_COLOURS, SHAPES, BoundaryView, shades
from workbench.views.insight.model_summary import ModelSummaryView

pytestmark = pytest.mark.usefixtures("light")


def boundary_of(labels: np.ndarray, confidence: np.ndarray) -> Boundary:
    side = len(labels)
    shade = (confidence * 255).round().astype(np.uint8)
    return Boundary(7, (-2.0, 2.0, -1.0, 1.0), side, labels.astype(np.uint8).tobytes(), shade.tobytes())


# --- Model ------------------------------------------------------------------------------------------------------


def test_totals_and_layers(qtbot):
    widget = shown(qtbot, ModelSummaryView())
    assert "measured" in said(widget)
    widget.show_table(model_table(SPEC))
    assert said(widget) == "13\u202f818 parameters\nWeights 56 kB, outputs 21 kB per example, 1.4 MB per batch of 64"
    layers = widget.findChildren(QTreeView)[0].model()
    names = [layers.index(row, 0).data() for row in range(layers.rowCount())]
    row = names.index("conv2")
    texts = [layers.index(row, column).data() for column in range(layers.columnCount())]
    assert texts == ["conv2", "Conv2d", "32×4×4", "4\u202f608", "4\u202f608", "0.1 MB"]
    widget.show_error("It does not fit.")
    assert said(widget) == "It does not fit."
    assert not widget.findChildren(QTreeView)[0].isVisibleTo(widget)


def test_a_model_of_unknown_outputs_and_frozen_parts(qtbot):
    widget = shown(qtbot, ModelSummaryView())
    widget.show_table(ModelTable((ModelRow("a", "Linear", (), 10), ModelRow("b", "ReLU", (), 0)), 10, 4, 40, 0))
    assert said(widget) == "10 parameters, 6 of them frozen\nWeights 40 bytes"


def test_earlier_layers_leave_no_objects_behind(qtbot):
    """The table changes with each edit of the model; PySide kept a Python object for each of its cells."""
    widget = shown(qtbot, ModelSummaryView())
    counts = []
    for layers in (1, 3, 2, 4, 3):
        rows = tuple(ModelRow(f"part.{n}", "Linear", (), 10) for n in range(layers))
        widget.show_table(ModelTable(rows, 10, 10, 40, 0))
        gc.collect()
        counts.append(sum(isinstance(found, QStandardItem) for found in Shiboken.getAllValidWrappers()))
    assert counts[4] == counts[1] < counts[3]


def test_many_layers_scroll_and_the_wheel_needs_the_focus(qtbot):
    widget = shown(qtbot, ModelSummaryView())
    few = ModelTable(tuple(ModelRow(f"l{i}", "Linear", (3,), 9) for i in range(2)), 18, 18, 72, 12)
    many = ModelTable(tuple(ModelRow(f"l{i}", "Linear", (3,), 9) for i in range(300)), 18, 18, 72, 12)
    table = widget.findChildren(QTreeView)[0]
    widget.show_table(few)
    low = table.sizeHint().height()
    widget.show_table(many)
    assert low < table.sizeHint().height() < 20 * widget.fontMetrics().height()
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert table.currentIndex().row() == 300 and table.currentIndex().data() == "Total"


def block_table(count: int) -> ModelTable:
    """``count`` blocks of two layers each, between a first and a last layer."""
    names = [f"stage.{k}.{layer}" for k in range(count) for layer in ("conv1", "bn1")]
    rows = [ModelRow(name, "Conv2d", (4, 2, 2), 10, 6, 1000) for name in ("first", *names, "last")]
    return ModelTable(tuple(rows), 10 * len(rows), 6 * len(rows), 1000, 10, 2)


def test_blocks_open_and_close_by_key_and_have_sums(qtbot):
    widget = shown(qtbot, ModelSummaryView())
    widget.show_table(block_table(30))
    table = widget.findChildren(QTreeView)[0]
    layers = table.model()
    assert [layers.index(row, 0).data() for row in range(layers.rowCount())] == ["first", "stage", "last", "Total"]
    stage = layers.index(1, 0)
    sums = [layers.index(1, column).data() for column in range(1, 6)]
    assert sums == ["60 layers", "4×2×2", "600", "360", "60 kB"]
    assert [layers.index(3, column).data() for column in range(1, 6)] == ["62 layers", "", "620", "372", "1 kB"]
    assert not table.isExpanded(stage)
    table.setFocus()
    table.setCurrentIndex(stage)
    low = table.sizeHint().height()
    qtbot.keyClick(table, Qt.Key.Key_Right)
    assert table.isExpanded(stage) and table.sizeHint().height() > low
    assert layers.index(7, 0, stage).data() == "7"
    assert layers.index(0, 0, layers.index(7, 0, stage)).data() == "conv1"
    assert "stage.7.conv1" in layers.index(0, 0, layers.index(7, 0, stage)).data(Qt.ItemDataRole.ToolTipRole)
    qtbot.keyClick(table, Qt.Key.Key_Left)
    assert not table.isExpanded(stage)


def test_few_layers_are_open_and_a_block_with_one_block_is_one_with_it(qtbot):
    widget = shown(qtbot, ModelSummaryView())
    rows = tuple(ModelRow(name, "Linear", (3,), 9) for name in ("", "a.b.c.x", "a.b.c.y", "a.b.c", "z"))
    widget.show_table(ModelTable(rows, 45, 45, 180, 12))
    table = widget.findChildren(QTreeView)[0]
    layers = table.model()
    names = [layers.index(row, 0).data() for row in range(layers.rowCount())]
    assert names == ["(itself)", "a.b.c", "z", "Total"]
    block = layers.index(1, 0)
    assert table.isExpanded(block)
    assert [layers.index(row, 0, block).data() for row in range(3)] == ["x", "y", "(itself)"]


def test_a_wide_window_shows_every_column(qtbot):
    widget = shown(qtbot, ModelSummaryView(), width=150)
    widget.show_table(block_table(3))
    button = next(b for b in widget.findChildren(QPushButton) if b.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    narrow, wide = widget.findChildren(QTreeView)
    assert narrow.isColumnHidden(4) and not any(wide.isColumnHidden(column) for column in range(6))
    assert wide.isVisible() and wide.model() is narrow.model()
    wide.window().close()


def test_the_type_goes_where_there_is_no_room(qtbot):
    widget = shown(qtbot, ModelSummaryView(), width=400)
    widget.show_table(model_table(SPEC))
    table = widget.findChildren(QTreeView)[0]
    assert not table.isColumnHidden(1)
    widget.resize(150, 300)
    qtbot.waitUntil(lambda: table.isColumnHidden(1))
    widget.resize(400, 300)
    qtbot.waitUntil(lambda: not table.isColumnHidden(1))


# --- The plane --------------------------------------------------------------------------------------------------


def test_the_title_says_the_epoch(qtbot):
    view = shown(qtbot, BoundaryView())
    assert "appear here" in view.hint
    view.set_data(plane_of(40))
    assert "Press Train" in view.hint
    boundary = boundary_of(np.zeros((4, 4)), np.ones((4, 4)))
    view.set_boundary(boundary, "before the first step")
    assert (view.title, view.hint) == ("Decision regions before the first step", "")
    view.set_boundary(boundary, "after epoch 12")
    assert view.title == "Decision regions after epoch 12"
    view.clear_boundary()
    assert view.title == "Decision regions"
    assert "Press Train" in view.hint


def test_the_points_of_a_class_share_one_symbol(qtbot):
    """A symbol for each took 0.25 s for 2000 points, at each change of colours or data, and was kept."""
    view = shown(qtbot, BoundaryView())
    view.set_data(plane_of(200))
    for scatter in (view._plane._training, view._plane._validation):
        assert 0 < len(scatter.fragmentAtlas) <= 2


def test_the_surer_the_more_opaque():
    labels = np.array([[0, 1], [1, 9]])
    made = shades(boundary_of(labels, np.array([[0.5, 0.75], [1.0, 1.0]])), classes=2)
    assert made[0, 0, 3] < made[0, 1, 3] < made[1, 0, 3]
    assert QColor(*made[1, 0, :3].tolist()) == QColor(CLASS_COLOURS[1])
    assert tuple(made[1, 1, :3]) == tuple(made[1, 0, :3])  # the tenth class shares a colour, but has a shape of its own
    assert len(set(SHAPES)) == 10


def test_the_first_row_is_at_the_bottom(qtbot):
    view = shown(qtbot, BoundaryView(), width=400)
    view.resize(400, 400)
    view.set_data(plane_of(4))
    view.set_boundary(boundary_of(np.array([[0, 0], [1, 1]]), np.ones((2, 2))), "after epoch 1")
    plane = view._plane
    box = plane.getPlotItem().getViewBox()

    def seen(x: float, y: float) -> QColor:
        place = box.mapViewToScene(QPointF(x, y)).toPoint()
        return plane.grab().toImage().pixelColor(place)

    view._plane.draw_points(None, view._colours, 1.0)
    qtbot.waitUntil(lambda: box.viewRect().contains(QPointF(1.9, 0.9)))
    low, high = seen(1.9, -0.9), seen(1.9, 0.9)
    assert low.hue() == pytest.approx(QColor(CLASS_COLOURS[0]).hue(), abs=3)
    assert high.hue() == pytest.approx(QColor(CLASS_COLOURS[1]).hue(), abs=3)


def test_regions_go_with_their_examples(qtbot):
    view = shown(qtbot, BoundaryView())
    view.set_data(plane_of(40))
    view.set_boundary(boundary_of(np.zeros((4, 4)), np.ones((4, 4))), "after epoch 3")
    view.set_data(plane_of(40))
    assert view.title.endswith("epoch 3")
    view.set_data(plane_of(60))
    assert view.title == "Decision regions"
    view.set_data(summary_of((3, 3), (1, 1)))
    assert "appear here" in view.hint


def test_while_held_the_examples_are_those_of_the_run(qtbot):
    view = shown(qtbot, BoundaryView())
    view.set_data(plane_of(40))
    view.hold(True)
    view.set_boundary(boundary_of(np.zeros((4, 4)), np.ones((4, 4))), "after epoch 3")
    view.set_data(plane_of(60))
    assert view.title.endswith("epoch 3")
    view.hold(False)
    assert view.title == "Decision regions"


@pytest.mark.parametrize(("count", "classes"), [(1, 1), (2, 2), (2000, 10)])
def test_any_number_of_points(qtbot, count, classes):
    view = shown(qtbot, BoundaryView())
    view.set_data(plane_of(count, classes))
    view.set_boundary(boundary_of(np.zeros((96, 96)), np.full((96, 96), 1 / classes)), "after epoch 1")
    assert not view.grab().isNull()


def test_a_double_click_shows_everything_again(qtbot):
    view = shown(qtbot, BoundaryView())
    view.set_data(plane_of(40))
    box = view._plane.getPlotItem().getViewBox()
    everything = box.viewRect()
    box.scaleBy((0.1, 0.1))
    assert box.viewRect().width() < 0.5 * everything.width()
    qtbot.mouseDClick(view._plane.viewport(), Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(view._plane.viewport(), Qt.MouseButton.LeftButton)  # else Qt takes it as still held
    assert box.viewRect().width() == pytest.approx(everything.width(), rel=0.05)
