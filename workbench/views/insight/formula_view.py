"""The optimizer's update rule with the numbers of one weight in the present step, compared with torch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.engine.core.events import Event, RunEnded, RunStarted, Stepped
from workbench.engine.core.observed import Watched
from workbench.engine.core.text import grouped, short
from workbench.views.insight.formula_lines import padded_number, rows_of_lines, short_number
from workbench.views.insight.formula_sheet import ROOM, FormulaRow, FormulaSheet
from workbench.views.plots.paint_budget import rest_after, spent
from workbench.views.widgets.basics import Box, plain_tip
from workbench.views.widgets.help_place import set_help

#: Milliseconds between two updates, or more (``rest_after``): numbers that change faster cannot be read, and layout
#: takes the GIL from training.
_EVERY: Final = 450
_EMPTY: Final = (
    "The optimizer's update rule appears here with the first step: each line with the numbers of one weight, "
    "and whether torch computed the same. In an ensemble it is a weight of the first member."
)
_TAKEN_BACK: Final = "The run went back some steps. The next step is shown here."
_COMPARED: Final = (
    "The lines are computed from the rule in double precision, from torch's values before this step. The new x is "
    "compared with torch's. They agree if they differ by no more than the rounding error of float32 (2^-22 of x) or "
    "by 0.01 % of the update. The weight to watch is set under Run."
)


class FormulaView(QScrollArea):
    """Shows the last ``Watched`` event of a run; what was put below it follows ``changed``."""

    changed = Signal(object)  #: the Watched that is written now, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "insight", "Formula")
        self._watched: Watched | None = None
        self._next: Watched | None = None
        self._shown: tuple[FormulaRow, ...] = ()
        self._is_outdated = False
        self._went_back = False
        self._whose = ""
        self._rate_width = 0  # the widest so far: a constant rate needs no extra space
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._on_pause_ended)
        self.setAccessibleName("Formula, this step")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.sheet = FormulaSheet(self)
        self._column = Box()
        self._column.add(self.sheet)
        self._column.box.addStretch(1)
        self.setWidget(self._column)
        self.copy_action = QAction("&Copy as text", self)
        self.copy_action.triggered.connect(self.copy)
        self.addAction(self.copy_action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(plain_tip(_COMPARED))
        self.show_watched(None)

    def sizeHint(self) -> QSize:
        return QSize(34 * self.fontMetrics().averageCharWidth(), 17 * self.fontMetrics().height())

    def add_below(self, widget: QWidget) -> None:
        """Put something below the formula, which scrolls with it."""
        self._column.box.insertWidget(self._column.box.count() - 1, widget)

    @Slot(object)
    def take(self, events: list[Event]) -> None:
        """Show the last watched step among ``events``, if there is one."""
        for started in (event for event in events if isinstance(event, RunStarted)):
            self._whose = ", first member" if started.spec.get("ensemble", {}).get("kind") == "independent" else ""
        watched = next((event for event in reversed(events) if isinstance(event, Watched)), None)
        self._next = watched or self._next
        halts = any(isinstance(event, Stepped | RunEnded) for event in events)
        if halts or not self._pause.isActive():
            self._on_pause_ended()

    @Slot()
    def _on_pause_ended(self) -> None:
        if self._next is not None:
            began = spent()
            self.show_watched(self._next)
            self._pause.start(rest_after(spent() - began, _EVERY))

    @Slot()
    def clear(self) -> None:
        """Clear the view for a new run."""
        self._rate_width, self._whose, self._went_back = 0, "", False
        self.show_watched(None)

    @Slot(int, bool)
    def take_back(self, step: int, is_oldest: bool = False) -> None:
        """The run is after ``step`` steps again: a step behind it is shown no more."""
        if self._next is not None and self._next.step >= step:
            self._next = None
        if self._watched is not None and self._watched.step >= step:
            self._went_back = True
            self.show_watched(self._next)

    def show_watched(self, watched: Watched | None) -> None:
        """Show a step; None: no step yet. A hidden view shows it when it becomes visible."""
        self._watched, self._next = watched, None
        self._is_outdated = not self.isVisible() and watched is not None
        if not self._is_outdated:
            self._write()

    def showEvent(self, event: QShowEvent) -> None:
        if self._is_outdated:
            self._is_outdated = False
            self._write()
        super().showEvent(event)

    def _write(self) -> None:
        rates = [line.values["lr"] for line in self._watched.lines if "lr" in line.values] if self._watched else []
        self._rate_width = max([self._rate_width, *(len(short_number(rate)) for rate in rates)])
        nothing = [FormulaRow(_TAKEN_BACK if self._went_back else _EMPTY, "muted")]
        rows = _rows(self._watched, self._whose, self._rate_width) if self._watched else nothing
        self._shown = tuple(rows)
        self.sheet.show_rows(self._shown)
        self.copy_action.setEnabled(self._watched is not None)
        self.setAccessibleDescription(self.text())
        self.changed.emit(self._watched)

    def text(self) -> str:
        """All that is shown, line by line."""
        if self._is_outdated:
            self._is_outdated = False
            self._write()
        return "\n".join(re.sub(" +", " ", row.text.replace(ROOM, "")).strip() for row in self._shown)

    @Slot()
    def copy(self) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())


def _rows(watched: Watched, whose: str = "", rate_width: int = 0) -> Iterator[FormulaRow]:
    where = f"{watched.parameter}[{watched.index}]"
    yield FormulaRow(f"Formula, step {grouped(watched.step + 1)}{whose}", bold=True)
    yield FormulaRow(f"{watched.rule}, x = {where}", "muted")
    yield _badge(watched)
    yield from rows_of_lines(watched.lines, rate_width)
    for words in watched.words:
        yield FormulaRow(words, "muted", gap=0.25)
    yield from _norms(watched)
    yield FormulaRow(f"Norms of {watched.parameter} ({' × '.join(map(grouped, watched.shape))})", "muted")


def _norms(watched: Watched) -> Iterator[FormulaRow]:
    """Of large parameters only that of the gradient is measured."""
    gradient, norm, moved = f"|g| {padded_number(watched.gradient_norm)}", watched.norm, watched.update_norm
    of_x = "" if norm is None else f"|x| {padded_number(norm)} "
    yield FormulaRow(of_x + gradient, fixed=True, gap=0.25)
    if moved is not None:
        share = f" {short(100 * moved / norm, 3)} % of |x|" if norm else ""
        yield FormulaRow(f"|Δx| {padded_number(moved)}{share}", fixed=True)


def _badge(watched: Watched) -> FormulaRow:
    if watched.agrees is None:
        why = "the rule combines many weights" if watched.lines else "this optimizer declares no rule"
        return FormulaRow(f"– Not compared: {why}", "muted", boxed=True, gap=0.5)
    if watched.agrees:
        return FormulaRow("✓ Agrees with torch", boxed=True, bold=True, gap=0.5)
    off = abs(watched.new - (watched.expected or 0.0))
    return FormulaRow(f"✗ Differs from torch by {short_number(off)}", "error", boxed=True, bold=True, gap=0.5)
