"""What has come of a scene: the number in large letters, its band, and a sentence for each number of the claim."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.engine.lessons.play import Conclusion, Finding
from workbench.engine.lessons.quantities import Quantity
from workbench.views.lessons.band_bar import BandBar
from workbench.views.lessons.large_words import LargeWords
from workbench.views.widgets.basics import Box, Sign, Words
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.scrolled import Scrolled
from workbench.views.widgets.theme import MUTED, WARNING, rhythm

#: In quarters of a line: room for the number with its bar, so that the stage does not jump.
_HIGH: Final = 24
#: Maximum share of the page's height, and of a low page's: the stage keeps the rest, and longer sentences scroll.
_SHARE, _SHARE_OF_LOW = 0.4, 0.25
_FIRST = "Press Enter to play the scene. Its number is measured and appears here."
_FAILS = "The counter-example leaves the band, as it must: the number tells the two apart."
_HOLDS = "The counter-example holds too: this number does not tell the two apart."
_CHANGED = "The stage was changed by hand since. Play measures it as it is now."
_AS_CHANGED = "Measured on the stage as it was changed by hand."


class ConclusionView(Box):
    """Follows the desk. Its height is that of its letters, so that the stage does not jump."""

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 1, 2, 1), spacing=4, horizontal=True)
        self._desk = desk
        left = Box(self, spacing=0)
        self.name = LargeWords(0.85, left, MUTED)
        self.number = LargeWords(2.0, left, bold=True, wrap=False)
        self.number.setAccessibleName("Measured number")
        self.bar = BandBar(left)
        for part in (self.name, self.number, self.bar):
            left.add(part)
        left.box.addStretch(1)
        self.right = Box(self, spacing=0.5)
        self.waiting = Waiting(desk, self.right)
        self.sentences = Sentences(self.right)
        self.note = Words(parent=self.right, tone=WARNING)
        for below in (self.waiting, self.sentences, self.note):
            self.right.add(below)
        self.right.box.addStretch(1)
        self.add(left, 3)
        self.words_area = _WordsArea(self.right, "Conclusion")
        self.add(self.words_area, 8)
        self._fit()
        desk.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what the desk has."""
        conclusion = self._desk.player.conclusion
        self.waiting.refresh()
        scene = self._desk.scene
        self.name.setText(scene.quantity.title if scene is not None else "")
        self.number.setText(number_of(scene.quantity, conclusion.main) if scene and conclusion else "–")
        self.bar.show_finding(conclusion.main if conclusion is not None else None)
        self.sentences.show_conclusion(conclusion)
        self.note.say(self._note(conclusion))
        comparison = self._desk.comparison
        is_good = comparison is not None and comparison.same and self.note.text() == comparison.words
        self.note.setForegroundRole(MUTED if is_good else WARNING)

    def fit_into(self, height: int, is_low: bool) -> None:
        """Take at most the share of a page of ``height`` pixels that leaves the stage its room."""
        self.words_area.tallest = round((_SHARE_OF_LOW if is_low else _SHARE) * height)
        most = max(self.minimumHeight(), self.words_area.tallest)  # beside it the number and its bar have their height
        self.sentences.set_low(is_low)
        self.setMaximumHeight(most if is_low else max(most, height))

    def _note(self, conclusion: Conclusion | None) -> str:
        if conclusion is None:
            return ""
        if self._desk.is_as_changed:
            return _AS_CHANGED
        if self._desk.is_changed:
            return _CHANGED
        comparison = self._desk.comparison
        return comparison.words if comparison is not None else ""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(rhythm(self, _HIGH))


class _WordsArea(Scrolled):
    """As high as its sentences, up to ``tallest`` pixels; beyond them it scrolls."""

    _tallest = 0

    @property
    def tallest(self) -> int:
        return self._tallest

    @tallest.setter
    def tallest(self, pixels: int) -> None:
        if pixels != self._tallest:
            self._tallest = pixels
            self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        inside = self._inside.heightForWidth(width - self.verticalScrollBar().sizeHint().width())
        return max(self.minimumSizeHint().height(), min(inside, self._tallest))


def number_of(quantity: Quantity, finding: Finding) -> str:
    """The measured number with its unit, as it is written in large letters."""
    return f"{finding.number} {quantity.unit}".rstrip()


class Waiting(Box):
    """What is being measured, with a bar and a button to cancel; before that, how to begin."""

    def __init__(self, desk: LessonDesk, parent: QWidget) -> None:
        super().__init__(parent, spacing=1)
        self._player = desk.player
        self.words = Words(parent=self, tone=MUTED)
        self._line = Box(self, horizontal=True)
        self.progress = ProgressBar(self._line)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress of the measurement")
        self.button = QPushButton("C&ancel", self._line)
        self.button.clicked.connect(desk.cancel)
        self._line.add(self.progress, 1)
        self._line.add(self.button)
        self.add(self.words)
        self.add(self._line)

    def refresh(self) -> None:
        """Show how far the player is."""
        player, frame = self._player, self._player.frame
        self.setVisible(player.conclusion is None)
        self._line.setVisible(player.is_playing)
        total = frame.total if frame is not None else 0
        self.progress.setRange(0, total)
        self.progress.setValue(frame.done if frame is not None else 0)
        playing = frame.words if frame is not None and total else "The measurement begins…"
        self.words.setText(player.trouble or (playing if player.is_playing else _FIRST))


class Sentences(QWidget):
    """A line for each finding: a sign whether it holds, and its sentence; the first one in larger letters."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._shown: Conclusion | None = None
        self._is_low = False
        self.words: list[LargeWords] = []

    def set_low(self, is_low: bool) -> None:
        """On a low page the letters of the first sentence are one step smaller where it takes over two lines."""
        self._is_low = is_low
        for words in self.words[:1]:
            words.set_most_lines(2 if is_low else 0)

    def show_conclusion(self, conclusion: Conclusion | None) -> None:
        """Show all findings of a conclusion; None: nothing."""
        self.setVisible(conclusion is not None)
        if conclusion is self._shown:
            return
        self._shown = conclusion
        self._clear()
        if conclusion is not None and conclusion.is_counter:
            self._line(conclusion.holds, _HOLDS if conclusion.holds else _FAILS, is_good=not conclusion.holds)
            self._line(conclusion.holds, conclusion.text, size=1.0)
        elif conclusion is not None:
            for finding in (conclusion.main, *conclusion.also):
                self._line(finding.holds, finding.text, size=1.2 if finding is conclusion.main else 0.95)
        self.set_low(self._is_low)

    def _line(self, holds: bool, text: str, *, size: float = 1.2, is_good: bool | None = None) -> None:
        good = holds if is_good is None else is_good
        words = LargeWords(size, self)
        words.setText(text)
        sign = Sign(
            "good" if good else "error",
            "The number is in its band" if holds else "The number is outside of its band",
            self,
        )
        row = len(self.words)
        self._grid.addWidget(sign, row, 0)
        self._grid.addWidget(words, row, 1)
        self.words.append(words)

    def _clear(self) -> None:
        self.words = []
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
