"""The bar under the picture: play, single steps, the update that is shown, and the speed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolButton, QWidget

from workbench.bridge.playground.cursor import FASTEST, SLOWEST, UPDATES_PER_SECOND, Cursor
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import counted, grouped, short
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.icons import icon
from workbench.views.widgets.knob_slider import KnobSlider
from workbench.views.widgets.slider_scale import scale_for
from workbench.views.widgets.theme import MUTED, rhythm

_SPEED: Final = Knob("Speed", "How fast the balls move.", low=SLOWEST, high=FASTEST, scale="log")

#: Where the scrubber is among the buttons, and the width in quarters of a line that it needs there.
_PLACE, _ONE_LINE = 4, 120


class _Button(QToolButton):
    """A button with one of the drawn icons, which follow the palette."""

    def __init__(self, icon_name: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.say(icon_name, words)

    def say(self, icon_name: str, words: str) -> None:
        """Show another icon and tooltip."""
        self._icon_name = icon_name
        self.setAccessibleName(words.partition(" (")[0])
        self.setToolTip(plain_tip(words))
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._fit()

    def _fit(self) -> None:
        side = rhythm(self, 5)
        self.setIconSize(QSize(side, side))
        self.setIcon(icon(self._icon_name, self.palette()))


class Transport(Box):
    """Drives the cursor. Without ``has_keys`` the page around it has other uses for the keys that step."""

    def __init__(self, cursor: Cursor, parent: QWidget | None = None, *, has_keys: bool = True) -> None:
        super().__init__(parent, margins=(1, 0.5, 1, 0.5), spacing=0.5)
        self._has_keys = has_keys
        self._cursor = cursor
        self.restart = _Button("restart", self._tip("To the start", "Home"), self)
        self.back = _Button("step_back", self._tip("One update back", "←"), self)
        self.play = _Button("train", "Play (Space)", self)
        self.step = _Button("step", self._tip("One update on", "→"), self)
        self.scrubber = QSlider(Qt.Orientation.Horizontal, self)
        self.scrubber.setAccessibleName("Update that is shown")
        self.scrubber.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.count = Words(parent=self, wrap=False)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed = KnobSlider(scale_for(_SPEED, 1.0, integer=False), self)
        self.speed.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.speed.setAccessibleName("Speed")
        self.speed_words = Words(parent=self, wrap=False, tone=MUTED)
        self._line = Box(self, spacing=1, horizontal=True)
        for widget in (self.restart, self.back, self.play, self.step, self.count, self.speed, self.speed_words):
            self._line.add(widget)
        self.add(self._line)
        self._is_low = False
        self._place_scrubber()
        self._join()
        self._show()
        self._show_speed(cursor.speed)
        self._fit()

    def _join(self) -> None:
        cursor = self._cursor
        self.restart.clicked.connect(cursor.restart)
        self.back.clicked.connect(cursor.step_back)
        self.play.clicked.connect(cursor.play_or_pause)
        self.step.clicked.connect(cursor.step)
        self.scrubber.valueChanged.connect(self._on_scrubbed)
        self.speed.submitted.connect(self._on_speed)
        cursor.moved.connect(self._show)
        cursor.playing_changed.connect(self._on_playing)
        cursor.speed_changed.connect(self._show_speed)

    def _tip(self, words: str, key: str) -> str:
        return f"{words} ({key})" if self._has_keys else words

    def _place_scrubber(self) -> None:
        """In one line with the buttons, or above them where it would be too short."""
        if self._is_low:
            self._line.box.insertStretch(_PLACE, 1)
            self.box.insertWidget(0, self.scrubber)
        else:
            self._line.box.insertWidget(_PLACE, self.scrubber, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low = event.size().width() < rhythm(self, _ONE_LINE)
        if low != self._is_low:
            self._is_low = low
            if not low:
                self._line.box.takeAt(_PLACE)
            self._place_scrubber()

    def show_length(self) -> None:
        """The race has another length."""
        self._show()
        self._fit()

    @Slot(int)
    def _show(self, _at: int = 0) -> None:
        cursor = self._cursor
        blocked = self.scrubber.blockSignals(True)
        self.scrubber.setMaximum(cursor.end)
        self.scrubber.setPageStep(max(1, cursor.end // 10))
        self.scrubber.setValue(cursor.at)
        self.scrubber.blockSignals(blocked)
        self.count.setText(f"{grouped(cursor.at)} of {grouped(cursor.end)}")
        self.count.setToolTip(plain_tip(counted(cursor.at, "update")))

    @Slot(int)
    def _on_scrubbed(self, at: int) -> None:
        self._cursor.pause()
        self._cursor.go(at)

    @Slot(object, bool)
    def _on_speed(self, speed: float, _merge: bool) -> None:
        self._cursor.set_speed(float(speed))

    @Slot(float)
    def _show_speed(self, speed: float) -> None:
        self.speed.show_value(speed)
        self.speed_words.setText(f"{short(speed, 2 if speed < 99.5 else 3)}×")
        rate = short(UPDATES_PER_SECOND * speed, 3)
        keys = " Home, ← and → step; Space plays where the picture has the focus." if self._has_keys else ""
        self.speed.setToolTip(plain_tip(f"Speed: {rate} updates a second.{keys}"))

    @Slot(bool)
    def _on_playing(self, playing: bool) -> None:
        self.play.say(*(("pause", "Pause (Space)") if playing else ("train", "Play (Space)")))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "speed_words"):
            self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        self.count.setMinimumWidth(
            metrics.horizontalAdvance(f"{grouped(self._cursor.end)} of {grouped(self._cursor.end)}")
        )
        self.speed_words.setMinimumWidth(metrics.horizontalAdvance("0.00×"))
        self.speed.setFixedWidth(rhythm(self, 12))
