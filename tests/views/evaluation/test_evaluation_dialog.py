"""Evaluating weights in the window: files are added, dropped and taken away, the figures are the engine's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.weights.files import as_zip, network, write
from tests.views.dragging import dropping, files
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.weights.evaluation import evaluating
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Measured
from workbench.engine.evaluation.evaluation import EvaluationOptions, evaluate
from workbench.engine.evaluation.results import (
    FOLDS_NOTE,
    EntryMeasured,
    Evaluation,
    EvaluationProgress,
    OnOwnFolds,
)
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.views.evaluation.evaluation_dialog import EvaluationDialog
from workbench.views.evaluation.evaluation_words import summary
from workbench.views.widgets.theme import theme

LONG = 60_000


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The weights of two short runs on the digits."""
    found = []
    for seed in (0, 1):
        spec = ExperimentSpec().edited("loop.epochs", 1).edited("loop.seed", seed)
        folder = RunFolder.create(spec, tmp_path_factory.mktemp("runs"))
        assert drive(train(spec, folder), lambda event: None, lambda event: None).reason == "completed"
        found.append(folder.path / "best.safetensors")
    return found[0], found[1]


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path):
    tasks, store = Tasks(), SpecStore(ExperimentSpec())
    made = EvaluationDialog(tasks, store, tmp_path / "runs")
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    ended: list[bool] = []
    made.close()
    tasks.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


def rows(dialog: EvaluationDialog) -> list[list[str]]:
    items = [dialog.entries.tree.topLevelItem(row) for row in range(dialog.entries.tree.topLevelItemCount())]
    return [[item.text(column) for column in range(5)] for item in items]


def is_over(dialog: EvaluationDialog) -> bool:
    """Whether the result is there: a row is done a little earlier."""
    return dialog.evaluate_button.isEnabled() and rows(dialog)[0][1] == "done"


def test_without_files_it_says_what_is_missing(dialog: EvaluationDialog) -> None:
    assert not dialog.evaluate_button.isEnabled() and "Add a file" in dialog.words.text()


def test_two_files_and_their_average_are_the_engines(qtbot: QtBot, dialog: EvaluationDialog, trained) -> None:
    dialog.add(trained)
    dialog.add(trained)  # each once
    QTest.mouseClick(dialog.evaluate_button, Qt.MouseButton.LeftButton)
    assert not dialog.evaluate_button.isEnabled() and dialog.cancel_button.isEnabled()
    qtbot.waitUntil(lambda: len(rows(dialog)) == 4, timeout=LONG)
    expected = evaluate(trained, ExperimentSpec().data)
    shown = [row[2] for row in rows(dialog)]
    assert shown[:2] == [f"{100 * each.measured.accuracy:.2f}\xa0%" for each in expected.measured]
    assert expected.averaged is not None and shown[3] == f"{100 * expected.averaged.accuracy:.2f}\xa0%"
    assert "359 validation examples" in dialog.words.text()
    dialog.choice.part.setCurrentIndex(dialog.choice.part.findData("all"))
    dialog.begin()
    qtbot.waitUntil(lambda: "1\u202f797 examples, training and validation" in dialog.words.text(), timeout=LONG)
    assert "includes 1\u202f438 examples it was trained on" in dialog.words.text()


def test_folds_have_a_mean_and_no_average(dialog: EvaluationDialog, trained) -> None:
    dialog.entries.add(trained)
    made = [Measured(0.3, accuracy, 300, 0.1, 0.02) for accuracy in (0.92, 0.96)]
    entries = [EntryMeasured(p, p.name, "MLP", 10, m, 0.1) for p, m in zip(trained, made, strict=True)]
    result = Evaluation(tuple(entries), None, True, "validation examples", OnOwnFolds(600, (0.92, 0.96)))
    dialog.entries.show_result(result)
    assert [row[0] for row in rows(dialog)[2:]] == ["Mean of 2 folds"]
    assert rows(dialog)[2][2] == "94.0\xa0% ± 2.8\xa0%"
    assert "600 validation examples" in summary(result) and FOLDS_NOTE in summary(result)


