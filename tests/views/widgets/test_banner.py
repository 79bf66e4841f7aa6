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


def test_several_buttons_stand_below_the_text_and_do_not_widen_the_window(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.resize(400, 100)
    banner.say("A message.", offers=(Offer("Only one", print),))
    banner.show()
    beside = banner.minimumSizeHint().width()
    banner.say("A message.", offers=tuple(Offer(f"A button with many words, number {k}", print) for k in range(4)))
    (one, *others) = banner.offers
    assert banner.minimumSizeHint().width() < beside + one.sizeHint().width()
    qtbot.waitUntil(lambda: all(button.isVisible() for button in (one, *others)))
    assert one.y() >= 0 and all(button.geometry().right() < banner.width() for button in others)
    banner.clear()
    assert banner.offers == () and banner.isHidden()
