"""The painted figures of an inspection and the canvas, given numbers by hand: what is shown, opened, sorted, drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.evaluation.evaluation_data import EvaluationExamples
from workbench.engine.inspection.by_class import by_class
from workbench.engine.inspection.calibration import calibration
from workbench.engine.inspection.confusion import Confusion
from workbench.engine.inspection.examples import catalogue_of
from workbench.engine.inspection.judged import Judged
from workbench.engine.report.svg.colours import LIGHT
from workbench.views.use.canvas import Canvas
from workbench.views.use.choosable import ticks
from workbench.views.use.count_plot import CountPlot
from workbench.views.use.examples_pane import JudgedModel
from workbench.views.use.figures_table import ClassFigures
from workbench.views.use.matrix_view import MatrixView, _picture, _strongest
from workbench.views.use.reliability_plot import ReliabilityPlot

_Key, _LEFT = Qt.Key, Qt.MouseButton.LeftButton
_SHIFT = Qt.KeyboardModifier.ShiftModifier
NAMES = ("ant", "bee", "cat")
#: One row per class; there are no cats.
COUNTS = np.array([[8, 2, 0], [1, 3, 1], [0, 0, 0]])


def judged() -> Judged:
    """Four pictures, of which the second is taken for a bee and is an ant."""
    dataset = Dataset(np.zeros((4, 1, 4, 4), np.uint8), np.array([0, 0, 1, 1]), NAMES, files=("a", "b", "c", "d"))
    shares = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1]])
    examples = EvaluationExamples(dataset, np.arange(4), "")
    return Judged("net", examples, np.log(shares).astype(np.float32), np.array([9, 5, 7]))


def shown(qtbot: QtBot, widget: Any, width: int = 400, height: int = 400) -> Any:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


# --- the matrix ------------------------------------------------------------------------------------------------------


def test_a_cell_opens_its_classes_in_whatever_order_they_are_shown(qtbot: QtBot) -> None:
    view = shown(qtbot, MatrixView())
    opened: list[tuple[int, int]] = []
    view.chosen.connect(lambda true, answer: opened.append((true, answer)))
    view.show_confusion(Confusion(COUNTS), NAMES, np.array([2, 0, 1]))
    assert view.words(1, 2).startswith("ant taken for bee: 2 of 10 (")
    assert view.words(1, 1).startswith("ant recognised: 8 of 10 (") and view.words(0, 1) == "cat: no examples"
    QTest.mouseClick(view, _LEFT, pos=view.place_of(1, 2).center().toPoint())
    for key in (_Key.Key_Down, _Key.Key_Right, _Key.Key_Return):  # from the last column and row the first follow
        QTest.keyClick(view, key)
    assert opened == [(0, 1), (1, 2)]


def test_of_many_cells_in_a_pixel_the_one_with_the_most_examples_is_opened(qtbot: QtBot) -> None:
    view = shown(qtbot, MatrixView(), 300, 300)
    counts = np.zeros((1000, 1000), np.int64)
    counts[501, 3], counts[500, 2] = 7, 1
    view.show_confusion(Confusion(counts), tuple(map(str, range(1000))), np.arange(1000))
    area = view.area()
    side = area.width() / 1000
    assert view._cell_at(QPointF(area.left() + 2.5 * side, area.top() + 500.5 * side)) == (501, 3)
    assert view._cell_at(QPointF(area.left() - 1, area.top() + 1)) is None


def test_a_pixel_has_the_strongest_colour_of_its_cells() -> None:
    counts = np.zeros((4, 4), np.int64)
    counts[0, 0], counts[1, 0] = 9, 9  # of the first two classes one is always right, and one never
    counts[2, 2], counts[3, 3] = 9, 9
    found = _picture(Confusion(counts), LIGHT, 2)
    assert found.shape == (2, 2, 3)
    blue, red = (QColor(name).getRgb()[:3] for name in (LIGHT.train, LIGHT.val))
    assert tuple(found[1, 1]) == blue and tuple(found[0, 0]) == red
    counts[1, 0], counts[1, 1], counts[0, 0], counts[0, 1] = 0, 1, 9, 0
    assert tuple(_picture(Confusion(counts), LIGHT, 2)[0, 0]) == blue
    counts[1, 1] = 0
    assert tuple(_picture(Confusion(counts), LIGHT, 2)[0, 0]) == blue, "the last class of a pixel does not decide"
    values = np.arange(9, dtype=np.float32).reshape(3, 3)
    assert _strongest(values, 2).tolist() == [[4, 5], [7, 8]]


def test_figures_become_smaller_before_they_are_left_out(qtbot: QtBot) -> None:
    """Of ten classes in large letters on a low page: without them a colour has to be guessed."""
    view = shown(qtbot, MatrixView(), 520, 290)
    letters = view.font()
    letters.setPixelSize(22)
    view.setFont(letters)
    counts = np.diag(np.full(10, 36))
    counts[1, 0] = 3
    view.show_confusion(Confusion(counts), tuple(map(str, range(10))), np.arange(10))
    font, side = view.figures_font(), view.place_of(0, 0).width()
    assert font is not None and 9 <= font.pixelSize() < view.fontInfo().pixelSize()
    assert QFontMetrics(font).horizontalAdvance("36") < side and QFontMetrics(font).height() < 1.2 * side
    inside = view.place_of(1, 0).adjusted(2, 2, -2, -2).toRect()
    image = view.grab(inside).toImage()
    assert len({image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}) > 2
    view.resize(1200, 1000)
    assert view.figures_font().pixelSize() == view.fontInfo().pixelSize()
    view.resize(180, 150)
    assert view.figures_font() is None


# --- figures by class, and the pictures behind them ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "first"), [(Qt.SortOrder.AscendingOrder, ["bee", "ant"]), (Qt.SortOrder.DescendingOrder, ["ant", "bee"])]
)
def test_what_is_not_defined_is_sorted_last_in_either_order(
    qtbot: QtBot, order: Qt.SortOrder, first: list[str]
) -> None:
    """There are no cats, and ten ants, so that text would come first."""
    table = ClassFigures()
    qtbot.addWidget(table)
    table.show_figures(by_class(Confusion(COUNTS)), NAMES)
    table.sortByColumn(2, order)
    assert [table.topLevelItem(row).text(0) for row in range(3)] == [*first, "cat"]
    table.sortByColumn(1, order)
    numbers = [int(table.topLevelItem(row).text(1)) for row in range(3)]
    assert numbers == sorted(numbers, reverse=order is Qt.SortOrder.DescendingOrder)
    table.sortByColumn(0, order)
    names = [table.topLevelItem(row).text(0) for row in range(3)]
    assert names == sorted(names, reverse=order is Qt.SortOrder.DescendingOrder)


def test_an_answer_is_right_if_it_is_the_label_that_was_corrected() -> None:
    model = JudgedModel()
    model.judged, model.found = judged(), catalogue_of(judged())
    assert [model.lines(example)[1] for example in (0, 1)] == ["right", "is ant"]
    model.found = model.found.relabelled([0, 1], "bee")
    assert [model.lines(example)[1] for example in (0, 1)] == ["is bee", "right"]
    model.found = model.found.leaving_out([1], True)
    assert model.lines(1)[1] == "left out"


def test_only_classes_that_have_examples_are_among_the_dots(qtbot: QtBot) -> None:
    plot = shown(qtbot, CountPlot())
    plot.show_judged(judged())
    assert plot.classes == [1, 0] and len(plot.places()) == 2
    assert plot.words(0).startswith("bee: 100.0") and plot.words(0).endswith("5 training examples")


def test_a_bar_says_its_own_confidence_where_bins_are_empty(qtbot: QtBot) -> None:
    plot = shown(qtbot, ReliabilityPlot())
    plot.show_calibration(calibration(np.array([0.5, 0.95, 0.95]), np.array([True, True, False])))
    assert len(plot.bins) == len(plot.places()) == 2
    said = [plot.words(number).replace("\N{NO-BREAK SPACE}", " ") for number in (0, 1)]
    assert said[0].startswith("Confidence 47 % to 53 %: 1 examples, 100.0 % right")
    assert said[1].startswith("Confidence 93 % to 100 %: 2 examples, 50.0 % right")


def test_a_low_axis_has_its_ends_alone() -> None:
    assert ticks(10.0, 51.0) == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert ticks(10.0, 50.0) == (0.0, 1.0)


def test_a_click_far_from_every_part_opens_nothing(qtbot: QtBot) -> None:
    plot = shown(qtbot, ReliabilityPlot())
    plot.show_calibration(calibration(np.array([0.5, 0.95]), np.array([True, True])))
    opened: list[int] = []
    plot.chosen.connect(opened.append)
    bar = plot.places()[1]
    QTest.mouseClick(plot, _LEFT, pos=QPoint(2, 2))
    assert opened == [] and plot.current == -1
    QTest.mouseClick(plot, _LEFT, pos=QPoint(round(bar.center().x()), round(bar.top() - 3)))
    assert opened == [1], "near is enough for a thin bar"


# --- the canvas ------------------------------------------------------------------------------------------------------


def test_keys_draw_one_line_until_the_pen_is_lifted(qtbot: QtBot) -> None:
    canvas = shown(qtbot, Canvas())
    for _ in range(3):
        QTest.keyClick(canvas, _Key.Key_Right, _SHIFT)
    QTest.keyClick(canvas, _Key.Key_Down)
    for _ in range(2):
        QTest.keyClick(canvas, _Key.Key_Right, _SHIFT)
    assert [len(points) for _, points in canvas._lines] == [4, 3]
    QTest.keyClick(canvas, _Key.Key_Backspace)
    assert [len(points) for _, points in canvas._lines] == [4]


def test_the_pen_stays_on_the_canvas(qtbot: QtBot) -> None:
    canvas = shown(qtbot, Canvas())
    for _ in range(40):
        QTest.keyClick(canvas, _Key.Key_Left)
    assert (canvas._pen.x(), canvas._pen.y()) == (0.0, 0.5) and canvas.is_empty


def test_a_mouse_that_is_moved_without_its_button_draws_nothing(qtbot: QtBot) -> None:
    canvas = shown(qtbot, Canvas())
    QTest.mousePress(canvas, _LEFT, pos=QPoint(100, 100))
    QTest.mouseMove(canvas, QPoint(150, 150))
    QTest.mouseRelease(canvas, _LEFT, pos=QPoint(150, 150))
    QTest.mouseMove(canvas, QPoint(200, 50))
    ((width, points),) = canvas._lines
    assert width == canvas.line_width and len(points) == 2
    assert (points[1].x(), points[1].y()) == pytest.approx((150 / 400, 150 / 400))
