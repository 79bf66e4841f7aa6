"""The page of use, clicked through: a network is chosen, pictures are given, a folder becomes a table."""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.use.made import digit_files, trained
from tests.engine.weights.files import as_zip, network, write
from tests.views.dragging import dropping, files
from tests.views.use.made import LONG, shown_page
from workbench.engine.core.progress import finished
from workbench.engine.use.disagree import Disagreement, Disagreements
from workbench.engine.use.network import used_network
from workbench.engine.use.predict import predicting
from workbench.views.use import camera
from workbench.views.use.pixels import pixels_of
from workbench.views.use.use_page import UsePage


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return digit_files(tmp_path_factory.mktemp("digits"), 6)


@pytest.fixture
def page(qtbot: QtBot, workbench_home: Path) -> Iterator[UsePage]:
    with shown_page(qtbot, workbench_home) as shown:
        yield shown


def use(page: UsePage, qtbot: QtBot, *paths: Path) -> None:
    page.network.take(paths)
    qtbot.waitUntil(lambda: page.desk.slot.network is not None and not page.desk.slot.is_loading, timeout=LONG)


def test_without_a_run_it_says_what_to_do(page: UsePage) -> None:
    assert "No run has been trained in this window yet" in page.network.words.text()
    assert page.folder.bar.start_button.isEnabled() is False and "No run" in page.folder.bar.start_button.toolTip()


def test_dropped_pictures_are_answered_one_by_one(page: UsePage, qtbot: QtBot, run: Path, digits: list[Path]) -> None:
    use(page, qtbot, run)
    with qtbot.waitSignal(page.desk.answered, timeout=LONG) as blocker:
        page.take_dropped(digits[:2])
    answer = blocker.args[0]
    used = used_network([run])
    logs = finished(predicting(used, used.read(digits[0])[0][None]))[0]
    assert page.pictures.answer.bars.rows[0] == (used.classes[logs.argmax()], pytest.approx(np.exp(logs.max())))
    assert answer.seen.shape == (8, 8, 1) and "8×8 gray" in page.pictures.answer.words.text()
    assert "(1 of 2)" in page.pictures.words.text()
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        QTest.mouseClick(page.pictures.next_button, Qt.MouseButton.LeftButton)
    assert "001.png (2 of 2)" in page.pictures.words.text()
    for button, name in (
        (page.pictures.next_button, "000.png (1 of 2)"),
        (page.pictures.back_button, "001.png (2 of 2)"),
    ):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert name in page.pictures.words.text(), "behind the last comes the first"


def test_a_file_takes_the_place_of_the_canvas_until_drawing_again(
    page: UsePage, qtbot: QtBot, run: Path, digits: list[Path], tmp_path: Path
) -> None:
    use(page, qtbot, run)
    tab, (file, *_) = page.pictures, digits
    labelled = tmp_path / "3" / file.name  # in a folder with the name of a class
    labelled.parent.mkdir()
    shutil.copyfile(file, labelled)
    assert tab.canvas.isVisible() and not tab.draw_button.isEnabled()
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        page.take_dropped([labelled])
    assert tab.given.isVisible() and not tab.canvas.isVisible() and not tab.answer.given_column.isVisible()
    assert page.desk.picture_words == f"{file.name}, class 3 (its folder)" == page.explain.picture_words.text()
    QTest.mouseClick(tab.draw_button, Qt.MouseButton.LeftButton)
    assert tab.canvas.isVisible() and not page.desk.has_picture and page.explain.picture_words.text() == ""
    QTest.mouseClick(tab.canvas, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        pass
    assert tab.answer.given_column.isVisible() and page.desk.picture_words == "Drawn"
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        page.take_dropped([file])
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):  # what was drawn is still there
        QTest.mouseClick(tab.draw_button, Qt.MouseButton.LeftButton)
    assert page.desk.picture_words == "Drawn"


def test_a_picture_that_cannot_be_read_says_why(page: UsePage, qtbot: QtBot, run: Path, tmp_path: Path) -> None:
    use(page, qtbot, run)
    (tmp_path / "empty.png").touch()
    with qtbot.waitSignal(page.desk.refused, timeout=LONG):
        page.take_dropped([tmp_path / "empty.png"])
    assert page.pictures.answer.words.text() == "empty.png cannot be used: not a picture in a known format: empty."
    assert page.pictures.answer.bars.rows == ()


