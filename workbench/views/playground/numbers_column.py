"""The numbers of the racers: a table, and of the chosen one the effective rates and the formula of its next update."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QComboBox, QSizePolicy, QTreeWidget, QTreeWidgetItem, QWidget

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.engine.core.text import grouped, percent, short
from workbench.engine.playground.measures import ARRIVED, Measures, measures
from workbench.engine.playground.spec import racer_names
from workbench.engine.playground.trail import Trail
from workbench.views.insight.formula_lines import rows_of_lines
from workbench.views.insight.formula_sheet import FormulaRow, FormulaSheet
from workbench.views.playground.racer_style import draw_sample, is_dark
from workbench.views.playground.settings_column import Head
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.tables import make_plain
from workbench.views.widgets.theme import ACCENT, MUTED, rhythm

#: Milliseconds between two updates of the numbers while balls are played.
_EVERY: Final = 120
_COLUMNS: Final = (
    ("Racer", "The line of each racer. Click one to see its arrows, its rates and its formula."),
    ("Arrives", f"Updates until the height above the lowest point is {short(ARRIVED)} of that at the start."),
    ("Path", "The length of the path so far."),
    ("Swings", "Sign changes of the steps along the direction that is steepest at the start."),
    ("Past", "How far the ball has gone past the minimum, as a share of its distance from the start."),
    ("1st", "The first step ÷ the learning rate, in its longest coordinate. Adam's is 1 with the correction."),
    ("Height", "The height now."),
)
_AXES: Final = ("x", "y")


class RacersTable(QTreeWidget):
    """A row for each racer."""

    chosen_changed = Signal(int)

    @classmethod
    def made(cls) -> RacersTable:
        """An empty table."""
        table = cls()
        make_plain(table, [head for head, _help in _COLUMNS], "Racers and their numbers")
        for column, (_head, words) in enumerate(_COLUMNS):
            table.headerItem().setToolTip(column, plain_tip(words))
        table.header().setStretchLastSection(True)
        table.currentItemChanged.connect(table._on_current)
        return table

    def show_names(self, names: list[str]) -> None:
        """A row for each name, without numbers yet."""
        blocked = self.blockSignals(True)
        self.clear()
        for number, name in enumerate(names):
            item = QTreeWidgetItem([name])
            item.setIcon(0, self._sample(number))
            item.setToolTip(0, plain_tip(name))
            for column in range(1, len(_COLUMNS)):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addTopLevelItem(item)
        self.blockSignals(blocked)
        self.fit()

    def show_numbers(self, number: int, texts: list[str]) -> None:
        """The numbers of a racer."""
        item = self.topLevelItem(number)
        for column, text in enumerate(texts, 1):
            if item is not None and item.text(column) != text:
                item.setText(column, text)

    def choose(self, number: int) -> None:
        """Select a racer without telling of it."""
        blocked = self.blockSignals(True)
        item = self.topLevelItem(number)
        if item is not None:
            self.setCurrentItem(item)
        self.blockSignals(blocked)

    def fit(self) -> None:
        """All columns in the width there is, all rows in the height."""
        metrics = self.fontMetrics()
        self.setIconSize(QSize(rhythm(self, 6), rhythm(self, 4)))
        room = self.viewport().width()
        for column, text in enumerate(("† 999", "9.9e4", "999", "9.9e3×", "0.99", "9.9e-15"), 1):
            wide = max(map(metrics.horizontalAdvance, (text, _COLUMNS[column][0]))) + rhythm(self, 2)
            self.setColumnWidth(column, wide)
            room -= wide
        self.setColumnWidth(0, max(rhythm(self, 12), room))
        row = self.sizeHintForRow(0) if self.topLevelItemCount() else metrics.height()
        rows = max(2, self.topLevelItemCount())
        bar = self.horizontalScrollBar().sizeHint().height() if room < rhythm(self, 12) else 0
        self.setFixedHeight(self.header().sizeHint().height() + rows * row + 2 * self.frameWidth() + 2 + bar)

    def resizeEvent(self, event: QEvent) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()
        elif event.type() == QEvent.Type.PaletteChange:
            for number in range(self.topLevelItemCount()):
                item = self.topLevelItem(number)
                if item is not None:
                    item.setIcon(0, self._sample(number))

    def _sample(self, number: int) -> QIcon:
        pixmap = QPixmap(rhythm(self, 6) * 2, rhythm(self, 4) * 2)
        pixmap.fill(self.palette().color(QPalette.ColorRole.Base))
        painter = QPainter(pixmap)
        draw_sample(painter, QRectF(pixmap.rect()), number, is_dark(self.palette()))
        painter.end()
        return QIcon(pixmap)

    @Slot()
    def _on_current(self) -> None:
        item = self.currentItem()
        if item is not None:
            self.chosen_changed.emit(self.indexOfTopLevelItem(item))


class RateMeters(QWidget):
    """The effective rate of each coordinate as a bar on a logarithmic scale, which holds all rates of the path."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rates: tuple[float, float] | None = None
        self._range = (-3.0, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Effective learning rate of each coordinate")
        words = "The factor on the gradient, or on the velocity, in each coordinate, on a logarithmic scale."
        self.setToolTip(plain_tip(words))

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), 2 * rhythm(self, 6))

    def show_trail(self, trail: Trail | None, update: int) -> None:
        """The rates of one update; None: no path."""
        rates = trail.effective_rates if trail is not None else None
        self._rates = None
        if rates is not None and 0 <= update < len(rates):
            now = rates[update, 0]
            self._rates = (float(now[0]), float(now[1]))
            self._range = _decades(rates[:, 0])
        said = ", ".join(f"{a} {short(r, 3)}" for a, r in zip(_AXES, self._rates or (), strict=False))
        self.setAccessibleDescription(said or "This rule has none.")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics, palette = self.fontMetrics(), self.palette()
        line = self.height() / 2
        left = metrics.horizontalAdvance("x") + rhythm(self, 2)
        right = metrics.horizontalAdvance("0.000e-10") + rhythm(self, 1)
        for place, axis in enumerate(_AXES):
            top = place * line
            painter.setPen(palette.color(QPalette.ColorRole.WindowText))
            flags = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, left, line), flags | Qt.AlignmentFlag.AlignLeft, axis)
            track = QRectF(left, top + line * 0.3, self.width() - left - right, line * 0.4)
            painter.fillRect(track, palette.color(QPalette.ColorRole.Button))
            number = self._rates[place] if self._rates is not None else math.nan
            words = short(number, 3) if math.isfinite(number) else "–"
            if number > 0 and math.isfinite(number):
                low, high = self._range
                share = min(1.0, max(0.02, (math.log10(number) - low) / (high - low)))
                painter.fillRect(track.adjusted(0, 0, (share - 1) * track.width(), 0), palette.color(ACCENT))
            room = QRectF(self.width() - right, top, right, line)
            painter.drawText(room, flags | Qt.AlignmentFlag.AlignRight, words)
        painter.end()


