"""Names without a space and messages of any length, in every label that shows them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from workbench.views.widgets.banner import Banner
from workbench.views.widgets.basics import Words, fitting, plain_tip

LONGEST = 4000  #: characters that a label lays out without a stall


@pytest.mark.parametrize("text", ["X" * 200, f"“{'X' * 200}” in validation but not in train", "ä" * 1_000_000])
def test_an_unbroken_name_does_not_widen_a_window(qtbot: QtBot, text: str) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    banner, words = Banner(), Words()
    column.addWidget(banner)
    column.addWidget(words)
    words.say(text)
    banner.say(text, "error")
    window.show()
    window.resize(500, 300)
    assert window.width() == 500 and window.minimumSizeHint().width() <= 500
    for label in (words, *banner.findChildren(Words)):
        assert (
            label.fontMetrics().boundingRect(label.rect(), int(Qt.TextFlag.TextWordWrap), label.text()).width() <= 500
        )


@pytest.mark.parametrize("text", ["word " * 200_000, "x" * 1_000_000, "line\n" * 200_000])
def test_a_long_message_shows_its_beginning_and_end_and_what_is_left_out(text: str) -> None:
    text = f"The beginning: {text} the end."
    for shown in (fitting(text), plain_tip(text)):
        assert len(shown) < LONGEST and "The beginning: " in shown and "the end." in shown
        assert "characters left out" in shown


@pytest.mark.parametrize("text", ["A usual sentence with a path: data/pictures-of-2026/cats/1.png.", "é" * 40, ""])
def test_a_usual_text_is_shown_as_it_is(text: str) -> None:
    assert fitting(text) == text