def test_the_clipboard_gives_pictures_and_files(page: UsePage, qtbot: QtBot, run: Path, digits: list[Path]) -> None:
    use(page, qtbot, run)
    image = QImage(20, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    QGuiApplication.clipboard().setImage(image)
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        QTest.mouseClick(page.pictures.paste_button, Qt.MouseButton.LeftButton)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(digits[2]))])
    QGuiApplication.clipboard().setMimeData(data)
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        QTest.keySequence(page, "Ctrl+V")
    assert page.pictures.words.text() == "002.png"
    QGuiApplication.clipboard().setText("no picture")
    page.pictures.paste()
    assert page.pictures.words.text().startswith("There is no picture in the clipboard")


def test_an_empty_clipboard_says_so(page: UsePage) -> None:
    QGuiApplication.clipboard().clear()
    assert QGuiApplication.clipboard().mimeData() is None  # as Qt has it for a desktop on which nothing was copied
    QTest.mouseClick(page.pictures.paste_button, Qt.MouseButton.LeftButton)
    assert page.pictures.words.text().startswith("There is no picture in the clipboard")


def test_an_empty_canvas_leaves_a_picture_alone(page: UsePage, qtbot: QtBot, run: Path, digits: list[Path]) -> None:
    use(page, qtbot, run)
    assert page.pictures.answer.words.text().startswith("Give a picture")
    with qtbot.waitSignal(page.desk.answered, timeout=LONG) as blocker:
        page.take_dropped(digits[:1])
    with qtbot.waitSignal(page.pictures.canvas.drawn, timeout=LONG):
        page.pictures.canvas.set_dark(not page.pictures.canvas.is_dark)
    assert page.desk.has_picture and page.pictures.answer.bars.rows
    page.pictures.answer.show_answer(replace(blocker.args[0], seconds=0.0996))
    assert page.pictures.answer.words.text().endswith(" 100 ms for a picture.")


