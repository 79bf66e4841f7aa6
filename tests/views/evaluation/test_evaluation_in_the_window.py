"""The evaluation dialog with the window behind it: data in doubt is opened there, chosen, and then measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.engine.weights.files import as_zip, network, write
from tests.views.helpers import parts, services
from workbench.engine.evaluation.evaluation import evaluate
from workbench.views.evaluation.evaluation_dialog import EvaluationDialog
from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow

LONG = 60_000


def opened(qtbot: QtBot, window: MainWindow) -> EvaluationDialog:
    parts(window).actions["evaluate"].trigger()
    dialog = parts(window).commands.evaluation_dialog
    assert dialog is not None
    with qtbot.waitActive(dialog, timeout=LONG):
        dialog.activateWindow()
    return dialog


def on_path(dialog: EvaluationDialog, path: Path) -> None:
    dialog.choice.other_data.click()
    dialog.choice.path.setFocus()
    dialog.choice.path.selectAll()
    QTest.keyClicks(dialog.choice.path, str(path))


def two_levels(root: Path) -> Path:
    for number in range(24):
        file = root / ("one", "two")[number // 12] / ("ant", "bee", "cow", "dog")[number % 4] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((48, 48, 3), 10 * number, np.uint8)).save(file)
    return root


def weights(folder: Path) -> Path:
    said = {"classes": ["ant", "bee", "cow", "dog"], "img_size": 40, "mean": [0.5] * 3, "std": [0.25] * 3}
    return write(folder, as_zip({"model": network().state_dict(), **said}), "animals.pt")


def test_data_in_doubt_is_opened_chosen_and_measured(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    root, file = two_levels(tmp_path / "data"), weights(tmp_path)
    dialog = opened(qtbot, window)
    dialog.add([file])
    on_path(dialog, root)
    QTest.mouseClick(dialog.evaluate_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.open_button.isVisible, timeout=LONG)
    QTest.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    store = services(window).store
    qtbot.waitUntil(lambda: store.spec.data.source.kind == "folder", timeout=LONG)
    assert dialog.choice.own_data.isChecked() and "The data is open in the window" in dialog.words.text()

    def readings() -> list[QPushButton]:
        every = (b for b in window.findChildren(QPushButton) if b.accessibleName().startswith("Choose: "))
        return [each for each in every if each.isVisible()]

    qtbot.waitUntil(lambda: bool(readings()), timeout=LONG)
    QTest.mouseClick(readings()[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: store.reason() == "", timeout=LONG)
    QTest.mouseClick(dialog.evaluate_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.evaluate_button.isEnabled() and "Measured" in dialog.words.text(), timeout=LONG)
    expected = evaluate([file], store.spec.data).measured[0]
    assert expected.measured.n and dialog.entries.tree.topLevelItem(0).text(3) == f"{expected.measured.loss:.4f}"
    dialog.entries.tree.setCurrentItem(dialog.entries.tree.topLevelItem(0))
    said = f"read with 40 pixels a side, as these weights need, not with {store.spec.data.source.size} as the settings"
    assert said in dialog.details.text()
    dialog.close()


def test_a_size_can_be_typed_and_what_is_none_is_said(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window)
    dialog.add([write(tmp_path, as_zip({"model": network().state_dict()}), "animals.pt")])
    on_path(dialog, two_levels(tmp_path / "data") / "one")
    box = dialog.inputs.size_box

    def typed(text: str) -> None:
        box.setFocus()
        qtbot.waitUntil(box.lineEdit().hasFocus, timeout=LONG)
        box.lineEdit().selectAll()
        QTest.keyClicks(box.lineEdit(), text)
        QTest.keyClick(box.lineEdit(), Qt.Key.Key_Tab)

    typed("40")
    assert dialog.inputs.chosen().size == (40, 40) and box.currentText() == "40 pixels"
    typed("48x40")
    assert dialog.inputs.chosen().size == (40, 48) and box.currentText() == "48×40 pixels"
    typed("huge")
    assert dialog.inputs.chosen().size == (40, 48) and box.currentText() == "48×40 pixels"
    assert "“huge” is no size of pictures. Give the side in pixels, from 8 to 1024" in dialog.words.text()
    typed("40 pixels")
    QTest.mouseClick(dialog.evaluate_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.evaluate_button.isEnabled() and "Measured" in dialog.words.text(), timeout=LONG)
    tree = dialog.entries.tree
    assert "; assumed: ImageNet normalization" in tree.topLevelItem(0).text(6)  # the size is not assumed
    box.setFocus()
    qtbot.waitUntil(box.lineEdit().hasFocus, timeout=LONG)
    box.lineEdit().selectAll()
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Delete)
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Tab)
    assert dialog.inputs.chosen().size is None and box.currentText().startswith("as the file says")
    dialog.close()


def test_names_are_whole_in_large_letters(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    """At 1228 pixels, what a screen of 1280 leaves to the dialog."""
    theme().set_large(True)
    dialog = opened(qtbot, window)
    dialog.add([weights(tmp_path)])
    tree = dialog.entries.tree
    for column, text in enumerate(
        ("not measured", "98.61 %", "32.3155", "11 173 962", "ResNet-18, 10 classes " * 3), 1
    ):
        tree.topLevelItem(0).setText(column, text)
    dialog.resize(1228, 640)
    qtbot.waitUntil(lambda: dialog.width() == 1228, timeout=LONG)
    dialog.entries.fit()
    name, metrics = "animals_from_the_hub.pt", tree.fontMetrics()
    tree.topLevelItem(0).setText(0, name)
    dialog.entries.fit()
    assert tree.columnWidth(0) > metrics.horizontalAdvance(name) and tree.width() > 0.95 * dialog.width()
    for column in range(1, 5):
        assert tree.columnWidth(column) > metrics.horizontalAdvance(tree.topLevelItem(0).text(column))
    dialog.close()