def _decades(rates: np.ndarray) -> tuple[float, float]:
    """Whole powers of ten around all positive ``rates``; at least two of them."""
    good = rates[np.isfinite(rates) & (rates > 0)]
    if not len(good):
        return -3.0, 0.0
    low, high = math.floor(math.log10(float(good.min()))), math.ceil(math.log10(float(good.max())))
    return float(min(low, high - 2)), float(high)


class NumbersColumn(Box):
    """Follows the desk's paths and cursor while it is visible."""

    chosen_changed = Signal(int)

    def __init__(self, desk: PlaygroundDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        self._desk = desk
        self._chosen = 0
        self._names: list[str] = []
        self._axis = QComboBox()
        inside = Box(margins=(1, 1, 1, 2), spacing=1.5)
        self.table = RacersTable.made()
        self.table.chosen_changed.connect(self.chosen_changed)
        self._rate_head = Head("Effective rate", inside)
        self.meters = RateMeters(inside)
        self._formula_head = Head("Formula", inside)
        self.axis = self._axis_choice(inside)
        self.sheet = FormulaSheet(inside)
        self._nothing = Words(parent=inside, tone=MUTED)
        for part in (self.table, self._rate_head, self.meters, self._formula_line(inside), self._nothing, self.sheet):
            inside.add(part)
        inside.box.addStretch(1)
        self.add(scrolled(inside, "Numbers of the racers", 56), 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_EVERY)
        self._pause.timeout.connect(self._write)
        desk.laid.connect(self._soon)
        desk.cursor.moved.connect(self._soon)
        desk.store.changed.connect(self._on_changed)
        desk.troubled.connect(self._soon)
        self._on_changed()

    def _axis_choice(self, parent: QWidget) -> QComboBox:
        choice = self._axis
        choice.setParent(parent)
        choice.addItems(["horizontal, x", "vertical, y"])
        choice.setAccessibleName("Coordinate of the formula")
        choice.currentIndexChanged.connect(self._soon)
        return choice

    def _formula_line(self, parent: QWidget) -> Box:
        line = Box(parent, horizontal=True)
        line.add(self._formula_head, 1)
        line.add(self.axis)
        return line

    def choose(self, number: int) -> None:
        """Show this racer's rates and formula."""
        self._chosen = number
        self.table.choose(number)
        self._soon()

    @Slot()
    @Slot(object)
    def _on_changed(self, _spec: object = None) -> None:
        names = racer_names([racer.title for racer in self._desk.spec.racers])
        if names != self._names:
            self._names = names
            self.table.show_names(names)
            self.table.choose(self._chosen)

    @Slot()
    @Slot(int)
    @Slot(str)
    def _soon(self, _news: object = None) -> None:
        """Numbers that change faster cannot be read."""
        if not self._pause.isActive():
            self._pause.start()

    def hideEvent(self, event: object) -> None:
        self._pause.stop()
        super().hideEvent(event)  # type: ignore[arg-type]

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._soon()

    @Slot()
    def _write(self) -> None:
        paths, at = self._desk.paths, self._desk.cursor.at
        trails = paths.trails if paths is not None else ()
        for number, trail in enumerate(trails):
            self.table.show_numbers(number, _texts(measures(trail, until=at)))
        chosen = trails[self._chosen] if self._chosen < len(trails) else None
        update = _shown(chosen, at) if chosen is not None else -1
        self.meters.show_trail(chosen, update)
        self._write_formula(chosen, update)

    def _write_formula(self, trail: Trail | None, update: int) -> None:
        name = self._names[self._chosen] if self._chosen < len(self._names) else ""
        self._rate_head.setText(f"Effective rate: {name}")
        when = "lost at update" if trail is not None and update + 1 == trail.lost[0] else "update"
        self._formula_head.setText(f"{name}, {when} {grouped(update + 1)}" if update >= 0 else name)
        lines = trail.lines_at(update, self.axis.currentIndex()) if trail is not None else ()
        width = max((len(short(float(rate), 4)) for rate in trail.rates[-1:]), default=0) if trail is not None else 0
        self._nothing.say("" if lines else "The formula appears with the first update; some rules have none.")
        self.sheet.show_rows(tuple(_rows(trail, list(rows_of_lines(lines, width))) if lines and trail else ()))


def _shown(trail: Trail, at: int) -> int:
    """The update whose numbers are shown at the cursor's place: of a ball that was lost the last one it made."""
    last = int(trail.lost[0]) if trail.lost[0] >= 0 else trail.updates
    return min(at, last - 1, trail.updates - 1)


def _rows(trail: Trail, rows: list[FormulaRow]) -> Iterator[FormulaRow]:
    yield from rows
    for words in trail.rule.words if trail.rule is not None else ():
        yield FormulaRow(words, "muted", gap=0.25)


def _share(share: float) -> str:
    return percent(share, 0) if share < 9.995 else f"{short(share, 2)}×"


def _texts(found: Measures) -> list[str]:
    arrives = grouped(found.arrived) if found.arrived is not None else "–"
    if found.lost is not None:
        arrives = f"† {grouped(found.lost)}"
    first = short(found.first_step, 2) if found.first_step is not None else "–"
    return [
        arrives,
        short(found.path, 3 if found.path < 1000 else 2),
        grouped(found.swings),
        _share(found.overshoot),
        first,
        short(found.height, 2),
    ]