def test_a_drawing_is_predicted_and_undone(page: UsePage, qtbot: QtBot, run: Path) -> None:
    use(page, qtbot, run)
    canvas = page.pictures.canvas
    assert canvas.is_dark  # as most of the digits is
    assert canvas.line_width == 0.2  # more than a pixel of eight
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() // 2, 40))
        QTest.mouseMove(canvas, QPoint(canvas.width() // 2, canvas.height() - 40))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton)
    drawn = pixels_of(canvas.image())
    assert drawn[140, 140].tolist() == [255, 255, 255] and drawn[140, 20].tolist() == [0, 0, 0]
    page.pictures.ink.setCurrentIndex(2)
    page.pictures.ink.activated.emit(2)
    assert pixels_of(canvas.image())[140, 140].tolist() == [0, 0, 0]
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    assert canvas.is_empty
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert not canvas.is_empty
    with qtbot.waitSignal(canvas.drawn, timeout=LONG):
        QTest.mouseClick(page.pictures.clear_button, Qt.MouseButton.LeftButton)
    assert page.pictures.answer.words.text() == "Nothing is drawn."


def test_a_line_width_that_was_chosen_stays_with_another_network(page: UsePage, qtbot: QtBot, run: Path) -> None:
    use(page, qtbot, run)
    slider = page.pictures.width_slider
    assert slider.value() == 20
    page.desk.slot.renewed.emit()
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    page.desk.slot.renewed.emit()
    assert slider.value() == 21 and page.pictures.canvas.line_width == 0.21


def test_both_answers_are_below_a_picture_with_their_own_probabilities(page: UsePage, digits: list[Path]) -> None:
    page.compare._on_compared(Disagreements((Disagreement(digits[0], "cat", 0.9, "dog", 0.6),), 3, 1))
    assert [tuple(text.split()) for text in page.compare.model.captions[0]] == [("cat", "90", "%"), ("dog", "60", "%")]
    assert "about 1 of 3 pictures. 1 file could not be read." in page.compare.words.text()


def test_the_camera_is_offered_where_it_is_missing(page: UsePage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "is_available", lambda: False)
    QTest.mouseClick(page.pictures.camera_button, Qt.MouseButton.LeftButton)
    assert page.pictures.words.text() == camera.MISSING and not page.pictures.camera_button.isChecked()


def test_a_camera_whose_libraries_are_missing_says_which(page: UsePage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "is_available", lambda: True)
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
    QTest.mouseClick(page.pictures.camera_button, Qt.MouseButton.LeftButton)
    assert page.pictures.words.text().startswith("The camera cannot be used: ") and not page.pictures.camera.is_on


def test_a_dropped_folder_becomes_a_table(
    page: UsePage, qtbot: QtBot, run: Path, digits: list[Path], tmp_path: Path
) -> None:
    use(page, qtbot, run)
    page.take_dropped([digits[0].parent])
    assert page.tabs.currentWidget() is page.folder and page.folder.bar.start_button.isEnabled()
    with qtbot.waitSignal(page.desk.written, timeout=LONG):
        page.folder.begin(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as stream:
        assert [Path(row["path"]) for row in csv.DictReader(stream)] == digits
    assert "6 pictures predicted" in page.folder.words.text()
    (tmp_path / "none").mkdir()
    page.folder.take([tmp_path / "none"])
    with qtbot.waitSignal(page.desk.written, timeout=LONG):
        page.folder.begin(tmp_path / "other.csv")
    assert "There are no pictures here" in page.folder.words.text() and not (tmp_path / "other.csv").exists()


def test_two_networks_are_compared(page: UsePage, qtbot: QtBot, run: Path, digits: list[Path], tmp_path: Path) -> None:
    use(page, qtbot, run)
    other = trained(tmp_path, loop__seed=5)
    page.tabs.setCurrentWidget(page.compare)
    page.compare.other.take([other])
    page.take_dropped([digits[0].parent])
    qtbot.waitUntil(page.compare.bar.start_button.isEnabled, timeout=LONG)
    with qtbot.waitSignal(page.desk.compared, timeout=LONG) as blocker:
        QTest.mouseClick(page.compare.bar.start_button, Qt.MouseButton.LeftButton)
    one, two = used_network([run]), used_network([other])
    answers = [[int(net.logs([net.read(file)[0][None]]).argmax()) for file in digits] for net in (one, two)]
    differing = sum(a != b for a, b in zip(*answers, strict=True))
    assert len(blocker.args[0].pictures) == differing == page.compare.model.rowCount()
    assert f"disagree about {differing} of 6 pictures" in page.compare.words.text()


def test_a_dropped_run_is_used(page: UsePage, qtbot: QtBot, run: Path) -> None:
    page.take_dropped([run])
    qtbot.waitUntil(lambda: page.desk.slot.network is not None, timeout=LONG)
    assert page.network.box_of_choices.currentText() == run.name
    assert "10 classes" in page.network.words.text()


def test_the_classes_of_weights_that_name_none_can_be_named(page: UsePage, qtbot: QtBot, tmp_path: Path) -> None:
    file = write(tmp_path, as_zip(network(2, 4).state_dict()))
    use(page, qtbot, file)
    assert page.network.names_button.isVisible() and "its outputs are numbered" in page.network.words.text()
    (tmp_path / "names.txt").write_text("ant\nbee\ncat\ndog")
    with qtbot.waitSignal(page.desk.slot.renewed, timeout=LONG):
        page.network.name_classes(tmp_path / "names.txt")
    assert page.desk.slot.network is not None and page.desk.slot.network.classes == ("ant", "bee", "cat", "dog")
    page.network.name_classes(tmp_path / "other.txt")
    qtbot.waitUntil(lambda: not page.desk.slot.is_loading, timeout=LONG)
    assert "other.txt" in page.network.words.text()


def test_a_network_that_cannot_be_used_says_why(page: UsePage, qtbot: QtBot, run: Path, tmp_path: Path) -> None:
    young = shutil.copytree(run, tmp_path / "young", ignore=shutil.ignore_patterns("*.safetensors"))
    page.network.take([young])
    qtbot.waitUntil(lambda: not page.desk.slot.is_loading, timeout=LONG)
    assert (
        page.network.words.text()
        == "young has kept no weights yet: a run keeps its first some seconds after its first evaluation."
    )
    assert page.desk.slot.network is None


def test_what_is_dropped_on_the_window_goes_to_the_page_that_is_shown(
    open_window, qtbot: QtBot, run: Path, digits: list[Path]
) -> None:
    window = open_window()
    pages, target = window.workspace.pages, window.workspace.own_data.target
    data = files(digits[:1])
    pages.show_page("use")
    page = pages.page("use")
    use(page, qtbot, run)
    with qtbot.waitSignal(page.desk.answered, timeout=LONG):
        target.dropEvent(dropping(QPoint(5, 5), data))
    assert not window.workspace.services.opening.is_busy
    assert page.drop_words(digits[:1])[0] == "Drop “000.png” here for the network"
