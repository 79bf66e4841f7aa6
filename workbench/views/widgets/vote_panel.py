"""A vote: answers with the counts of their votes, a bar for each, and a sign at the right one once it is known."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QSpinBox, QWidget

from workbench.engine.core.text import counted, percent
from workbench.views.widgets.basics import Box, Sign, Words, drop, plain_tip
from workbench.views.widgets.theme import ACCENT, MUTED, good_colour, rhythm

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TOP = Qt.AlignmentFlag.AlignTop


class VotePanel(Box):
    """Rows for the answers. Nothing is kept here: ``count_wanted`` asks for another count.

    Enter in a count goes to the next one, and leaves the last one by ``finished``.
    """

    count_wanted = Signal(int, int)  #: the answer, and how many votes it has
    finished = Signal()  #: Enter in the last count

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self._most = most
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self.box.addLayout(self._grid)
        self.rows: list[_Row] = []

    def show_votes(self, answers: Sequence[str], votes: Sequence[int], right: int | None, can_vote: bool) -> None:
        """Show the answers with their votes; ``right`` is the right one, None if it is not known."""
        if [row.answer for row in self.rows] != list(answers):
            self._rebuild(answers)
        total = sum(votes)
        for place, (row, each) in enumerate(zip(self.rows, votes, strict=True)):
            row.show_votes(each, total, place == right, can_vote)
        self.setVisible(bool(answers))
        self._grid.setHorizontalSpacing(rhythm(self, 1))
        self._grid.setVerticalSpacing(rhythm(self, 0.5))

    def _rebuild(self, answers: Sequence[str]) -> None:
        for row in self.rows:
            row.drop()
        self.rows = [_Row(place, answer, self._most, self, self._grid) for place, answer in enumerate(answers)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _ENTER:
            place = next(place for place, row in enumerate(self.rows) if row.count is watched)
            if place + 1 < len(self.rows):
                self.rows[place + 1].count.setFocus(Qt.FocusReason.TabFocusReason)
            else:
                self.finished.emit()
            return True
        return super().eventFilter(watched, event)


class _Row(QObject):
    """The widgets of one answer: its key, its words, its count, and its bar below them."""

    def __init__(self, place: int, answer: str, most: int, panel: VotePanel, grid: QGridLayout) -> None:
        super().__init__(panel)
        self.answer = answer
        self.key = Words(f"{place + 1}", panel, MUTED, wrap=False)
        self.words = Words(answer, panel)
        self.count = QSpinBox(panel)
        self.count.setRange(0, most)
        self.count.setAccessibleName(f"Votes for: {answer}")
        self.count.setToolTip(plain_tip(f"How many vote for “{answer}”"))
        self.count.setKeyboardTracking(True)
        self.count.installEventFilter(panel)
        self.count.valueChanged.connect(lambda votes: panel.count_wanted.emit(place, votes))
        self.sign = Sign("good", "The right answer", panel)
        self.bar = VoteBar(answer, panel)
        top = 2 * place
        grid.addWidget(self.key, top, 0, _TOP)
        grid.addWidget(self.words, top, 1)
        grid.addWidget(self.count, top, 2, _TOP)
        grid.addWidget(self.sign, top + 1, 0)
        grid.addWidget(self.bar, top + 1, 1, 1, 2)

    def show_votes(self, votes: int, total: int, is_right: bool, can_vote: bool) -> None:
        with QSignalBlocker(self.count):
            self.count.setValue(votes)
        self.count.setVisible(can_vote)
        self.sign.setVisible(is_right)
        font = QFont(self.words.font())
        font.setBold(is_right)
        self.words.setFont(font)
        self.bar.show_votes(votes, total, is_right)

    def drop(self) -> None:
        for widget in (self.key, self.words, self.count, self.sign, self.bar):
            drop(widget)
        self.deleteLater()


class VoteBar(QWidget):
    """A bar as long as an answer's share of the votes, with the count and the share in words."""

    def __init__(self, answer: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._votes = self._total = 0
        self._is_right = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Share of the votes for: {answer}")

    def show_votes(self, votes: int, total: int, is_right: bool) -> None:
        """Show ``votes`` of ``total``."""
        self._votes, self._total, self._is_right = votes, total, is_right
        self.setAccessibleDescription(f"{self.text}; the right answer" if is_right else self.text)
        self.update()

    @property
    def text(self) -> str:
        """The votes and their share, in words."""
        share = self._votes / self._total if self._total else 0.0
        return f"{counted(self._votes, 'vote')}, {percent(share, 0)}" if self._total else ""

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), self.fontMetrics().height() + rhythm(self, 0.5))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Button))
        share = self._votes / self._total if self._total else 0.0
        colour = QColor(good_colour(palette) if self._is_right else palette.color(ACCENT))
        colour.setAlphaF(0.45)
        painter.fillRect(QRectF(0, 0, share * self.width(), self.height()), colour)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        room = QRectF(self.rect()).adjusted(rhythm(self, 1), 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text)
        painter.end()
