"""Palettes can be read, and the size of the lecture hall reaches every widget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from workbench.views.widgets.theme import DARK, LARGE, LIGHT, Colours, Mode, Theme, contrast, palette_of, rhythm, theme


@pytest.fixture
def shared(qapp: QApplication) -> Iterator[Theme]:
    found = theme()
    yield found
    found.set_large(False)
    found.set_mode("system")


def _shown_label(qtbot: QtBot) -> QLabel:
    label = QLabel("text")
    qtbot.addWidget(label)
    label.show()
    return label


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("tone", ["text", "muted", "accent", "error", "warning", "train_text", "val_text"])
def test_every_tone_can_be_read_on_every_ground(colours: Colours, tone: str) -> None:
    for ground in (colours.window, colours.base):
        assert contrast(getattr(colours, tone), ground) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_on_buttons_and_on_the_accent_can_be_read(colours: Colours) -> None:
    assert contrast(colours.text, colours.button) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert min(contrast(colours.train, colours.base), contrast(colours.val, colours.base)) >= 3.0


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_palette_is_full(qapp: QApplication, colours: Colours) -> None:
    palette = palette_of(colours)
    for role in QPalette.ColorRole:
        if role.name not in ("NColorRoles", "NoRole"):
            assert palette.isBrushSet(QPalette.ColorGroup.Active, role), role


def test_large_scales_the_font_and_the_rhythm_of_existing_widgets(shared: Theme, qtbot: QtBot) -> None:
    label = _shown_label(qtbot)
    size, unit = label.font().pointSizeF(), rhythm(label, 4)
    shared.set_large(True)
    QApplication.processEvents()
    assert label.font().pointSizeF() == pytest.approx(size * LARGE)
    assert rhythm(label, 4) > 1.5 * unit
    shared.set_large(False)
    QApplication.processEvents()
    assert label.font().pointSizeF() == pytest.approx(size)


def test_dark_reaches_existing_widgets_and_is_told(shared: Theme, qtbot: QtBot) -> None:
    label = _shown_label(qtbot)
    with qtbot.waitSignal(shared.changed):
        shared.set_mode("dark")
    QApplication.processEvents()
    assert shared.colours is DARK
    assert label.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    assert shared.colours.gap.alphaF() == pytest.approx(0.15, abs=0.01)


def test_there_is_one_theme(shared: Theme) -> None:
    assert theme() is shared


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_border_of_a_menu_can_be_seen(shared: Theme, qtbot: QtBot, mode: Mode) -> None:
    shared.set_mode(mode)
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction("Save")
    image = menu.grab().toImage()
    border, ground = (image.pixelColor(x, image.height() // 2).name() for x in (0, 2))
    assert contrast(border, ground) > 2.0 and contrast(border, shared.colours.window) > 2.0