def test_a_file_is_taken_away_by_its_key(qtbot: QtBot, dialog: EvaluationDialog, trained) -> None:
    dialog.add(trained)
    dialog.entries.tree.setCurrentItem(dialog.entries.tree.topLevelItem(0))
    dialog.entries.tree.setFocus()
    QTest.keyClick(dialog.entries.tree, Qt.Key.Key_Delete)
    assert [row[0] for row in rows(dialog)] == [trained[1].name] and trained[0].exists()


def test_files_are_dropped_and_what_is_none_is_said(qtbot: QtBot, dialog: EvaluationDialog, tmp_path: Path) -> None:
    page = tmp_path / "weights.pth"
    page.write_text("<!doctype html><html>Not found</html>")
    data = files([page, tmp_path])
    dialog.dropEvent(dropping(QPoint(5, 5), data))
    assert [row[0] for row in rows(dialog)] == ["weights.pth"]
    QTest.mouseClick(dialog.evaluate_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "web page" in dialog.words.text(), timeout=LONG)
    assert rows(dialog) == [["weights.pth", "not measured", "", "", ""]] and dialog.evaluate_button.isEnabled()


def test_a_bad_file_says_why_in_its_row_and_the_others_are_measured(
    qtbot: QtBot, dialog: EvaluationDialog, trained, tmp_path: Path
) -> None:
    bad = tmp_path / "cut.safetensors"
    bad.write_bytes(trained[0].read_bytes()[:500])
    dialog.add([trained[0], bad, trained[1]])
    assert dialog.words.text() == ""  # no longer: add a file first
    dialog.begin()
    assert [row[1] for row in rows(dialog)] == ["waiting"] * 3
    qtbot.waitUntil(lambda: len(rows(dialog)) == 5, timeout=LONG)
    good, failed, other, mean, average = rows(dialog)
    assert [each[1] for each in (good, failed, other)] == ["done", "not measured", "done"]
    assert all(each[2].endswith("\xa0%") for each in (good, other, mean, average)) and failed[2] == ""
    assert mean[0] == "Mean of 2" and average[0] == "Average of 2 of 3 files"
    reason = dialog.entries.tree.topLevelItem(1)
    assert reason.text(6) and reason.text(6) in " ".join(reason.toolTip(6).split())
    assert "1 of 3 files could not be measured" in dialog.words.text() and "cut.safetensors: " in dialog.words.text()


def test_each_row_says_how_far_it_is(qtbot: QtBot, dialog: EvaluationDialog, trained) -> None:
    told: list[EvaluationProgress] = []
    work = evaluating(trained, ExperimentSpec().data.source, "all")
    work(lambda share, standing: told.append(standing), lambda: False)  # type: ignore[arg-type, return-value]
    halfway = next(each for each in told if len(each.outcomes) == 1 and 0 < each.share < 1)
    dialog.add(trained)
    dialog.entries.begin()
    dialog._on_progressed(0.75, halfway)
    first, second = rows(dialog)
    assert first[1] == "done" and first[2].endswith("\xa0%")
    assert second[1] == f"measuring {round(100 * halfway.share)} %" and second[2] == ""


def test_figures_of_finished_files_stay_when_it_is_cancelled(qtbot: QtBot, dialog: EvaluationDialog, trained) -> None:
    dialog.add(trained)
    dialog.begin()
    qtbot.waitUntil(lambda: rows(dialog)[0][1] == "done", timeout=LONG)
    dialog.cancel()
    if "Cancelled" in dialog.words.text():  # else the second one was quicker
        assert rows(dialog)[0][2].endswith("\xa0%") and rows(dialog)[1][1] in ("", "done")  # neither waits


