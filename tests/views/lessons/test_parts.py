"""The parts of the page by themselves: typed numbers, the bar of a band, names of curves, the place of the notes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.engine.lessons.band import Band
from workbench.engine.lessons.picture import Line, Panel, Picture, Table, line
from workbench.engine.lessons.play import Finding
from workbench.views.lessons.band_bar import BandBar, shown_range
from workbench.views.lessons.curve_names import NamedEnd, spread
from workbench.views.lessons.curves import Curves, thinned
from workbench.views.lessons.large_words import LargeWords
from workbench.views.lessons.notes_window import place_for_notes
from workbench.views.lessons.panel_tabs import PanelTabs
from workbench.views.lessons.picture_view import PictureView
from workbench.views.lessons.scene_number import SceneNumber
from workbench.views.plots.loss_picture import LossPicture


class Screen:
    """A screen, as far as a place for a window matters."""

    def __init__(self, left: int) -> None:
        self._area = QRect(left, 0, 1920, 1080)

    def availableGeometry(self) -> QRect:
        return self._area


def typed(number: SceneNumber, digits: str) -> list[int]:
    found: list[int] = []
    number.chosen.connect(found.append)
    for digit in digits:
        number.press(int(digit))
    return found


@pytest.mark.parametrize(
    ("digits", "found"), [("7", [7]), ("12", [12]), ("07", [7]), ("3", [3]), ("1", []), ("0", []), ("29", [29])]
)
def test_digits_are_complete_as_soon_as_no_longer_number_begins_so(digits: str, found: list[int]) -> None:
    number = SceneNumber()
    number.numbers = (1, 7, 12, 16, 29)
    assert typed(number, digits) == found


def test_a_number_that_could_go_on_is_complete_after_a_while(qtbot: QtBot) -> None:
    number = SceneNumber()
    number.numbers = (1, 12)
    number._timer.setInterval(10)
    with qtbot.waitSignal(number.chosen) as chosen:
        number.press(1)
    assert chosen.args == [1]


def test_the_notes_are_on_the_other_screen_if_there_is_one() -> None:
    here, there = Screen(0), Screen(1920)
    assert there.availableGeometry().contains(place_for_notes([here, there], here))
    assert here.availableGeometry().contains(place_for_notes([here, there], there))
    alone = place_for_notes([here], here)
    assert here.availableGeometry().contains(alone) and alone.width() < 1920 / 2
    assert place_for_notes([here], here, bar=24).bottom() == alone.bottom() - 24


@pytest.mark.parametrize(
    ("band", "value", "inside"),
    [
        (Band(low=0.95, high=1.05), 1.0, True),
        (Band(low=0.95, high=1.05), 1.2, True),
        (Band(low=0.95, high=1.05), 40.0, False),
        (Band(low=90.0), 120.0, True),
        (Band(high=0.0), -0.5, True),
        (Band(low=1.0, high=1.0), math.nan, False),
    ],
)
def test_the_bar_has_the_whole_band_and_the_number_if_it_is_near(band: Band, value: float, inside: bool) -> None:
    low, top = shown_range(band, value)
    assert low < top
    assert all(low < end < top for end in (band.low, band.high) if end is not None)
    assert (low <= value <= top) == inside


def test_names_do_not_overlap_and_stay_in_their_area() -> None:
    named = [NamedEnd(name, QColor(), at, 20.0) for name, at in (("a", 10.0), ("b", 12.0), ("c", 95.0))]
    tops = spread(named, 0.0, 100.0)
    assert tops == [0.0, 20.0, 80.0]


def test_a_long_curve_keeps_its_peaks() -> None:
    x = np.arange(10_000.0)
    y = np.zeros(10_000)
    y[1234], y[8765] = 5.0, -3.0
    thin_x, thin_y = thinned(x, y, 100)
    assert len(thin_x) <= 200
    assert thin_y.max() == 5.0 and thin_y.min() == -3.0
    assert thin_x[thin_y.argmax()] == 1234


def curves(qtbot: QtBot, panel: Panel, band: Band | None = None) -> Curves:
    view = Curves(panel, band)
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.show()
    return view


def test_a_logarithmic_panel_has_its_powers_as_range(qtbot: QtBot) -> None:
    view = curves(qtbot, Panel("P", "x", "y", (line("a", [1, 10, 100], [1e-3, 1, 1e3]),), log_x=True, log_y=True))
    assert view.x_range == (0.0, 2.0)
    assert view.y_range[0] < -3 < 3 < view.y_range[1]
    assert float(view.ys(np.array(0.0))) == pytest.approx(view.area().center().y(), abs=1)


def drawn_lengths(view: Curves, y: float) -> list[int]:
    """The lengths in pixels of what is drawn in colour along a horizontal curve, but for that at either end."""
    image, row = view.grab().toImage(), round(float(view.ys(np.array(y))))
    columns = range(round(view.area().left()), round(view.area().right()))
    strength = [max(image.pixelColor(column, row + by).saturation() for by in (-1, 0, 1)) for column in columns]
    drawn = "".join("#" if each > 240 else " " for each in strength)
    return [len(part) for part in drawn.split()[1:-1]] or [len(drawn.strip())]


def test_a_long_curve_has_no_seams_and_its_dashes_go_on(qtbot: QtBot) -> None:
    """It is drawn in pieces; each would begin with a whole dash."""
    x = np.linspace(0, 1, 600)
    view = curves(qtbot, Panel("P", "x", "y", (line("a", x, 0 * x), line("b", x, 0 * x + 1))))
    assert drawn_lengths(view, 0.0)[0] > 0.98 * view.area().width()
    dashes = drawn_lengths(view, 1.0)
    assert len(dashes) > 10 and max(dashes) - min(dashes) <= 2


def test_a_curve_behind_one_with_marks_is_not_filled(qtbot: QtBot) -> None:
    few = (line("a", [0, 1, 2], [0.0, 0.0, 1.0]), line("b", [0, 1, 2], [0.1, 0.1, 0.9]))
    view = curves(qtbot, Panel("P", "x", "y", few))
    at = (round(float(pixel)) for pixel in (view.xs(np.array(1.0)), view.ys(np.array(0.3))))
    assert view.grab().toImage().pixelColor(*at).saturation() < 50


def test_the_band_is_drawn_where_the_axis_is_the_measured_number(qtbot: QtBot) -> None:
    def ground(is_measured: bool) -> QColor:
        panel = Panel("P", "x", "y", (line("", [0, 1], [0.0, 4.0]),), is_measured=is_measured)
        view = curves(qtbot, panel, Band(low=2.0, high=3.0))
        at = view.area().left() + 4, float(view.ys(np.array(2.5)))
        return view.grab().toImage().pixelColor(*map(round, at))

    assert ground(True) != ground(False)


def test_a_curve_beside_dots_is_a_line_and_no_area(qtbot: QtBot) -> None:
    """A mark is painted before the curve, which must not be filled as the mark is."""
    hill = line("", [0, 1, 2], [0.0, 4.0, 0.0])

    def inside(*more: Line) -> QColor:
        view = curves(qtbot, Panel("P", "x", "y", (hill, *more)))
        middle = float(view.xs(np.array(1.0))), float(view.ys(np.array(1.3)))
        return view.grab().toImage().pixelColor(*map(round, middle))

    assert inside(line("", [0.0], [0.0], "dots")) == inside()


def test_panels_come_and_go_with_the_picture_and_the_table_has_its_texts(qtbot: QtBot) -> None:
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    one = Panel("One", "x", "y", (line("a", [0, 1], [0, 1]),))
    two = Panel("Two", "x", "y", (line("b", [0, 1], [1, 0]),))
    view.show_picture(Picture((one, two), Table(("Rule", "Updates"), (("SGD", "12"),))), None)
    assert [panel.title for panel in view.panels] == ["One", "Two"]
    assert [cell.text() for cell in view.table._cells] == ["Rule", "Updates", "SGD", "12"]
    view.show_picture(Picture((two,)), None)
    assert [panel.title for panel in view.panels] == ["Two"] and not view.table.isVisible()
    view.show_picture(None, None)
    assert not view.panels and view._empty.isVisible()


_LONG = tuple(f"Momentum with the best of its rates, number {k}" for k in range(1, 6))


def _many(lines_of_text: float) -> Curves:
    panel = Panel("P", "x", "Height", tuple(line(name, [0, 1], [0, k]) for k, name in enumerate(_LONG)))
    view = Curves(panel, None)
    view.resize(28 * view.fontMetrics().height(), round(lines_of_text * view.fontMetrics().height()))
    return view


def test_names_stand_below_the_curves_where_they_have_no_room_beside_them(qtbot: QtBot) -> None:
    tall, low, flat = _many(20), _many(13.5), _many(7)
    for view in (tall, low, flat):
        qtbot.addWidget(view)
    assert not tall._rows_below() and tall.area().right() < 0.7 * tall.width()
    rows = low._rows_below()
    assert rows and low.area().right() > 0.9 * low.width()
    assert low.area().bottom() + (2 + rows) * low.fontMetrics().height() <= low.height()
    widths = [low.fontMetrics().horizontalAdvance(name) for name in _LONG]
    for (row, left), wide in zip(low._places_below(), widths, strict=True):
        assert row < rows and left + low._sample() + wide < low.width()
    assert not flat._rows_below()  # nothing would be left of the curves


def test_a_low_panel_gives_the_lines_of_its_captions_to_the_curves(qtbot: QtBot) -> None:
    """And at its least height names and curves stay below its title."""

    def shown(lines_of_text: float) -> Curves:
        view = _many(lines_of_text)
        qtbot.addWidget(view)
        return view

    high, low, least = shown(9), shown(7), shown(6.5)
    line = high.fontMetrics().height()
    assert high._captions() == (1, 1) and low._captions() == (0, 0)
    assert low.area().top() < high.area().top() - 0.9 * line
    assert low.height() - low.area().bottom() < 1.5 * line < high.height() - high.area().bottom()
    assert least.height() <= least.minimumSizeHint().height() + 1
    assert least.area().height() > 3.5 * line
    named = least._named(least._room_of_names(), least.area().height())
    assert 0 < sum(each.high for each in named) <= least.area().height()


def test_names_below_curves_without_captions_are_right_below_the_numbers_of_the_axis(qtbot: QtBot) -> None:
    view = curves(qtbot, Panel("P", "x", "y", tuple(line(f"Name {k}", [0, 1], [0, k]) for k in range(5))))
    _sized(view, 40, 7)
    assert view._captions() == (0, 0) and view._rows_below() == 1
    image, high = view.grab().toImage(), view.fontMetrics().height()
    row = range(round(view.area().bottom() + 1.1 * high), round(view.area().bottom() + 1.9 * high))
    columns = range(view.width() // 2)
    assert row.stop < view.height()
    assert any(image.pixelColor(column, y).saturation() > 150 for y in row for column in columns)


def test_a_caption_that_is_wider_than_its_axis_is_moved_and_not_cut(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    caption = "Random passes that are averaged"
    view = curves(qtbot, Panel("P", caption, "y", (line("The average of all passes", [0, 1], [0, 1]),)))
    metrics = view.fontMetrics()
    view.resize(metrics.horizontalAdvance(caption) + 3 * metrics.height(), 20 * metrics.height())
    assert metrics.horizontalAdvance(caption) > view.area().width()
    drawn: list[tuple[str, float, float]] = []

    class Painter:
        def setPen(self, _colour: QColor) -> None:
            pass

        def drawText(self, room: QRectF, _flags: Qt.AlignmentFlag, words: str) -> None:
            drawn.append((words, room.left(), room.right()))

    view._paint_captions(Painter())  # type: ignore[arg-type]
    words, left, right = drawn[-1]
    assert words == caption and left >= 0 and right <= view.width()
    assert right - left >= metrics.horizontalAdvance(caption)


def _two_panels() -> Picture:
    titles = ("Loss, mean of 20 steps", "Validation accuracy")
    return Picture(tuple(Panel(title, "x", "y", (line("a", [0, 1], [0, 1]),)) for title in titles))


def _sized(view: QWidget, wide: float, high: float) -> None:
    """Give ``view`` a size in lines of text."""
    view.resize(round(wide * view.fontMetrics().height()), round(high * view.fontMetrics().height()))


def test_panels_that_would_be_too_low_below_each_other_are_tabs(qtbot: QtBot) -> None:
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    view.show_picture(_two_panels(), None)
    first, second = view.panels
    _sized(view, 17, 20)
    assert not view.tabs.isVisible() and first.isVisible() and second.isVisible()
    assert first.geometry().bottom() < second.geometry().top()
    assert view.minimumSizeHint().height() <= 11 * view.fontMetrics().height(), "it can become as low as one panel"
    _sized(view, 17, 11)
    assert view.minimumSizeHint().height() <= view.height() == round(11 * view.fontMetrics().height())
    assert view.tabs.isVisible() and first.isVisible() and not second.isVisible()
    assert [view.tabs.tabText(place) for place in (0, 1)] == ["Loss", "Validation accuracy"]
    QTest.mouseClick(view.tabs, Qt.MouseButton.LeftButton, pos=view.tabs.tabRect(1).center())
    assert second.isVisible() and not first.isVisible()
    view.show_picture(_two_panels(), None)
    assert view.tabs.currentIndex() == 1 and view.panels[1].isVisible(), "the same scene, measured further"
    _sized(view, 40, 11)
    assert not view.tabs.isVisible() and first.isVisible() and second.isVisible()
    assert first.geometry().right() < second.geometry().left()
    _sized(view, 17, 11)
    view.show_picture(Picture(_two_panels().panels[:1]), None)
    assert not view.tabs.isVisible() and view.panels[0].isVisible()


def test_panels_are_arranged_for_the_size_that_showing_the_tabs_has_brought(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A widget that becomes visible has the layouts around it activated, which may resize the view within that call."""
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    view.show_picture(_two_panels(), None)
    _sized(view, 17, 20)
    show = view.tabs.setVisible

    def show_resized(visible: bool) -> None:
        if visible:
            _sized(view, 17, 20)
        show(visible)

    monkeypatch.setattr(view.tabs, "setVisible", show_resized)
    _sized(view, 17, 11)
    assert view.height() == 20 * view.fontMetrics().height()
    assert not view.tabs.isVisible() and all(panel.isVisible() for panel in view.panels)


