"""Inspecting a network: figures, the pictures behind each of them, mending labels, and training again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.use.made import trained
from tests.views.use.made import LONG, shown_page
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.inspection.confusion import Confusion
from workbench.engine.pictures.corrections import CorrectionsFile
from workbench.views.use.inspect_tab import InspectTab
from workbench.views.use.matrix_view import MatrixView
from workbench.views.use.use_page import UsePage


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Class folders of 20 pictures of three digits each; one of the ones lies with the zeros."""
    folder, digits = tmp_path_factory.mktemp("pictures"), Digits().load()
    for label in range(3):
        (folder / f"digit {label}").mkdir()
        for number, index in enumerate(np.flatnonzero(digits.labels == label)[:20]):
            Image.fromarray(np.asarray(digits.inputs[index, 0])).save(folder / f"digit {label}" / f"{number:02}.png")
    (folder / "digit 1" / "00.png").rename(folder / "digit 0" / "a one.png")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    source = {"kind": "folder", "folder": str(pictures), "size": 8, "colour": "gray"}
    edits = {"data__source": source, "augmentations": [], "regularization": [], "loop__epochs": 4}
    return trained(tmp_path_factory.mktemp("runs"), **edits)


@pytest.fixture
def page(qtbot: QtBot, workbench_home: Path, run: Path) -> Iterator[UsePage]:
    with shown_page(qtbot, workbench_home) as shown:
        shown.tabs.setCurrentWidget(shown.inspect)
        shown.network.take([run])
        qtbot.waitUntil(lambda: shown.desk.slot.network is not None, timeout=LONG)
        yield shown


def inspect(page: UsePage, qtbot: QtBot, folder: Path | None = None) -> InspectTab:
    tab = page.inspect
    if folder is not None:
        tab.choose_folder(folder)
    with qtbot.waitSignal(tab.desk.inspected, timeout=LONG):
        QTest.mouseClick(tab.bar.start_button, Qt.MouseButton.LeftButton)
    return tab


def shown(tab: InspectTab) -> list[int]:
    return tab.examples.view.thumbnails.shown.tolist()


def test_every_figure_opens_its_pictures(page: UsePage, qtbot: QtBot, pictures: Path) -> None:
    tab = inspect(page, qtbot, pictures)
    found = tab.desk.found
    assert found is not None
    judged = found.judged
    assert len(judged.labels) == 60 and "60 examples right" in tab.words.text()
    assert shown(tab) == judged.worst.tolist()
    tab.matrix.setFocus()
    tab.matrix.cell = (0, 0)
    QTest.keyClick(tab.matrix, Qt.Key.Key_Down)
    QTest.keyClick(tab.matrix, Qt.Key.Key_Return)
    assert shown(tab) == judged.of_cell(1, 0).tolist()
    QTest.mouseClick(tab.matrix, Qt.MouseButton.LeftButton, pos=tab.matrix.place_of(2, 2).center().toPoint())
    assert shown(tab) == judged.of_cell(2, 2).tolist() and len(shown(tab)) > 0
    assert tab.examples.words.text().startswith("digit 2, recognised")
    tab.tabs.setCurrentIndex(2)
    tab.classes.chosen.emit(int(tab.classes.topLevelItem(0).data(0, Qt.ItemDataRole.UserRole + 1)))
    assert len(shown(tab)) in judged.confusion.true.tolist()
    tab.tabs.setCurrentIndex(3)
    QTest.mouseClick(tab.reliability, Qt.MouseButton.LeftButton, pos=tab.reliability.places()[-1].center().toPoint())
    assert shown(tab) == judged.of_bin(tab.reliability.bins[-1]).tolist()
    tab.tabs.setCurrentIndex(4)
    tab.counts.setFocus()
    QTest.keyClick(tab.counts, Qt.Key.Key_Right)
    QTest.keyClick(tab.counts, Qt.Key.Key_Space)
    assert shown(tab) == judged.of_class(tab.counts.classes[1]).tolist()
    tab.examples.list.setCurrentIndex(2)
    tab.examples.list.activated.emit(2)
    assert shown(tab) == judged.most_uncertain.tolist()


def test_a_wrong_label_is_found_mended_and_undone(page: UsePage, qtbot: QtBot, pictures: Path) -> None:
    tab = inspect(page, qtbot, pictures)
    found = tab.desk.found
    assert found is not None
    row = next(n for n, each in enumerate(shown(tab)) if found.catalogue.names[each].endswith("a one.png"))
    assert row < 4  # among the worst mistakes
    view = tab.examples.view
    view.setCurrentIndex(view.thumbnails.index(row))
    assert view.thumbnails.lines(shown(tab)[row])[1] == "is digit 0"
    with qtbot.waitSignal(tab.desk.written, timeout=LONG):
        QTest.keyClick(view, Qt.Key.Key_2)
    assert dict(CorrectionsFile(pictures).read().relabelled) == {"digit 0/a one.png": "digit 1"}
    assert view.thumbnails.lines(shown(tab)[row])[1] != "is digit 0"
    with qtbot.waitSignal(tab.desk.written, timeout=LONG):
        QTest.mouseClick(tab.examples.edits.undo, Qt.MouseButton.LeftButton)
    assert not CorrectionsFile(pictures).read()
    assert view.thumbnails.lines(shown(tab)[row])[1] == "is digit 0"
    assert not tab.examples.train_button.isEnabled()
    assert "train on other data" in tab.examples.train_button.toolTip()


