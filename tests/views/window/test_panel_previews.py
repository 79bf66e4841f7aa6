"""The previews' widgets: what they say in each state, that they fit, and that they bear odd data."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QTreeView, QWidget

from workbench.engine.core.observed import Boundary
from workbench.engine.report.augmentation_sheet import Sheet, contact_sheet
from workbench.engine.report.data_summary import DataSummary, Points, data_summary
from workbench.engine.report.model_summary import ModelRow, ModelTable, model_table
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.data.augmentation_preview import AugmentationPreview, _Pictures, _resized
from workbench.views.data.summary import DataSummaryView, _ClassBars
from workbench.views.insight.boundary_view import CLASS_COLOURS, SHAPES, BoundaryView, shades
from workbench.views.insight.model_summary import ModelSummaryView
from workbench.views.learning_rate import schedule_preview
from workbench.views.learning_rate.schedule_preview import SchedulePreview, rate_text
from workbench.views.plots.colours import DARK
from workbench.views.widgets.theme import theme

SPEC = ExperimentSpec().edited("augmentations", [{"kind": "rotation"}])


@pytest.fixture(autouse=True)
def _look(qapp: Any) -> Iterator[None]:
    theme().set_mode("light")
    theme().set_large(False)
    qapp.processEvents()
    yield
    theme().set_mode("system")
    theme().set_large(False)


def shown(qtbot: Any, widget: QWidget, width: int = 310) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, max(widget.heightForWidth(width), widget.sizeHint().height()))
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def said(widget: QWidget) -> str:
    """All words that can be seen."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def button(widget: QWidget) -> QPushButton:
    return widget.findChildren(QPushButton)[0]


def lightness(widget: QWidget) -> float:
    """The mean over the widget, 0 to 255."""
    image = widget.grab().toImage()
    places = [(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)]
    return sum(image.pixelColor(x, y).lightness() for x, y in places) / len(places)


def summary_of(train: tuple[int, ...], val: tuple[int, ...], names: tuple[str, ...] = (), **more: Any) -> DataSummary:
    classes = names or tuple(f"class {i + 1}" for i in range(len(train)))
    return DataSummary("Made", sum(train), sum(val), sum(val), classes, train, val, (1, 8, 8), 64_000, **more)


def plane_of(count: int, classes: int = 2) -> DataSummary:
    places = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    labels = np.arange(count, dtype=np.int64) % classes
    points = Points(places, labels, np.arange(count) % 5 == 0)
    train = tuple(int(((labels == i) & ~points.held_back).sum()) for i in range(classes))
    val = tuple(int(((labels == i) & points.held_back).sum()) for i in range(classes))
    return summary_of(train, val, points=points)


def boundary_of(labels: np.ndarray, confidence: np.ndarray) -> Boundary:
    side = len(labels)
    shade = (confidence * 255).round().astype(np.uint8)
    return Boundary(7, (-2.0, 2.0, -1.0, 1.0), side, labels.astype(np.uint8).tobytes(), shade.tobytes())


# --- Schedule ---------------------------------------------------------------------------------------------------


def schedule(kind: dict[str, Any], epochs: int = 40, lr: float = 0.1) -> SchedulePreview:
    widget = SchedulePreview()
    widget.set_spec(SPEC.edited("schedule", kind).edited("loop.epochs", epochs).edited("optimizer.lr", lr))
    return widget


def test_the_plan_is_the_rate_that_training_will_use(qtbot):
    widget = shown(qtbot, schedule({"kind": "step", "every": 2, "gamma": 0.5}, epochs=6))
    widget.set_data(data_summary(SPEC))
    assert widget.steps_per_epoch == 23
    assert widget.total_steps == 6 * 23
    assert [widget.planned(step) for step in (0, 45, 46, 92, 137)] == [0.1, 0.1, 0.05, 0.025, 0.025]
    assert widget.words_at(46) == "Epoch 3 of 6, step 47: 0.05"


@pytest.mark.parametrize(
    ("kind", "log"),
    [
        ({"kind": "constant"}, False),
        ({"kind": "cosine"}, False),
        ({"kind": "cosine", "per": "step"}, False),
        ({"kind": "step", "every": 10}, True),
        ({"kind": "exponential", "a": 0.2}, True),
        ({"kind": "step", "gamma": 0.5, "every": 20}, False),
    ],
)
def test_decades_where_the_rate_falls_far(qtbot, kind, log):
    assert shown(qtbot, schedule(kind)).is_log is log


