"""How the program looks: Fusion with own light and dark palettes, one accent, and a size for the lecture hall.

Palettes are complete, because ``setColorScheme`` does nothing on some platforms. Widgets take their colours from
palette roles only, so they follow a change by themselves; plots listen to ``changed`` and read ``colours``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

Mode = Literal["system", "light", "dark"]
LARGE = 1.8

#: Roles that Fusion hardly uses carry the tones it has no role for, so that one palette holds every colour.
MUTED = QPalette.ColorRole.PlaceholderText
ERROR = QPalette.ColorRole.BrightText
WARNING = QPalette.ColorRole.LinkVisited
ACCENT = QPalette.ColorRole.Highlight


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours as ``#rrggbb``. Text tones keep a contrast of 4.5 on window, base and button.

    ``train`` and ``val`` are for curves (3 is enough there); ``train_text`` and ``val_text`` for words beside them.
    """

    dark: bool
    window: str
    base: str
    button: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    error: str
    warning: str
    line: str
    train: str
    val: str
    train_text: str
    val_text: str
    grid: str

    @property
    def gap(self) -> QColor:
        """The filling between the two curves: validation's colour at 15 %."""
        colour = QColor(self.val)
        colour.setAlphaF(0.15)
        return colour


LIGHT = Colours(
    dark=False,
    window="#f3f4f6",
    base="#ffffff",
    button="#e8eaee",
    text="#1a1d23",
    muted="#555c68",
    disabled="#8d949f",
    accent="#5546c4",
    on_accent="#ffffff",
    error="#b3201a",
    warning="#7d5200",
    line="#b9bec8",
    train="#0072B2",
    val="#D55E00",
    train_text="#00639c",
    val_text="#ad4b00",
    grid="#d9dce2",
)
DARK = Colours(
    dark=True,
    window="#23262c",
    base="#1a1c21",
    button="#30343c",
    text="#eceef2",
    muted="#a9b0bd",
    disabled="#767d89",
    accent="#b0a5ff",
    on_accent="#15161a",
    error="#ff9c92",
    warning="#f2c063",
    line="#59606d",
    train="#56B4E9",
    val="#E69F00",
    train_text="#56B4E9",
    val_text="#E69F00",
    grid="#383c45",
)


def palette_of(colours: Colours) -> QPalette:
    """A full palette: every role of every group is set, so nothing of the system's palette shines through."""
    role = QPalette.ColorRole
    button = QColor(colours.button)
    table = {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.base,
        role.AlternateBase: colours.window,
        role.Text: colours.text,
        role.Button: colours.button,
        role.ButtonText: colours.text,
        role.ToolTipBase: colours.button,
        role.ToolTipText: colours.text,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        MUTED: colours.muted,
        ERROR: colours.error,
        WARNING: colours.warning,
        role.Light: button.lighter(118).name(),
        role.Midlight: button.lighter(108).name(),
        role.Mid: colours.line,
        role.Dark: button.darker(150).name(),
        role.Shadow: button.darker(220).name(),
    }
    palette = QPalette()
    for each, colour in table.items():
        palette.setColor(QPalette.ColorGroup.All, each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText, MUTED):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(colours.disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colours.line))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Accent, QColor(colours.line))
    return palette


class Theme(QObject):
    """The look of one application. There is one; views find it with ``theme()``."""

    changed = Signal()  #: colours or size

    def __init__(self, app: QApplication, mode: Mode = "system", large: bool = False) -> None:
        super().__init__(app)
        self.setObjectName("theme")
        self._app = app
        self._font = QFont(app.font())
        self._mode: Mode = mode
        self._large = large
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._apply()

    @property
    def colours(self) -> Colours:
        """The colours in use."""
        system_dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return DARK if self._mode == "dark" or (self._mode == "system" and system_dark) else LIGHT

    @property
    def mode(self) -> Mode:
        """Whether the system decides between light and dark, or the user."""
        return self._mode

    @property
    def large(self) -> bool:
        """Whether the font is scaled for a lecture hall."""
        return self._large

    @property
    def scale(self) -> float:
        """The factor on the application's font; pens and symbols may follow it."""
        return LARGE if self._large else 1.0

    def set_mode(self, mode: Mode) -> None:
        """Light, dark, or as the system says (light where it does not say)."""
        if mode != self._mode:
            self._mode = mode
            self._apply()

    def set_large(self, large: bool) -> None:
        """Scale the application's font by 1.8, or not."""
        if large != self._large:
            self._large = large
            self._apply()

    @Slot()
    def _on_system_changed(self) -> None:
        if self._mode == "system":
            self._apply()

    def _apply(self) -> None:
        palette = palette_of(self.colours)
        self._app.setPalette(palette)
        QToolTip.setPalette(palette)
        font = QFont(self._font)
        if font.pointSizeF() > 0:
            font.setPointSizeF(font.pointSizeF() * self.scale)
        else:
            font.setPixelSize(round(font.pixelSize() * self.scale))
        self._app.setFont(font)
        self.changed.emit()


def theme() -> Theme:
    """The application's theme, made on first use."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("the theme needs a QApplication")
    found = app.findChild(Theme, "theme")
    return found if isinstance(found, Theme) else Theme(app)


def rhythm(widget: QWidget, n: float) -> int:
    """``n`` quarters of a line's height in pixels, at least 1: 1, 2, 3, 4 are the 4/8/12/16 of a usual font."""
    return max(1, round(n * QFontMetrics(widget.font()).height() / 4))


def resize_within_screen(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog this size, or less where the screen (with the frame around the dialog) has no room for it."""
    room = dialog.screen().availableSize()
    dialog.resize(min(width, room.width() * 24 // 25), min(height, room.height() * 9 // 10))


def contrast(a: str, b: str) -> float:
    """WCAG's contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(QColor(a)), _luminance(QColor(b))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
