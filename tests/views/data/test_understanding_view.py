"""What own data is taken for, as the Data panel shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.data.understand import Understood
from workbench.views.data.understanding_view import UnderstandingView
from workbench.views.widgets.basics import Words
from workbench.views.widgets.collapsible_header import LinkButton

UPPER, LOWER = Reading("The upper folders", (("classes", "folders"),)), Reading("One level below", (("classes", "x"),))
IGNORED = Reading("Ignore the folders' split", (("parts", "none"),))


class Known(QObject):
    """What the view asks of ``DataUnderstanding``."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.concerns, self.trouble, self.is_busy = False, "", False
        self.understood: Understood | None = None
        self.chosen: list[Reading] = []

    def choose(self, reading: Reading) -> None:
        self.chosen.append(reading)
        if reading is LOWER:
            raise SpecError([Problem("", "That cannot be.")])


def shown(view: UnderstandingView) -> str:
    QApplication.processEvents()  # a layout shows new widgets then
    return "\n".join(words.text() for words in view.findChildren(Words) if words.isVisible())


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ({"a.png": "no picture"}, "1 left out."),
        ({"column “id”": "not used"}, "1 column not used."),
        ({"a.png": "no picture", "column “id”": "not used", "column 3": "not used"}, "1 left out. 2 columns not used."),
    ],
)
def test_unused_columns_are_not_counted_as_examples(qtbot: QtBot, left_out: dict[str, str], words: str) -> None:
    known = Known()
    known.concerns = True
    known.understood = Understood("a table", {"cat": 2, "dog": 2}, {"train": 4, "validation": 0, "test": 0}, left_out)
    view = UnderstandingView(known)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.show()
    known.changed.emit()
    assert words in shown(view).splitlines()


def test_sentences_doubts_and_omissions(qtbot: QtBot) -> None:
    known = Known()
    view = UnderstandingView(known)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    assert view.isHidden()
    known.concerns = True
    view.resize(300, 400)
    known.changed.emit()
    view.show()
    assert "Looking at the data" in shown(view)
    left_out = {f"file {number}": "no picture" for number in range(25)}
    known.understood = Understood(
        "either level",
        {"cat": 12_345, "dog": 5},
        {"train": 9_876, "validation": 2_474, "test": 0},
        left_out,
        (Fact("parts", "The folders give the split.", (IGNORED,)), Fact("classes", "The classes are folders.")),
        (Doubt("classes", "Either level may be that of the classes.", (UPPER, LOWER)),),
    )
    known.changed.emit()
    text = shown(view)
    assert "Either level may be that of the classes." in text
    assert "The folders give the split." not in text and "Examples:" not in text and "Left out" not in text
    buttons = {each.accessibleName(): each for each in view.findChildren(QPushButton)}
    for reading in (UPPER, LOWER):
        QTest.mouseClick(buttons[f"Choose: {reading.label}"], Qt.MouseButton.LeftButton)
    assert known.chosen == [UPPER, LOWER] and "That cannot be." in shown(view)
    QTest.keyClick(buttons[f"Choose: {UPPER.label}"], Qt.Key.Key_Return)
    assert known.chosen[2:] == [UPPER]
    known.chosen.clear()

    known.understood = replace(known.understood, refused=None, doubts=())
    known.changed.emit()
    text = shown(view)
    assert "The folders give the split." in text
    assert "Examples: 9\u202f876 training, 2\u202f474 validation." in text
    assert "2 classes (cat: 12\u202f345, dog: 5)." in text
    assert "25 left out." in text and "file 0" not in text and "Ignore the" not in text

    change, show = view.findChildren(LinkButton)
    for link in (change, show):
        QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    text = shown(view)
    assert "file 19: no picture\nand 5 more" in text and "Ignore the folders' split" in text
    buttons = {each.accessibleName(): each for each in view.findChildren(QPushButton)}
    QTest.mouseClick(buttons[f"Choose: {IGNORED.label}"], Qt.MouseButton.LeftButton)
    assert known.chosen == [IGNORED]

    known.understood = replace(known.understood, parts={**known.understood.parts, "test": 7})
    known.changed.emit()
    assert "2 classes in training and validation (cat: 12\u202f345, dog: 5)." in shown(view)

    known.understood, known.trouble = None, "The folder is gone."
    known.changed.emit()
    assert shown(view) == "The folder is gone."