def test_a_real_rate_far_below_the_plan_turns_to_decades(qtbot):
    widget = shown(qtbot, schedule({"kind": "constant"}))
    widget.set_real(range(100), [0.1] * 50 + [1e-5] * 50)
    widget.set_real([0, 1], [math.nan, math.inf])
    assert not widget.is_log
    steps = np.arange(4000)
    widget.set_real(steps, np.where(steps < 1000, 0.1, 1e-5))
    assert widget.is_log
    assert "0.1 planned, 1e-5 used" in widget.words_at(2000)
    widget.set_real([], [])
    assert "used" not in widget.words_at(2000)


@pytest.mark.parametrize("per", ["epoch", "step"])
@pytest.mark.parametrize(
    ("epochs", "lr"), [(1, 1e-9), (1, 1e7), (1_000_000, 0.1)], ids=["smallest", "largest", "longest"]
)
@pytest.mark.parametrize("kind", ["constant", "step", "exponential", "one_over_t", "cosine"])
def test_every_plan_can_be_drawn(qtbot, kind, epochs, lr, per):
    widget = shown(qtbot, schedule({"kind": kind, "per": per}, epochs, lr))
    widget.set_real([0, 10, 20], [lr, 0.0, lr])
    assert not widget.grab().isNull()


class NoToolTip:
    """The offscreen platform warns of every tooltip that is shown."""

    words: str = ""

    @classmethod
    def showText(cls, place: QPoint, words: str, widget: QWidget) -> None:
        cls.words = words


def test_the_mouse_shows_a_value_and_takes_it_away(qtbot, monkeypatch):
    monkeypatch.setattr(schedule_preview, "QToolTip", NoToolTip)
    widget = shown(qtbot, schedule({"kind": "cosine"}))
    before = widget.grab().toImage()
    place = QPointF(widget.width() / 2, widget.height() / 2)
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    widget.mouseMoveEvent(move)
    assert NoToolTip.words.startswith("<p>Epoch 2")
    assert widget.grab().toImage() != before
    widget.leaveEvent(QEvent(QEvent.Type.Leave))
    assert widget.grab().toImage() == before


def test_the_plan_is_in_words_too(qtbot):
    widget = shown(qtbot, schedule({"kind": "step", "every": 10}))
    assert widget.accessibleDescription() == "The rate starts at 0.1 and ends at 0.0001 after 40 epochs."


def test_rates_are_short():
    assert [rate_text(r) for r in (0.05, 1.0, 1e-6, 1.256e-6, 1e7, 0.0)] == ["0.05", "1", "1e-6", "1.26e-6", "1e7", "0"]


# --- Augmentation -----------------------------------------------------------------------------------------------


def test_a_sheet_with_its_notes(qtbot):
    widget = shown(qtbot, AugmentationPreview())
    assert "Preparing" in said(widget)
    widget.show_sheet(contact_sheet(SPEC, 3, 0))
    assert "epochs 1 to 4" in said(widget)
    assert "Rotation: A 6" in said(widget)
    assert button(widget).isVisibleTo(widget)
    with qtbot.waitSignal(widget.rerolled):
        qtbot.keyClick(button(widget), Qt.Key.Key_Space)


def test_the_share_of_each_class_is_read_at_a_mixed_picture(qtbot):
    widget = shown(qtbot, AugmentationPreview())
    sheet = contact_sheet(ExperimentSpec().edited("augmentations", [{"kind": "mixup", "alpha": 1.0}]), 3, 0)
    widget.show_sheet(sheet)
    widget.resize(310, widget.heightForWidth(310))
    pictures = widget.findChildren(_Pictures)[0]
    qtbot.waitUntil(lambda: pictures.height() == pictures.heightForWidth(pictures.width()))
    assert pictures.words_at(pictures._place(0).center()) == "Class 0, the original"
    assert pictures.words_at(pictures._place(6).center()) == f"Class 4, epoch 1, label {sheet.mixtures[6]}"
    assert "mixed label" in said(widget)
    assert "Mixup: The label is blended" in said(widget)


