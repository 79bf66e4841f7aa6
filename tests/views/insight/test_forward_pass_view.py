"""The view inside one pass: what it says, what it draws, and what clicks and keys ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from workbench.engine.diagnostics.forward_pass import Inside, look_inside
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.related_settings import LINKS, RelatedSettings
from workbench.views.insight.forward_pass_view import ForwardPassView
from workbench.views.widgets.theme import contrast, theme

SPEC = (
    ExperimentSpec()
    .edited("model", {"kind": "small_cnn", "channels": [4], "hidden": [30]})
    .edited(
        "regularization", [{"kind": "dropout", "p": 0.4}, {"kind": "dropconnect"}, {"kind": "fractional_max_pooling"}]
    )
)


@pytest.fixture(autouse=True)
def _look(qapp: Any) -> Iterator[None]:
    theme().set_mode("light")
    theme().set_large(False)
    qapp.processEvents()
    yield
    theme().set_mode("system")
    theme().set_large(False)


@pytest.fixture(scope="module")
def inside() -> Inside:
    return look_inside(SPEC, 2, 1)


def shown(qtbot: Any, inside: Inside, width: int = 310) -> ForwardPassView:
    view = ForwardPassView()
    qtbot.addWidget(view)
    view.show_inside(inside)
    view.resize(width, view.heightForWidth(width))
    with qtbot.waitExposed(view):
        view.show()
    return view


def said(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def share_of(view: ForwardPassView, colour: QColor, left: bool) -> float:
    """The share of one half of the picture that has this colour."""
    image = view.canvas.grab().toImage()
    ratio = image.devicePixelRatio()
    middle = int(view.canvas.width() // 2 * ratio)
    top = int(view.canvas._places(view.canvas.width())[0][0].top() * ratio)
    columns = range(middle) if left else range(middle, image.width())
    places = [(x, y) for x in columns[::2] for y in range(top, image.height(), 2)]
    return sum(image.pixelColor(x, y).rgb() == colour.rgb() for x, y in places) / len(places)


def test_it_says_what_is_shown(qtbot: Any, inside: Inside) -> None:
    view = shown(qtbot, inside)
    words = said(view)
    assert f"Example 3 of {inside.of}, class {inside.classes[inside.label]}, with the initial weights" in words
    assert "Dark and crossed out: dropped" in words
    for layer in inside.layers:
        assert layer.words in view.canvas.accessibleDescription()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_dropped_cells_are_dark_on_the_training_side_only(qtbot: Any, inside: Inside, mode: Any) -> None:
    theme().set_mode(mode)
    view = shown(qtbot, inside)
    drawing = view.canvas._drawings[0]
    dark = drawing.dropped_colour()
    assert share_of(view, dark, left=True) > 0.03
    assert share_of(view, dark, left=False) == 0
    assert contrast(dark.name(), drawing.cross_colour().name()) > 4.5
    assert dark.lightness() < 60


def test_a_click_and_the_button_and_the_keys_roll_again(qtbot: Any, inside: Inside) -> None:
    view = shown(qtbot, inside)
    rolls: list[bool] = []
    steps: list[int] = []
    view.rerolled.connect(lambda: rolls.append(True))
    view.stepped.connect(steps.append)
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(20, 150))
    QTest.mouseClick(view.roll, Qt.MouseButton.LeftButton)
    view.canvas.setFocus()
    QTest.keyClick(view.canvas, Qt.Key.Key_Space)
    assert len(rolls) == 3
    QTest.mouseClick(view.next, Qt.MouseButton.LeftButton)
    QTest.mouseClick(view.previous, Qt.MouseButton.LeftButton)
    QTest.keyClick(view.canvas, Qt.Key.Key_Right)
    QTest.keyClick(view.canvas, Qt.Key.Key_Left)
    assert steps == [1, -1, 1, -1]


def test_nothing_dropped_is_said_in_words(qtbot: Any) -> None:
    view = shown(qtbot, look_inside(ExperimentSpec(), 0, 0))
    assert "Nothing is dropped in this experiment" in said(view)
    assert not view.canvas.isVisible() and not view.roll.isVisible()
    view.show_error("The data set cannot be read.")
    assert "cannot be read" in said(view) and "Nothing is dropped" not in said(view)


def test_the_old_pass_stays_while_a_new_one_is_prepared(qtbot: Any, inside: Inside) -> None:
    view = shown(qtbot, inside)
    view.show_waiting()
    assert view.canvas.isVisible() and "being computed" in said(view)


def test_it_says_whether_it_is_seen(qtbot: Any, inside: Inside) -> None:
    view = ForwardPassView()
    qtbot.addWidget(view)
    seen: list[bool] = []
    view.watched.connect(seen.append)
    view.show()
    view.hide()
    assert seen == [True, False]


def test_a_tooltip_tells_the_side(qtbot: Any, inside: Inside) -> None:
    view = shown(qtbot, inside)
    places = view.canvas._places(view.canvas.width())
    index = next(i for i, layer in enumerate(inside.layers) if layer.kind == "weights")
    middle = places[index][1].center()
    assert view.canvas.words_at(middle).startswith("Training. fc1: ")
    right = QPoint(view.canvas.width() - 10, middle.y())
    assert view.canvas.words_at(right) == "Test. fc1: all weights are used"
    assert view.canvas.words_at(QPoint(5, 2)) == ""


def test_it_fits_a_narrow_column_in_the_large_size(qtbot: Any, inside: Inside) -> None:
    theme().set_large(True)
    view = shown(qtbot, inside, 420)
    assert view.minimumSizeHint().width() <= 420
    for drawing, (label, side) in zip(view.canvas._drawings, view.canvas._places(view.canvas.width()), strict=True):
        assert drawing.height(side.width()) == side.height() > 0
        assert label.bottom() < side.top() and side.right() < view.canvas.width()
    bottoms = [side.bottom() for _, side in view.canvas._places(view.canvas.width())]
    assert bottoms == sorted(bottoms) and view.canvas.heightForWidth(view.canvas.width()) > bottoms[-1]


def test_links_name_their_panel_and_ask_for_a_setting_that_exists(qtbot: Any) -> None:
    links = RelatedSettings()
    qtbot.addWidget(links)
    links.resize(250, links.heightForWidth(250))
    links.show()
    asked: list[str] = []
    links.requested.connect(asked.append)
    for button in links.buttons.values():
        assert button.geometry().right() < 250 and button.geometry().bottom() < links.height()
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
    assert asked == [path for _, _, path in LINKS]
    for _, panel, path in LINKS:
        ExperimentSpec().at(path)
        assert ExperimentSpec().knob_at(path.partition(".")[0]).label == panel
    QApplication.processEvents()


def test_in_the_window_it_follows_the_settings_and_rolls(qtbot: Any, window: Any) -> None:
    workspace = window.workspace
    panels, view = workspace.panels, workspace.previews.drops
    previews = workspace.services.previews
    assert previews.inside is None  # nothing is computed before it is seen
    panels.open("regularization")
    qtbot.waitUntil(lambda: "Nothing is dropped" in said(view), timeout=20_000)
    workspace.services.store.add("regularization", "dropout")
    qtbot.waitUntil(lambda: view.canvas.has_layers, timeout=20_000)
    before = previews.inside.layers[-2].train.kept
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    qtbot.waitUntil(lambda: (previews.inside.layers[-2].train.kept != before).any(), timeout=20_000)
    QTest.mouseClick(view.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: previews.inside.number == 1, timeout=20_000)
    QTest.mouseClick(workspace.previews.related_settings.buttons["loop.patience"], Qt.MouseButton.LeftButton)
    assert panels.panel("loop").is_open and not panels.panel("regularization").is_open
    workspace.services.store.add("regularization", "dropconnect")
    qtbot.wait(400)
    assert all(layer.kind != "weights" for layer in previews.inside.layers)  # not seen, not computed
    panels.open("regularization")
    qtbot.waitUntil(lambda: any(layer.kind == "weights" for layer in previews.inside.layers), timeout=20_000)


def test_a_run_s_weights_are_shown(qtbot: Any, window: Any) -> None:
    workspace = window.workspace
    store, session = workspace.services.store, workspace.services.session
    store.edit("data.examples_per_class", 20)
    store.add("regularization", "dropout")
    store.edit("loop.epochs", 1)
    workspace.panels.open("regularization")
    with qtbot.waitSignal(session.ended, timeout=60_000):
        session.train()
    qtbot.waitUntil(lambda: "last weights that the run saved" in said(workspace.previews.drops), timeout=20_000)
