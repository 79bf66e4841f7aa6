"""The look of the program: Fusion with its own light and dark palettes, one accent colour, and a large font.

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

#: Palette roles that Fusion hardly uses hold the colours it has no role for, so that one palette has all colours.
MUTED = QPalette.ColorRole.PlaceholderText
ERROR = QPalette.ColorRole.BrightText
WARNING = QPalette.ColorRole.LinkVisited
ACCENT = QPalette.ColorRole.Highlight


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours as ``#rrggbb``. Text colours have a contrast of 4.5 on window, base and button.

    ``train`` and ``val`` are for curves (contrast 3); ``train_text`` and ``val_text`` for text beside them.
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
    good: str

    @property
    def gap(self) -> QColor:
        """The fill colour between the two curves: that of validation at 15 %."""
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
    good="#1b6e3c",
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
    good="#7fd6a0",
)


def good_colour(palette: QPalette) -> QColor:
    """The colour of what was proven, on the background of ``palette``, in which no role is left for it."""
    is_dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    return QColor((DARK if is_dark else LIGHT).good)


def palette_of(colours: Colours) -> QPalette:
    """A complete palette: every role of every group is set, so that none is inherited from the system."""
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


#: Fusion (Qt 6.11) makes the border of a menu and of its boxes from the colour of windows, this much darker.
_MENU_BORDER = 160


def menu_palette(colours: Colours) -> QPalette:
    """That of menus: on a dark ground a border that is darker still could not be seen."""
    palette = palette_of(colours)
    if colours.dark:
        palette.setColor(QPalette.ColorRole.Window, QColor(colours.line).lighter(_MENU_BORDER))
    return palette


class Theme(QObject):
    """The look of the application. There is one, which views get with ``theme()``."""

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
        """The user's choice: system, light or dark."""
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
        """Set light, dark, or the system's choice (light if it has none)."""
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
        self._app.setPalette(menu_palette(self.colours), "QMenu")  # type: ignore[arg-type]  # the stub (PySide 6.11) is wrong
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
    """``n`` quarters of a line's height in pixels, at least 1. With a usual font 1, 2, 3, 4 give 4, 8, 12, 16."""
    return max(1, round(n * QFontMetrics(widget.font()).height() / 4))


def resize_within_screen(dialog: QWidget, width: int, height: int) -> None:
    """Set a dialog's size, limited to what fits on the screen with its frame."""
    available = dialog.screen().availableSize()
    dialog.resize(min(width, available.width() * 24 // 25), min(height, available.height() * 9 // 10))


def grow_to_words(dialog: QWidget) -> None:
    """Make a dialog as high as its wrapped words need, which other words may do."""
    layout = dialog.layout()
    if layout is not None:
        layout.activate()
        needed = layout.totalHeightForWidth(dialog.width())
        resize_within_screen(dialog, dialog.width(), max(dialog.height(), needed))


def contrast(a: str, b: str) -> float:
    """WCAG's contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(QColor(a)), _luminance(QColor(b))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