def test_pictures_are_decoded_when_they_become_visible(page: UsePage, qtbot: QtBot, pictures: Path) -> None:
    tab = inspect(page, qtbot, pictures)
    tab.open_class(1)
    model = tab.examples.view.thumbnails
    qtbot.waitUntil(lambda: model.picture(shown(tab)[0]) is not None, timeout=LONG)


def test_own_examples_a_temperature_and_the_order(page: UsePage, qtbot: QtBot) -> None:
    tab = inspect(page, qtbot)
    assert "validation examples of" in tab.words.text() and tab.has_temperature.isEnabled()
    before = tab.temperature_words.text()
    tab.has_temperature.setChecked(True)
    assert "at the temperature" in tab.temperature_words.text() != before
    tab.is_sorted.setChecked(True)
    tab.figures.setCurrentIndex(1)
    tab.figures.activated.emit(1)
    assert tab.matrix.shows_rates and tab.desk.found is not None
    assert sorted(tab.matrix._order.tolist()) == [0, 1, 2]


def test_of_other_than_validation_examples_no_temperature_is_fitted(
    page: UsePage, qtbot: QtBot, pictures: Path
) -> None:
    tab = inspect(page, qtbot, pictures)
    assert not tab.has_temperature.isEnabled() and "validation" in tab.has_temperature.toolTip()


def test_the_figures_go_with_their_network(page: UsePage, qtbot: QtBot, run: Path, tmp_path: Path) -> None:
    """Another network is chosen, or the same is refused."""

    def is_empty() -> bool:
        edits = [tab.examples.edits.relabel, tab.examples.edits.leave_out, tab.examples.explain_button]
        assert not any(each.isEnabled() for each in edits)
        figures = [tab.matrix.names, tab.reliability.places(), tab.counts.places(), shown(tab)]
        counts = [tab.pairs.topLevelItemCount(), tab.classes.topLevelItemCount()]
        return not any(map(len, figures)) and not any(counts) and tab.desk.found is None

    other = shutil.copytree(run, tmp_path / "other")
    tab = inspect(page, qtbot)
    tab.open_class(0)
    assert tab.matrix.names and tab.counts.places() and shown(tab)
    page.network.take([other])
    assert is_empty() and run.name not in tab.words.text()
    qtbot.waitUntil(lambda: page.desk.slot.network is not None and not page.desk.slot.is_loading, timeout=LONG)
    inspect(page, qtbot)
    for file in other.glob("*.safetensors"):
        file.unlink()
    with qtbot.waitSignal(tab.desk.request.failed, timeout=LONG):
        QTest.mouseClick(tab.bar.start_button, Qt.MouseButton.LeftButton)
    assert is_empty() and "has kept no weights yet" in tab.words.text()


@pytest.mark.parametrize("count", [2, 40, 1000])
def test_the_matrix_is_painted_for_any_number_of_classes(qtbot: QtBot, count: int) -> None:
    view = MatrixView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    counts = np.diag(np.full(count, 9))
    counts[1, 0] = 3
    view.show_confusion(Confusion(counts), tuple(f"class {n}" for n in range(count)), np.arange(count))
    with qtbot.waitExposed(view):
        view.show()
    area = view.area().toRect()
    image = view.grab().toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(area.left(), area.left() + area.width(), 1)
        for y in (area.top() + 1, area.top() + 2, area.top() + area.height() // 2)
    }
    assert len(colours) > 2
    with qtbot.waitSignal(view.chosen) as blocker:
        view.open(1, 0)
    assert blocker.args == [1, 0] and "taken for class 0: 3 of 12" in view.accessibleDescription()


def test_a_pixel_of_many_cells_opens_the_one_with_the_most_examples(qtbot: QtBot) -> None:
    view = MatrixView()
    qtbot.addWidget(view)
    view.resize(300, 300)
    counts = np.zeros((1000, 1000), np.int64)
    counts[501, 3] = 7
    view.show_confusion(Confusion(counts), tuple(map(str, range(1000))), np.arange(1000))
    with qtbot.waitSignal(view.chosen) as blocker:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place_of(500, 2).topLeft().toPoint())
    assert blocker.args[0] in range(497, 505)
