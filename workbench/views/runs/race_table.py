"""The racers as rows: mark and colour, differing settings, standing; with keys for the actions on a racer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QTreeWidgetItem, QWidget

from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.race_typing import RaceTyping
from workbench.engine.core.text import decimal_text, grouped, percent, scientific, short
from workbench.engine.race.standings import Standing
from workbench.engine.report.words_on_test import accuracy_text
from workbench.views.plots.run_styles import draw_mark, run_style
from workbench.views.runs.keyed_table import KeyedTable
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.theme import theme

HEADS: Final = ("Racer", "State", "Step", "Loss", "Val. accuracy", "Best", "To target", "Rate", "Differs in")
NAME, STATE, STEP, LOSS, ACCURACY, BEST, TARGET, RATE, SETTINGS = range(len(HEADS))
_RIGHT: Final = (STEP, LOSS, ACCURACY, BEST, TARGET, RATE)
#: Losses from here on are written as powers of ten.
_LARGE: Final = 1e4
#: The table takes this share of the room at most; more racers are scrolled.
_SHARE: Final = 0.3
_TIPS: Final = {
    LOSS: "Loss of the last batch.",
    ACCURACY: "At the last evaluation.",
    TARGET: "Steps until validation has the target loss: the race's own, or the lowest that all racers reach.",
    BEST: "The best validation so far, ± one standard error of these examples.",
}


class RaceTable(KeyedTable):
    """Shows the racers of ``desk``."""

    keys: ClassVar[Mapping[str, str]] = {
        "Del": "remove",
        "Return": "edit",
        "Enter": "edit",
        "Ctrl+D": "duplicate",
        "Space": "hold",
        "F2": "edit",
        "Ctrl+Z": "undo",
        "Ctrl+Y": "redo",
        "Ctrl+Shift+Z": "redo",
    }
    widths: ClassVar[tuple[float, ...]] = (50, 56, 15, 15, 25, 31, 19, 15)

    def __init__(self, desk: RaceDesk, typing: RaceTyping, parent: QWidget | None = None) -> None:
        super().__init__(HEADS, "Racers", parent)
        self._desk, self._typing = desk, typing
        for column, tip in _TIPS.items():
            self.headerItem().setToolTip(column, plain_tip(tip))
        for column in _RIGHT:
            self.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        theme().changed.connect(self._on_theme)
        self._shown: tuple[object, ...] = ()
        self._room = 0
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_desk"):
            self._fit()
            self._on_theme()
        elif event.type() == QEvent.Type.PaletteChange and hasattr(self, "_desk"):
            self._on_theme()

    def _fit(self) -> None:
        self.fit_columns()
        self._fit_height()

    def _fit_height(self) -> None:
        """As high as its rows, up to some; the curves have the rest."""
        self.setMinimumHeight(self._high(2))
        rows, row = max(2, self.topLevelItemCount()), max(1, self._high(1) - self._high(0))
        self.setMaximumHeight(self._high(min(rows, max(2, int(_SHARE * self._room / row)))))
        self.updateGeometry()

    def set_room(self, height: int) -> None:
        """Set the height (pixels) that the table and the curves share."""
        self._room = height
        self._fit_height()

    def _high(self, rows: int) -> int:
        row = self.sizeHintForRow(0) if self.topLevelItemCount() else self.fontMetrics().height()
        is_wide = self.header().length() > self.viewport().width() > 0
        bar = self.horizontalScrollBar().sizeHint().height() if is_wide else 0
        return self.header().sizeHint().height() + rows * row + bar + 2 * self.frameWidth()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    # --- Rows

    @property
    def chosen(self) -> int | None:
        """The number of the chosen racer."""
        row = self.currentIndex().row()
        return row if 0 <= row < len(self._desk.racers) else None

    @Slot()
    def refresh(self) -> None:
        """Show the racers as they are now; what is chosen stays where it can."""
        racers = self._desk.racers
        known = (racers, self._desk.base)
        if known != self._shown:
            self._shown = known
            self._fill()
        standings = self._desk.standings
        for column in range(STATE, SETTINGS):
            self.setColumnHidden(column, standings is None)
        target = standings.target if standings is not None else None
        for row in range(len(racers)):
            item = self.topLevelItem(row)
            if item is not None:
                standing = standings.racers[row] if standings is not None and row < len(standings.racers) else None
                self._show_standing(item, standing, target)

    def _fill(self) -> None:
        at = self.currentIndex().row()
        self.clear()
        for row, racer in enumerate(self._desk.racers):
            item = QTreeWidgetItem([racer.name])
            item.setText(SETTINGS, self._typing.differs(row) or "–")
            item.setIcon(NAME, self._icon(row))
            for column in (NAME, SETTINGS):
                item.setToolTip(column, plain_tip(item.text(column)))
            for column in _RIGHT:
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addTopLevelItem(item)
        if self.topLevelItemCount():
            self.setCurrentIndex(self.model().index(min(max(at, 0), self.topLevelItemCount() - 1), NAME))
        self._fit_height()

    def _show_standing(self, item: QTreeWidgetItem, standing: Standing | None, target: float | None) -> None:
        for column, text in enumerate(cells(standing, target), STATE):
            if item.text(column) != text:
                item.setText(column, text)
        tip = plain_tip(standing.ended.message) if standing is not None and standing.ended is not None else ""
        if item.toolTip(STATE) != tip:
            item.setToolTip(STATE, tip)

    def _icon(self, row: int) -> QIcon:
        """The racer's mark in its colour, on the selection in that of its text."""
        icon = QIcon(self._mark(row, QColor(run_style(row).colour(theme().colours.dark))))
        icon.addPixmap(self._mark(row, self.palette().color(QPalette.ColorRole.HighlightedText)), QIcon.Mode.Selected)
        return icon

    def _mark(self, row: int, colour: QColor) -> QPixmap:
        side = self.iconSize().height()
        pixmap = QPixmap(side * 2, side * 2)
        pixmap.setDevicePixelRatio(2.0)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_mark(painter, run_style(row).mark, QPointF(side / 2, side / 2), side * 0.3, colour)
        painter.end()
        return pixmap

    @Slot()
    def _on_theme(self) -> None:
        for row in range(self.topLevelItemCount()):
            item = self.topLevelItem(row)
            if item is not None:
                item.setIcon(NAME, self._icon(row))


def cells(standing: Standing | None, target: float | None) -> tuple[str, ...]:
    """The cells of a racer from State to Rate; empty before its race."""
    if standing is None:
        return ("",) * (SETTINGS - STATE)
    last, best = standing.last, standing.best
    reached = standing.steps_to(target) if target is not None else None
    return (
        state_words(standing),
        grouped(standing.step),
        _loss_text(standing.loss),
        percent(last.accuracy) if last is not None else "–",
        accuracy_text(best) if best is not None else "–",
        grouped(reached) if reached is not None else "–",
        short(standing.rate, 3) if standing.rate is not None else "–",
    )


def _loss_text(loss: float | None) -> str:
    if loss is None:
        return "–"
    return decimal_text(loss) if abs(loss) < _LARGE else scientific(loss)


def state_words(standing: Standing) -> str:
    """``† step 12, diverged``, or what it is doing."""
    return standing.words if standing.has_failed else standing.words[:1].upper() + standing.words[1:]