def test_a_layout_that_goes_with_the_tabs_is_not_arranged_for_ever(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    view.show_picture(_two_panels(), None)
    _sized(view, 17, 20)
    show, calls = view.tabs.setVisible, list[bool]()

    def show_resized(visible: bool) -> None:
        calls.append(visible)
        if len(calls) < 20:
            _sized(view, 17, 20 if visible else 11)
        show(visible)

    monkeypatch.setattr(view.tabs, "setVisible", show_resized)
    _sized(view, 17, 11)
    assert len(calls) == 4
    assert [panel.isVisible() for panel in view.panels] == [True, not view.tabs.isVisible()]


def test_tabs_without_room_are_cut_the_longest_one_first(qtbot: QtBot) -> None:
    tabs = PanelTabs()
    qtbot.addWidget(tabs)
    tabs.show_titles(["Activations of all hidden layers in the first step", "Loss"])
    whole = tabs.fontMetrics().horizontalAdvance("Loss") + 2 * tabs.fontMetrics().height()
    tabs.resize(6 * whole, tabs.sizeHint().height())
    tabs.show()
    long, short = tabs.tabRect(0), tabs.tabRect(1)
    assert short.width() == tabs.tabSizeHint(1).width() > tabs.fontMetrics().horizontalAdvance("Loss")
    assert short.right() < tabs.width() and long.width() + short.width() > 0.95 * tabs.width()


def test_large_words_of_too_many_lines_are_one_step_smaller(qtbot: QtBot) -> None:
    words = LargeWords(1.35, bold=True)
    qtbot.addWidget(words)
    words.setText("Does it still need dropout? " * 3)
    one_line = QFontMetrics(words.font()).horizontalAdvance(words.text())
    words.resize(round(0.7 * one_line), 100)
    words.show()
    size = words.font().pointSizeF()
    words.set_most_lines(2)
    assert words.font().pointSizeF() == size, "two lines are not too many"
    words.resize(round(0.4 * one_line), 100)
    assert words.font().pointSizeF() == pytest.approx(0.85 * size) and words.font().bold()
    words.setText("Does it?")
    assert words.font().pointSizeF() == size
    words.setText("Does it still need dropout? " * 3)
    words.set_most_lines(0)
    assert words.font().pointSizeF() == size


def test_a_low_bar_leaves_out_the_numbers_of_its_band(qtbot: QtBot) -> None:
    bar = BandBar()
    qtbot.addWidget(bar)
    bar.show_finding(Finding(1.0, "1.00", Band(low=0.95, high=1.05), True, "It holds."))

    def below(height: int) -> QImage:
        bar.resize(bar.sizeHint().width(), height)
        top = round(1.2 * bar.fontMetrics().height())
        return bar.grab().toImage().copy(0, top, bar.width(), max(1, height - top))

    def has_ink(image: QImage) -> bool:
        ground = image.pixelColor(0, image.height() - 1)
        places = ((x, y) for x in range(image.width()) for y in range(image.height()))
        return any(image.pixelColor(*place) != ground for place in places)

    assert has_ink(below(bar.sizeHint().height()))
    assert bar.minimumSizeHint().height() < 2 * bar.fontMetrics().height()
    assert not has_ink(below(bar.minimumSizeHint().height()))


def test_words_of_heights_are_beside_them_where_they_would_leave_them_little_room(qtbot: QtBot) -> None:
    view = LossPicture()
    qtbot.addWidget(view)
    places = np.linspace(-1.0, 1.0, 9)
    view.show_ground("Loss", "Loss of 512 fixed examples. " * 4, places, places, np.ones((9, 9)), np.zeros((2, 2)))
    image = QImage(10, 10, QImage.Format.Format_RGB32)

    def room(wide: float, high: float) -> QRectF:
        _sized(view, wide, high)
        painter = QPainter(image)
        found = view._paint_words(painter, QRectF(view.rect()))
        painter.end()
        return found

    low, high = room(20, 10), room(20, 30)
    assert low.height() == view.fontMetrics().height() * 10 and low.width() < 0.6 * high.width()
    assert high.width() == view.width() and high.height() < view.height()


def test_a_title_that_says_what_the_axis_is_stands_for_its_label(qtbot: QtBot) -> None:
    lines = (line("a", [0, 1], [0, 1]),)
    said = curves(qtbot, Panel("Height above the lowest point", "x", "Height", lines))
    other = curves(qtbot, Panel("Largest eigenvalue", "x", "Sharpness", lines))
    assert said.area().top() < other.area().top() - 0.9 * other.fontMetrics().height()


def test_a_picture_is_copied_and_saved_from_its_menu(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    view = PictureView("Nothing yet.")
    view.file_name = "scene-9"
    qtbot.addWidget(view)
    view.show()
    view.show_picture(Picture((Panel("One", "x", "y", (line("a", [0, 1], [0.5, 2]),)),)), None)
    told, asked = [], []
    view.picture_menu.told.connect(lambda words, tone: told.append((words, tone)))

    def answer(chosen: str, path: Path) -> None:
        monkeypatch.setattr("workbench.views.plots.picture_menu.ask", lambda menu, _: menu.deleteLater() or chosen)
        monkeypatch.setattr(
            "workbench.views.plots.picture_menu.ask_path", lambda _, suffix, at: asked.append((suffix, at.name)) or path
        )
        view.picture_menu.open_at(QPoint(5, 5))

    answer(".csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines() == ["panel,curve,x,y", "One,a,0,0.5", "One,a,1,2"]
    answer(".png", tmp_path / "a.png")
    assert QImage(str(tmp_path / "a.png")).width() == 2 * view.width()
    assert asked == [(".csv", "scene-9"), (".png", "scene-9")]
    assert [tone for _, tone in told] == ["info", "info"]
    answer(".png", tmp_path / "missing" / "a.png")
    assert told[-1][1] == "error" and "a.png" in told[-1][0]
    QGuiApplication.clipboard().clear()
    answer("copy", Path())
    assert QGuiApplication.clipboard().image().width() == 2 * view.width()
