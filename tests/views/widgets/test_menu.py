"""Lines between the groups of a menu."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from workbench.views.widgets.menu import Menu
from workbench.views.widgets.theme import Mode, contrast, theme


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_separator_is_told_from_the_ground(qtbot: QtBot, mode: Mode) -> None:
    before = theme().mode
    theme().set_mode(mode)
    try:
        menu = Menu()
        qtbot.addWidget(menu)
        menu.addAction("One")
        line: QAction = menu.addSeparator()
        menu.addAction("Two")
        menu.resize(menu.sizeHint())
        picture, place = menu.grab().toImage(), menu.actionGeometry(line)
        colours = [picture.pixelColor(place.center().x(), y).name() for y in range(place.top(), place.bottom() + 1)]
        ground = picture.pixelColor(place.center().x(), place.top() - 2).name()
        assert max(contrast(colour, ground) for colour in colours) > 1.6
    finally:
        theme().set_mode(before)