def test_networks_that_differ_at_the_end_of_their_names_can_be_told_apart(
    qtbot: QtBot, dialog: EvaluationDialog, trained
) -> None:
    dialog.add(trained[:1])
    dialog.begin()
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    item = dialog.entries.tree.topLevelItem(0)
    assert dialog.entries.tree.textElideMode() == Qt.TextElideMode.ElideMiddle
    assert item.text(5).split()[0] in item.toolTip(5)


def test_other_data_is_asked_for_by_path(qtbot: QtBot, dialog: EvaluationDialog, trained, tmp_path: Path) -> None:
    dialog.add(trained[:1])
    dialog.choice.other_data.click()
    assert not dialog.evaluate_button.isEnabled()
    file = tmp_path / "few.npz"
    pictures = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1)).astype(np.uint8)
    np.savez(file, images=pictures, labels=np.arange(20) % 10, classes=np.array([str(k) for k in range(10)]))
    QTest.keyClicks(dialog.choice.path, str(file))
    QTest.mouseClick(dialog.evaluate_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    assert "20 examples" in dialog.words.text() and len(rows(dialog)) == 1


def test_the_data_follows_the_list_until_it_is_chosen(dialog: EvaluationDialog, trained) -> None:
    choice, runs = dialog.choice, [each.parent for each in trained]
    dialog.add(runs[:1])
    assert choice.held_back.isEnabled() and choice.held_back.isChecked()
    dialog.add([trained[1]])
    assert choice.own_data.isChecked() and [row[0] for row in rows(dialog)] == [runs[0].name, trained[1].name]
    choice.held_back.click()
    dialog.add([runs[1]])
    assert choice.held_back.isChecked()
    for row in (2, 0):
        dialog.entries.tree.setCurrentItem(dialog.entries.tree.topLevelItem(row))
        dialog.remove_button.click()
    assert not choice.held_back.isEnabled() and choice.own_data.isChecked()


def test_run_folders_are_dropped_and_other_folders_are_not(dialog: EvaluationDialog, trained, tmp_path: Path) -> None:
    data = files([trained[0].parent, tmp_path])
    dialog.dropEvent(dropping(QPoint(5, 5), data))
    assert dialog.entries.paths == [trained[0].parent]


def test_the_figures_are_in_view_with_large_letters(qtbot: QtBot, dialog: EvaluationDialog, tmp_path: Path) -> None:
    """On a screen of 1280 by 720 pixels, with long names of files and networks."""
    theme().set_large(True)
    try:
        for name in ("a", "b"):
            (tmp_path / f"{name * 60}.safetensors").write_bytes(b"")
        dialog.add(sorted(tmp_path.glob("*.safetensors")))
        table = dialog.entries.tree
        for column, text in enumerate(
            ("not measured", "98.61 %", "0.0437", "11 173 962", "ResNet-18, 10 classes " * 3), 1
        ):
            table.topLevelItem(0).setText(column, text)
        dialog.resize(1228, 600)
        qtbot.wait(20)
        dialog.entries.fit()
        metrics = table.fontMetrics()
        for column in range(1, 5):
            assert table.columnWidth(column) > metrics.horizontalAdvance(table.topLevelItem(0).text(column)) + 4
        left_for_notes = table.viewport().width() - table.columnViewportPosition(6)
        assert left_for_notes >= metrics.horizontalAdvance("98.61 %")
        assert table.columnWidth(0) > metrics.horizontalAdvance("a" * 9)
    finally:
        theme().set_large(False)


def test_an_order_that_is_not_certain_is_chosen_beside_the_pictures(
    qtbot: QtBot, dialog: EvaluationDialog, tmp_path: Path
) -> None:
    names = ("1", "2", "10")
    for number, name in enumerate(names):
        (tmp_path / "data" / name).mkdir(parents=True)
        Image.fromarray(np.full((32, 32, 3), 80 * number, np.uint8)).save(tmp_path / "data" / name / "a.png")
    weights = write(tmp_path, as_zip(network(2, 3).state_dict()), "nameless.pt")
    dialog.add([weights])
    dialog.choice.path.setText(str(tmp_path / "data"))
    dialog.choice.other_data.click()
    assert not dialog.orders.isVisible()
    dialog.begin()
    qtbot.waitUntil(lambda: dialog.orders.isVisible(), timeout=LONG)
    table = dialog.orders.table
    shown = [[table.topLevelItem(row).text(column) for column in range(3)] for row in range(3)]
    assert shown == [["0", "1", "1"], ["1", "2", "10"], ["2", "10", "2"]]
    assert not table.topLevelItem(2).icon(1).isNull()
    assert rows(dialog)[0][1] == "not measured"
    index = dialog.orders.box_of_orders.findData("text")
    dialog.orders.box_of_orders.setCurrentIndex(index)
    dialog.orders.box_of_orders.activated.emit(index)
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    expected = evaluate([weights], tmp_path / "data", options=EvaluationOptions(order="text")).measured[0].measured
    assert rows(dialog)[0][2] == f"{100 * expected.accuracy:.2f}\xa0%" and "text order" in dialog.words.text()
    (tmp_path / "names.txt").write_text("10\n2\n1\n")
    dialog.orders.read(tmp_path / "names.txt")
    assert dialog.orders.order == ("10", "2", "1")
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    dialog.choice.part.setCurrentIndex(dialog.choice.part.findData("all"))  # the figures were of another part
    assert rows(dialog)[0][1:3] == ["", ""] and not dialog.orders.isVisible() and dialog.orders.order is None
    assert "evaluate again" in dialog.words.text()


def archive(folder: Path) -> Path:
    path = folder / "named.npz"
    pictures = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
    np.savez(path, images=pictures, labels=np.arange(20) % 4, classes=np.array(["ant", "bee", "cow", "dog"]))
    return path


def test_what_is_assumed_is_in_the_row_and_can_be_chosen(
    qtbot: QtBot, dialog: EvaluationDialog, tmp_path: Path
) -> None:
    weights = write(tmp_path, as_zip(network().state_dict()), "foreign.pt")
    dialog.add([weights])
    dialog.choice.path.setText(str(archive(tmp_path)))
    dialog.choice.other_data.click()
    dialog.begin()
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    item = dialog.entries.tree.topLevelItem(0)
    assert "assumed: 32×32 pixels, ImageNet normalization" in item.text(6)
    dialog.entries.tree.setCurrentItem(item)
    assert "; assumed: 32×32 pixels" in dialog.details.text() and dialog.details.isVisible()
    size, normalization = dialog.inputs.size_box, dialog.inputs.normalization_box
    for box, data in ((size, 64), (normalization, "none")):
        box.setFocus()
        box.setCurrentIndex(box.findData(data))
        box.activated.emit(box.currentIndex())
    assert rows(dialog)[0][1] == "" and "evaluate again" in dialog.words.text()
    dialog.begin()
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    expected = (
        evaluate([weights], archive(tmp_path), options=EvaluationOptions(chosen=dialog.inputs.chosen()))
        .measured[0]
        .measured
    )
    assert rows(dialog)[0][3] == f"{expected.loss:.4f}" and "assumed:" not in item.text(6)


def test_which_of_several_weights_are_measured_is_in_the_row_and_can_be_chosen(
    qtbot: QtBot, dialog: EvaluationDialog, tmp_path: Path
) -> None:
    both = {"model": network().state_dict(), "ema": network(seed=3).state_dict()}
    weights = write(tmp_path, as_zip(both), "both.pt")
    dialog.add([weights])
    dialog.choice.path.setText(str(archive(tmp_path)))
    dialog.choice.other_data.click()
    dialog.begin()
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    item = dialog.entries.tree.topLevelItem(0)
    assert item is not None and "“ema” in it was left aside" in item.text(6)
    first = rows(dialog)[0][3]
    dialog.inputs.name_box.setFocus()
    qtbot.keyClicks(dialog.inputs.name_box, "ema")
    dialog.evaluate_button.setFocus()
    assert "evaluate again" in dialog.words.text() and dialog.inputs.chosen().name == "ema"
    dialog.begin()
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    alone = write(tmp_path, as_zip(network(seed=3).state_dict()), "alone.pt")
    expected = evaluate([alone], archive(tmp_path)).measured[0].measured
    assert rows(dialog)[0][3] == f"{expected.loss:.4f}" != first and "“model” in it was left aside" in item.text(6)


def test_other_names_are_read_whole_and_a_list_helps(qtbot: QtBot, dialog: EvaluationDialog, tmp_path: Path) -> None:
    said = {"model": network().state_dict(), "classes": ["a", "b", "c", "d"]}
    dialog.add([write(tmp_path, as_zip(said), "named.pt")])
    dialog.choice.path.setText(str(archive(tmp_path)))
    dialog.choice.other_data.click()
    place = dialog.evaluate_button.mapTo(dialog, QPoint(0, 0))
    dialog.begin()
    qtbot.waitUntil(dialog.orders.isVisible, timeout=LONG)
    said_whole = dialog.details.text()
    assert "does not know 4 of the 4 classes: ant, bee, cow, dog. It knows 4: a, b, c, d." in said_whole
    assert "--" not in said_whole + dialog.words.text() + dialog.entries.tree.topLevelItem(0).toolTip(6)
    assert dialog.orders.isVisible() and not dialog.orders.table.isVisible()
    (tmp_path / "names.txt").write_text("ant\nbee\ncow\ndog\n")
    dialog.orders.read(tmp_path / "names.txt")
    qtbot.waitUntil(lambda: is_over(dialog), timeout=LONG)
    assert place == dialog.evaluate_button.mapTo(dialog, QPoint(0, 0))


def test_data_in_doubt_have_a_button_that_opens_them(qtbot: QtBot, dialog: EvaluationDialog, tmp_path: Path) -> None:
    for place in ("one/cat", "one/dog", "two/cat", "two/dog"):
        for number in range(2):
            file = tmp_path / "data" / place / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((8, 8), 9 * number, np.uint8)).save(file)
    dialog.add([write(tmp_path, as_zip(network(2, 2).state_dict()), "foreign.pt")])
    dialog.choice.path.setText(str(tmp_path / "data"))
    dialog.choice.other_data.click()
    dialog.begin()
    qtbot.waitUntil(dialog.open_button.isVisible, timeout=LONG)
    with qtbot.waitSignal(dialog.data_wanted) as wanted:
        QTest.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    assert wanted.args == [(tmp_path / "data",)] and dialog.choice.own_data.isChecked()
    dialog.choice.path.setText(str(tmp_path / "nowhere"))
    dialog.choice.other_data.click()
    dialog.begin()
    qtbot.waitUntil(lambda: "no such file" in dialog.words.text(), timeout=LONG)
    assert not dialog.open_button.isVisible()


def test_a_picture_that_cannot_be_read_is_left_out_and_named(
    qtbot: QtBot, dialog: EvaluationDialog, trained: tuple[Path, Path], tmp_path: Path
) -> None:
    """TR22: one of many does not end the measurement, and is not passed over in silence."""
    rng = np.random.Generator(np.random.PCG64(3))
    for name in "0123456789":
        for number in range(3):
            file = tmp_path / "data" / name / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (8, 8), dtype=np.uint8)).save(file)
    broken = tmp_path / "data" / "7" / "1.png"
    broken.write_bytes(broken.read_bytes()[:40])
    dialog.add(trained[:1])
    dialog.choice.path.setFocus()
    QTest.keyClicks(dialog.choice.path, str(tmp_path / "data"))
    QTest.mouseClick(dialog.evaluate_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Measured in float32 on 29 " in dialog.words.text(), timeout=LONG)
    assert "1 of 30 pictures in" in dialog.words.text() and "7/1.png (" in dialog.words.text()
    assert "It is left out." in dialog.words.text()
