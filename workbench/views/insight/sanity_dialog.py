"""The sanity checks: each result with its number as it comes, and what to do next."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from workbench.bridge.sanity_checks import SanityChecks
from workbench.bridge.spec_store import SpecStore
from workbench.engine.experiments.sanity.questions import QUESTIONS, Question
from workbench.engine.experiments.sanity.result import Result
from workbench.views.widgets.basics import Box, Sign, SignName, Words
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.scroll_bar import reserve_scroll_bar
from workbench.views.widgets.start_bar import StartBar
from workbench.views.widgets.theme import ERROR, MUTED, resize_within_screen

EMPTY: Final = (
    "About 20 seconds before a long run. Temporary copies of the model are trained on a few examples; your model and "
    "the settings do not change. Press Start."
)
_OUTCOMES: Final = {"pass": "Passed", "fail": "Failed", "skipped": "Skipped"}
_SIGNS: Final[dict[str, SignName]] = {"pass": "good", "fail": "error", "skipped": "warning"}


class SanityDialog(QDialog):
    """Stays open beside the window."""

    def __init__(self, checks: SanityChecks, store: SpecStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "train", "Before a long run")
        self._checks, self._store = checks, store
        self.setWindowTitle("Sanity checks")
        self.head = Words(EMPTY)
        self.found = Box(margins=(1, 1, 2, 1), spacing=4)
        #: A card for each check, in the order in which they are made.
        self.cards = [_Card(question, self.found) for question in QUESTIONS]
        self.start_bar = StartBar("check", self)
        self.start_button, self.cancel_button = self.start_bar.start_button, self.start_bar.cancel_button
        self._lay_out()
        self.start_button.clicked.connect(checks.start)
        self.cancel_button.clicked.connect(checks.cancel)
        checks.changed.connect(self.refresh)
        store.changed.connect(self._on_spec)
        store.reason_changed.connect(self._on_spec)
        set_size(self, 215, 80)
        self.refresh()

    def _lay_out(self) -> None:
        self._area = area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        reserve_scroll_bar(area)
        area.setWidget(self.found)
        for card in self.cards:
            self.found.add(card)
        self.found.box.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.head)
        column.addWidget(area, 1)
        column.addWidget(self.start_bar)

    @Slot()
    def refresh(self) -> None:
        """Show the results so far, and how far the check under way is."""
        checks = self._checks
        running, why_not, (share, words) = checks.is_running, checks.why_not, checks.progress
        self._show_results(checks.results)
        self.start_bar.show_state(running, share, why_not, again=checks.spec is not None)
        self.head.setForegroundRole(ERROR if checks.trouble else self.foregroundRole())
        self.head.say(f"{words or 'Checking'}…" if running else self._words_at_rest(why_not))

    def _words_at_rest(self, why_not: str) -> str:
        checks = self._checks
        if checks.spec is None:
            return why_not or EMPTY
        said = checks.trouble or checks.verdict or "Stopped."
        return said if checks.spec == self._store.spec else f"{said} These results are of other settings than now."

    def _show_results(self, results: list[Result]) -> None:
        found = {result.name: result for result in results}
        now = [card.result for card in self.cards]
        for card in self.cards:
            card.show_result(found.get(card.question.name))
        if [card.result for card in self.cards] != now:
            self._grow()

    def _grow(self) -> None:
        """As high as the cards need, where the screen has the room; never lower than before."""
        self.ensurePolished()
        for part in (self.layout(), self.found.box):
            if part is not None:
                part.activate()
        more = self.found.box.totalHeightForWidth(self._area.viewport().width()) - self._area.viewport().height()
        if more > 0:
            resize_within_screen(self, self.width(), self.height() + more)

    @Slot()
    @Slot(object)
    def _on_spec(self, _news: object = None) -> None:
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._grow()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._checks.cancel()


class _Card(Box):
    """One check: what it asks; then its outcome, what was measured, what to do."""

    def __init__(self, question: Question, parent: QWidget) -> None:
        super().__init__(parent, spacing=2, horizontal=True)
        self.question = question
        self.result: Result | None = None
        self._sign = Sign("none", "", self)
        lines = Box(self, spacing=0.5)
        self._head, self._words, self._advice = Words(parent=lines), Words(parent=lines), Words(parent=lines)
        for words in (self._head, self._words, self._advice):
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            lines.add(words)
        self._words.setForegroundRole(MUTED)
        self.box.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        self.add(lines, 1)
        self._show()

    def show_result(self, result: Result | None) -> None:
        """Show what was found; None: nothing yet."""
        if result != self.result:
            self.result = result
            self._show()

    def _show(self) -> None:
        result, title = self.result, self.question.title
        outcome = _OUTCOMES[result.outcome] if result is not None else ""
        self._sign.show_sign(_SIGNS[result.outcome] if result is not None else "none", outcome or "Not checked yet")
        self._head.say(f"{outcome}: {title}" if outcome else title)
        failed = result is not None and result.outcome == "fail"
        self._head.setForegroundRole(ERROR if failed else self.foregroundRole())
        font = self._head.font()
        font.setBold(bool(outcome))
        self._head.setFont(font)
        self._words.say(result.words if result is not None else self.question.asks)
        self._advice.say(result.advice if result is not None else "")
