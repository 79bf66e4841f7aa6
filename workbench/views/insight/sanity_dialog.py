"""The sanity checks: each result with its number as it comes, and what to do next."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from workbench.bridge.sanity_checks import SanityChecks
from workbench.bridge.spec_store import SpecStore
from workbench.engine.experiments.sanity.result import Result
from workbench.views.widgets.basics import Box, Words, drop
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.scroll_bar import reserve_scroll_bar
from workbench.views.widgets.start_bar import StartBar
from workbench.views.widgets.theme import ERROR, MUTED, resize_within_screen, rhythm

EMPTY: Final = (
    "About 20 seconds before a long run. Temporary copies of the model are trained on a few examples; your model and "
    "the settings do not change. Press Start."
)
_OUTCOMES: Final = {"pass": "Passed", "fail": "Failed", "skipped": "Skipped"}


class SanityDialog(QDialog):
    """Stays open beside the window."""

    def __init__(self, checks: SanityChecks, store: SpecStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "train", "Before a long run")
        self._checks, self._store = checks, store
        self._cards: list[_Card] = []
        self.setWindowTitle("Sanity checks")
        self.head = Words(EMPTY)
        self.found = Box(margins=(1, 1, 2, 1), spacing=3)
        self.start_bar = StartBar("check", self)
        self.start_button, self.cancel_button = self.start_bar.start_button, self.start_bar.cancel_button
        self._lay_out()
        self.start_button.clicked.connect(checks.start)
        self.cancel_button.clicked.connect(checks.cancel)
        checks.changed.connect(self.refresh)
        store.changed.connect(self._on_spec)
        store.reason_changed.connect(self._on_spec)
        resize_within_screen(self, rhythm(self, 150), rhythm(self, 130))
        self.refresh()

    def _lay_out(self) -> None:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        reserve_scroll_bar(area)
        area.setWidget(self.found)
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
        if [card.result for card in self._cards] == results:
            return
        for card in self._cards:
            drop(card)
        self._cards = [_Card(result) for result in results]
        for place, card in enumerate(self._cards):
            self.found.box.insertWidget(place, card)

    @Slot()
    @Slot(object)
    def _on_spec(self, _news: object = None) -> None:
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._checks.cancel()


class _Card(Box):
    """One result: its outcome and title, what was measured, what to do."""

    def __init__(self, result: Result) -> None:
        super().__init__(spacing=1)
        self.result = result
        head = Words(f"{_OUTCOMES[result.outcome]}: {result.title}", self)
        head.setForegroundRole(ERROR if result.outcome == "fail" else head.foregroundRole())
        font = head.font()
        font.setBold(True)
        head.setFont(font)
        self.add(head)
        for text, tone in ((result.words, MUTED), (result.advice, self.foregroundRole())):
            if text:
                self.add(_selectable(Words(text, self, tone)))


def _selectable(label: QLabel) -> QLabel:
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
