"""A long message leaves room for what is below it."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from workbench.views.widgets.banner import Banner, Offer
from workbench.views.widgets.folded_words import FoldedWords

LONG = "A sentence that says what to look at in this preset. " * 10


def test_a_long_message_is_folded_to_a_few_lines_and_opened_on_demand(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    banner = Banner()
    column.addWidget(banner)
    column.addStretch(1)
    window.resize(500, 600)
    window.show()
    more = next(each for each in banner.findChildren(QToolButton) if each.isCheckable())
    words = banner.findChild(FoldedWords)
    assert words is not None
    banner.say("A short one.")
    qtbot.waitUntil(lambda: more.isHidden())
    banner.say(LONG, offers=(Offer("Undo", list),))
    assert banner.message == LONG.rstrip() or banner.message == LONG, "the whole text is there"
    line = words.fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: more.isVisible() and words.height() <= 4 * line)
    more.click()
    qtbot.waitUntil(lambda: words.height() > 4 * line and more.text() == "Less")
    banner.say(LONG)
    qtbot.waitUntil(lambda: words.height() <= 4 * line)  # the next message is folded again
    font = window.font()
    font.setPointSizeF(2 * font.pointSizeF())
    window.setFont(font)
    qtbot.waitUntil(lambda: words.height() <= 2.1 * words.fontMetrics().lineSpacing())
