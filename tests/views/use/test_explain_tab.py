"""The tab Explain, clicked through: maps, filters, activations, neighbours, what is refused, and what is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from tests.engine.use.made import digit_files, trained
from tests.views.use.made import LONG, shown_page
from workbench.engine.core.progress import finished
from workbench.engine.explain.explainer import Explainer
from workbench.engine.explain.explanation import explaining
from workbench.engine.explain.question import Question, method_of
from workbench.engine.use.network import used_network
from workbench.views.use.explain_tab import ExplainTab
from workbench.views.use.use_page import UsePage

_CNN = {"kind": "small_cnn", "channels": [6, 8]}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"), model=_CNN, loop__epochs=3)


@pytest.fixture(scope="module")
def mlp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return digit_files(tmp_path_factory.mktemp("digits"), 4)


@pytest.fixture
def page(qtbot: QtBot, workbench_home: Path) -> Iterator[UsePage]:
    with shown_page(qtbot, workbench_home) as shown:
        shown.tabs.setCurrentWidget(shown.explain)
        yield shown


def use(page: UsePage, qtbot: QtBot, *paths: Path) -> ExplainTab:
    page.network.take(paths)
    qtbot.waitUntil(lambda: page.desk.slot.network is not None and not page.desk.slot.is_loading, timeout=LONG)
    return page.explain


def give(page: UsePage, qtbot: QtBot, picture: Path) -> None:
    with qtbot.waitSignal(page.explain.desk.map.answered, timeout=LONG):
        page.take_dropped([picture])


def choose(box: QComboBox, text: str) -> None:
    """As by hand."""
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def test_without_a_network_or_a_picture_it_says_what_to_do(page: UsePage, qtbot: QtBot, run: Path) -> None:
    maps = page.explain.maps
    assert "No run has been trained in this window yet" in maps.words.text()
    assert not maps.save_button.isEnabled() and not maps.stop_button.isVisible()
    assert maps.limits.isVisible() and "not what speaks for the class" in maps.methods.toolTip()
    page.resize(1200, 420)
    qtbot.waitUntil(lambda: not maps.limits.isVisible(), timeout=LONG)
    use(page, qtbot, run)
    qtbot.waitUntil(lambda: maps.words.text().startswith("Give a picture: open, paste or draw one"), timeout=LONG)


def test_the_map_of_the_picture_is_that_of_the_engine(
    page: UsePage, qtbot: QtBot, run: Path, digits: list[Path]
) -> None:
    tab = use(page, qtbot, run)
    give(page, qtbot, digits[1])
    assert page.tabs.currentWidget() is tab  # a picture that is dropped here is explained here
    made = finished(explaining(Explainer(used_network([run])), digits[1], Question(method_of("gradient", {}))))
    found = tab.desk.map.value
    assert np.array_equal(found.map, made.map) and np.array_equal(found.shuffled, made.shuffled)
    assert tab.maps.verdict.text() == made.verdict and "the likeliest class" in tab.maps.words.text()
    assert tab.maps.trained.scale.words[0] == "0" and "logit per unit" in tab.maps.trained.scale.accessibleName()
    with qtbot.waitSignal(tab.desk.map.answered, timeout=LONG):
        choose(tab.maps.classes, "7")
    assert tab.desk.map.value.class_number == 7 and tab.maps.words.text().startswith("Input gradient for 7")
    give(page, qtbot, digits[2])
    assert tab.desk.map.value.class_number == 7  # what was chosen stays chosen


def test_the_layer_of_grad_cam_and_the_square_of_occlusion_are_chosen(
    page: UsePage, qtbot: QtBot, run: Path, digits: list[Path]
) -> None:
    tab = use(page, qtbot, run)
    give(page, qtbot, digits[1])
    assert not tab.maps.layers.isVisible()
    with qtbot.waitSignal(tab.desk.map.answered, timeout=LONG):
        choose(tab.maps.methods, "Grad-CAM")
    assert tab.maps.layers.isVisible() and tab.desk.map.value.layer == "conv2_pool"
    with qtbot.waitSignal(tab.desk.map.answered, timeout=LONG):
        choose(tab.maps.layers, "conv1_act (ReLU): 6 channels of 8×8")
    assert tab.desk.map.value.map.shape == (8, 8)
    with qtbot.waitSignal(tab.desk.map.answered, timeout=LONG):
        choose(tab.maps.methods, "Occlusion")
    before, field = tab.desk.map.value, tab.maps.fields.fields["side"]
    assert field.text() == "0.2" and tab.maps.trained.scale.words[1] == "0"
    field.setFocus()
    field.selectAll()
    with qtbot.waitSignal(tab.desk.map.answered, timeout=LONG):
        QTest.keyClicks(field, "0.5")
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert tab.desk.map.value.method.side == 0.5 and not np.array_equal(tab.desk.map.value.map, before.map)
    with qtbot.waitSignal(tab.maps.refused, timeout=LONG):
        field.selectAll()
        QTest.keyClicks(field, "9")
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert "0.5" in tab.words.text()


def test_what_cannot_be_explained_is_said_in_words(
    page: UsePage, qtbot: QtBot, mlp: Path, digits: list[Path], tmp_path: Path
) -> None:
    tab = use(page, qtbot, mlp)
    give(page, qtbot, digits[1])
    with qtbot.waitSignal(tab.desk.map.failed, timeout=LONG):
        choose(tab.maps.methods, "Grad-CAM")
    assert tab.maps.words.text().startswith("Grad-CAM needs a layer whose outputs lie on a grid of places")
    assert tab.maps.trained.picture.is_empty and not tab.maps.copy_button.isEnabled()
    (tmp_path / "empty.png").touch()
    with qtbot.waitSignal(tab.desk.map.failed, timeout=LONG):
        page.take_dropped([tmp_path / "empty.png"])
    assert tab.maps.words.text().startswith("empty.png cannot be used: not a picture")


def test_a_drawing_is_explained_and_taken_back(page: UsePage, qtbot: QtBot, run: Path) -> None:
    tab = use(page, qtbot, run)
    page.tabs.setCurrentWidget(page.pictures)
    canvas = page.pictures.canvas
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() // 2, 40))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() // 2, 120))
    assert tab.desk.map.value is None  # nothing is computed that is not in sight
    with qtbot.waitSignal(tab.desk.map.answered, timeout=LONG):
        page.tabs.setCurrentWidget(tab)
    assert not tab.maps.trained.picture.is_empty
    page.pictures.clear_button.click()
    qtbot.waitUntil(lambda: tab.maps.words.text().startswith("Give a picture"), timeout=LONG)
    assert tab.maps.trained.picture.is_empty and tab.desk.map.value is None


def test_the_maps_are_saved_and_copied(
    page: UsePage, qtbot: QtBot, run: Path, digits: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = use(page, qtbot, run)
    give(page, qtbot, digits[0])
    asked = (str(tmp_path / "map.png"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments: asked)
    QTest.mouseClick(tab.maps.save_button, Qt.MouseButton.LeftButton)
    first = QImage(asked[0])
    assert first.width() == 2 * tab.maps.pair.width()
    tab.maps.opacity.setValue(0)
    QTest.mouseClick(tab.maps.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == first.size() and copied != first  # the slider is seen
    asked = (str(tmp_path / "no" / "map.png"), "")
    with qtbot.waitSignal(tab.maps.refused):
        QTest.mouseClick(tab.maps.save_button, Qt.MouseButton.LeftButton)
    assert "could not be written" in tab.words.text()


def test_filters_need_no_picture_and_channels_are_paged(
    page: UsePage, qtbot: QtBot, run: Path, mlp: Path, digits: list[Path]
) -> None:
    tab = use(page, qtbot, run)
    with qtbot.waitSignal(tab.desk.filters.answered, timeout=LONG):
        tab.tabs.setCurrentIndex(1)
    assert tab.filters.grid.count == 6 and tab.filters.words.text() == "conv1 (Conv2d): 6 filters of 3×3 over 1 channel"
    tab.filters.grid.setFocus()
    QTest.keyClick(tab.filters.grid, Qt.Key.Key_Right)
    QTest.keyClick(tab.filters.grid, Qt.Key.Key_Return)
    assert tab.filters.large_words.text().startswith("conv1 2: from ")
    with qtbot.waitSignal(tab.desk.channels.answered, timeout=LONG):
        page.take_dropped([digits[1]])
        tab.tabs.setCurrentIndex(2)
    with qtbot.waitSignal(tab.desk.channels.answered, timeout=LONG):
        choose(tab.layer, "conv2 (Conv2d): 8 channels of 4×4")
    grid = tab.channels.grid
    assert grid.count == 8 and "of 8 channels are 0 everywhere" in tab.channels.words.text()
    grid.setFixedSize(2 * grid.least_side, 2 * grid.least_side)  # room for one
    qtbot.waitUntil(lambda: tab.channels.page_words.text() == "1 to 1 of 8", timeout=LONG)
    QTest.keyClick(grid, Qt.Key.Key_PageDown)
    tab.channels.next_button.click()
    assert grid.shown == range(2, 3) and tab.channels.page_words.text() == "3 to 3 of 8"
    grid.setFixedSize(3 * grid.least_side, 2 * grid.least_side)  # two: what was in sight stays there
    qtbot.waitUntil(lambda: grid.shown == range(2, 4), timeout=LONG)
    tab.channels.back_button.click()
    assert grid.shown == range(2) and not tab.channels.back_button.isEnabled()
    use(page, qtbot, mlp)  # with other layers
    qtbot.waitUntil(lambda: tab.layer.currentText() == "flatten (Flatten): 64 values", timeout=LONG)
    assert tab.words.text() == ""


def test_the_nearest_training_pictures_are_found_and_opened(
    page: UsePage, qtbot: QtBot, run: Path, digits: list[Path]
) -> None:
    tab = use(page, qtbot, run)
    give(page, qtbot, digits[3])
    tab.tabs.setCurrentIndex(3)
    pane = tab.neighbours
    assert pane.words.text().startswith("The features of all training pictures are computed once")
    with qtbot.waitSignal(tab.desk.nearest.answered, timeout=LONG):
        QTest.mouseClick(pane.bar.start_button, Qt.MouseButton.LeftButton)
    assert len(pane.model.shown) == 24 and pane.words.text().startswith("The nearest of 200 training pictures")
    assert not pane.bar.start_button.isVisible()
    assert pane.model.captions[0][0] == "3"
    with qtbot.waitSignal(tab.desk.nearest.answered, timeout=LONG):  # at once: the features are there
        page.take_dropped([digits[0]])
    assert pane.model.captions[0][0] == "0"
    pane.view.setFocus()
    pane.view.setCurrentIndex(pane.model.index(0))
    with qtbot.waitSignal(tab.desk.nearest.answered, timeout=LONG):
        QTest.mouseClick(pane.open_button, Qt.MouseButton.LeftButton)
    assert page.pictures.words.text().endswith(" of the training pictures, class 0")
    assert tab.picture_words.text() == page.pictures.words.text()
    assert pane.model.captions[0] == ("0", "right", "distance 0")  # itself


def test_the_networks_of_an_average_are_explained_one_by_one(
    page: UsePage, qtbot: QtBot, run: Path, mlp: Path, digits: list[Path]
) -> None:
    tab = use(page, qtbot, run, mlp)
    give(page, qtbot, digits[1])
    assert tab.member.isVisible() and tab.member.count() == 2
    first = tab.desk.map.value
    with qtbot.waitSignal(tab.desk.map.answered, timeout=LONG):
        choose(tab.member, tab.member.itemText(1))
    assert tab.desk.map.value.network != first.network and not np.array_equal(tab.desk.map.value.map, first.map)


def test_an_inspected_picture_is_explained(page: UsePage, qtbot: QtBot, run: Path) -> None:
    tab = use(page, qtbot, run)
    page.tabs.setCurrentWidget(page.inspect)
    with qtbot.waitSignal(page.inspect.desk.inspected, timeout=LONG):
        QTest.mouseClick(page.inspect.bar.start_button, Qt.MouseButton.LeftButton)
    examples = page.inspect.examples
    assert not examples.explain_button.isEnabled()
    page.inspect.open_class(0)
    examples.view.setCurrentIndex(examples.model.index(1))
    with qtbot.waitSignal(tab.desk.map.answered, timeout=LONG):
        QTest.mouseClick(examples.explain_button, Qt.MouseButton.LeftButton)
    assert page.tabs.currentWidget() is tab
    assert tab.picture_words.text().endswith(" of the inspected examples, class 0")
    assert tab.picture_words.toolTip() and page.pictures.words.text() == tab.picture_words.text()
    found = page.inspect.desk.catalogue
    assert found is not None and found.pictures is not None
    pixels = found.pictures[found.rows[examples.model.example(1)]][0].astype(float)
    drawn = tab.desk.map.value.seen[:, :, 0].astype(float)
    assert np.allclose(drawn / 255, (pixels - pixels.min()) / np.ptp(pixels), atol=0.01)
