"""The plan of a transfer run as phases: which blocks learn in which epochs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.text import abbreviated, counted
from workbench.views.widgets.theme import ACCENT, MUTED, rhythm, theme

if TYPE_CHECKING:
    from workbench.engine.catalog.models.transfer import Transfer
    from workbench.engine.transfer.blocks import Block

#: More phases than these are not listed one by one.
MOST = 6


@dataclass(frozen=True, slots=True)
class Phase:
    """From epoch ``first`` to ``last`` (1-based) the blocks ``learning`` learn, of ``blocks`` below the head."""

    first: int
    last: int
    learning: frozenset[int]
    blocks: int
    parameters: int
    head_learns: bool

    @property
    def words(self) -> str:
        """Which blocks learn, e.g. ``blocks 3 and 4 and the head, 206 k parameters``."""
        numbers = sorted(self.learning)
        parts = [_numbers(numbers)] if numbers else []
        if len(numbers) == self.blocks and numbers:
            parts = ["all blocks"]
        parts += ["the head"] if self.head_learns else []
        what = " and ".join(parts) if numbers else "the head only" if self.head_learns else "nothing"
        return f"{what}: {abbreviated(self.parameters)} parameters"

    @property
    def when(self) -> str:
        """The epochs."""
        return f"Epoch {self.first}" if self.first == self.last else f"Epochs {self.first} to {self.last}"


def phases(model: Transfer, epochs: int, blocks: Sequence[Block]) -> list[Phase]:
    """The phases of ``epochs`` epochs, found by halving: what is frozen may change only a few times."""
    if not blocks:
        return []
    below = len(blocks) - 1
    made: list[Phase] = []
    first = 0
    while first < epochs and len(made) < below + 2:
        frozen = model.frozen_in(first, below)
        changed = partial(_differs, model, below, frozen)
        other = bisect_left(range(epochs), True, lo=first, key=changed)
        learning = {block.number: block.parameters for block in blocks if block.number not in frozen}
        body = frozenset(number for number in learning if number <= below)
        made.append(Phase(first + 1, other, body, below, sum(learning.values()), below + 1 in learning))
        first = other
    return made


def _differs(model: Transfer, below: int, frozen: frozenset[int], epoch: int) -> bool:
    return model.frozen_in(epoch, below) != frozen


class PhaseBar(QWidget):
    """A bar of the epochs: what learns and what is frozen in each phase; ``lines`` are the words for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phases: list[Phase] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_phases(self, phases: Sequence[Phase]) -> None:
        """Show these."""
        self._phases = list(phases)
        self.setAccessibleName("Plan")
        self.setAccessibleDescription(". ".join(self.lines()))
        self.updateGeometry()
        self.update()

    def lines(self) -> list[str]:
        """A line for each phase, shortened where there are many."""
        lines = [f"{phase.when}: {phase.words}" for phase in self._phases]
        if len(lines) > MOST:
            lines[MOST - 2 : -1] = [f"… {counted(len(lines) - MOST + 1, 'more phase')}"]
        return lines

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 80), rhythm(self, 7))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = rhythm(self, 1)
        if not self._phases:
            painter.end()
            return
        total = max(phase.last for phase in self._phases)
        bar = QRectF(0.5, 0.5, self.width() - 1, 6 * unit)
        for phase in self._phases:
            left = bar.left() + bar.width() * (phase.first - 1) / total
            right = bar.left() + bar.width() * phase.last / total
            self._paint_phase(painter, QRectF(left, bar.top(), right - left, bar.height()), phase)
        painter.end()

    def _paint_phase(self, painter: QPainter, area: QRectF, phase: Phase) -> None:
        """Frozen below, learning above, as in the stack; the head is the topmost share."""
        palette, cool = self.palette(), QColor(theme().colours.train)
        cool.setAlphaF(0.30)
        parts = phase.blocks + 1
        high = area.height() / parts
        painter.setPen(Qt.PenStyle.NoPen)
        for number in range(1, parts + 1):
            top = area.bottom() - number * high
            learns = number in phase.learning or (number == parts and phase.head_learns)
            brush = QBrush(palette.color(ACCENT)) if learns else QBrush(cool, Qt.BrushStyle.BDiagPattern)
            painter.setBrush(brush)
            painter.drawRect(QRectF(area.left(), top, area.width(), high))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(palette.color(MUTED), 1))
        painter.drawRect(area)


def _numbers(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"block {numbers[0]}"
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"blocks {numbers[0]} to {numbers[-1]}"
    return "blocks " + ", ".join(map(str, numbers))