def test_no_augmentation_and_errors_show_no_pictures(qtbot):
    widget = shown(qtbot, AugmentationPreview())
    for tell in (
        lambda: widget.show_sheet(contact_sheet(ExperimentSpec(), 3, 0)),
        lambda: widget.show_error("There is no folder <b>x</b>."),
    ):
        widget.show_sheet(contact_sheet(SPEC, 3, 0))
        tell()
        assert not widget.findChildren(_Pictures)[0].isVisibleTo(widget)
        assert not button(widget).isVisibleTo(widget)
    assert said(widget) == "There is no folder <b>x</b>."


def test_small_pictures_stay_sharp(qtbot):
    """Two pixels, black and white: enlarged there is nothing between; reduced there is."""
    picture = QImage(bytes([0, 0, 0, 255, 255, 255, 0, 0]), 2, 1, 8, QImage.Format.Format_RGB888)
    enlarged = _resized(picture, picture.size() * 37)
    shades_of = {enlarged.pixelColor(x, 5).value() for x in range(enlarged.width())}
    assert shades_of == {0, 255}
    assert _resized(enlarged, picture.size()).pixelColor(0, 0).value() == 0


def test_the_pictures_are_as_high_as_they_need(qtbot):
    widget = shown(qtbot, AugmentationPreview())
    widget.show_sheet(contact_sheet(SPEC, 3, 0))
    widget.resize(310, widget.heightForWidth(310))
    pictures = widget.findChildren(_Pictures)[0]
    qtbot.waitUntil(lambda: pictures.height() == pictures.heightForWidth(pictures.width()))
    last = pictures._place(14)
    assert pictures.rect().contains(last)
    assert pictures.words_at(last.center()) == "Class 9, epoch 4"
    assert pictures.words_at(pictures._place(0).center()) == "Class 0, the original"
    assert pictures.words_at(QPoint(0, 0)) == ""


@pytest.mark.parametrize("shape", [(1, 1), (512, 512), (4, 512), (512, 4)])
def test_pictures_of_any_shape(qtbot, shape):
    widget = shown(qtbot, AugmentationPreview())
    widget.show_sheet(Sheet(np.full((10, *shape, 3), 200, np.uint8), 5, (0, 1, 2, 3), ("a" * 99, "b"), ()))
    widget.resize(310, widget.heightForWidth(310))
    assert widget.heightForWidth(310) < 700
    assert not widget.grab().isNull()


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


# --- Data -------------------------------------------------------------------------------------------------------


def test_the_numbers_of_the_data(qtbot):
    widget = shown(qtbot, DataSummaryView())
    assert "Reading the data" in said(widget)
    widget.show_summary(data_summary(SPEC))
    assert said(widget) == "1\u202f438 training / 359 validation examples\n10 classes, 8×8 gray, 0.1 MB"
    assert not button(widget).isVisibleTo(widget)


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (summary_of((5, 5), (0, 0)), "No examples are kept"),
        (summary_of((5, 5), (2, 2)), "With only 4 validation examples"),
        (summary_of((50,), (40,)), "only one class"),
        (summary_of((50, 0), (40, 1)), "No training example of the class class 2"),
        (summary_of((50, 50), (40, 40), notes=("2 files are left out.",)), "2 files are left out."),
    ],
)
def test_what_should_be_known_before_the_start(qtbot, summary, words):
    widget = shown(qtbot, DataSummaryView())
    widget.show_summary(summary)
    assert words in said(widget)


def test_an_error_offers_to_try_again(qtbot):
    widget = shown(qtbot, DataSummaryView())
    widget.show_summary(data_summary(SPEC))
    widget.show_error("There is no folder.")
    assert said(widget) == "There is no folder."
    with qtbot.waitSignal(widget.retried):
        qtbot.keyClick(button(widget), Qt.Key.Key_Space)


@pytest.mark.parametrize("classes", [1, 2, 10, 100, 1000])
def test_bars_for_any_number_of_classes(qtbot, classes):
    widget = shown(qtbot, DataSummaryView())
    names = tuple(f"a long <b>name</b> {i}" for i in range(classes))
    widget.show_summary(summary_of(tuple(range(classes)), (1,) * classes, names))
    bars = widget.findChildren(_ClassBars)[0]
    assert not bars.grab().isNull()
    assert bars.words_at(QPoint(0, 5)) == "a long <b>name</b> 0: 0 training, 1 validation"
    assert bars.words_at(QPoint(10_000, 5)) == ""


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


# --- All --------------------------------------------------------------------------------------------------------


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
