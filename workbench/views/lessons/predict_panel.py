"""The predictions of a class for a scene: the vote before it is played, the comparison afterwards."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.engine.lessons.predict import Predict
from workbench.engine.lessons.prediction import MOST_VOTES, Outcome
from workbench.views.lessons.large_words import LargeWords
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.theme import MUTED, rhythm
from workbench.views.widgets.vote_panel import VotePanel

_ASKED = "What do you expect?"


class PredictPanel(Box):
    """Follows the desk. It is there while the scene waits, and afterwards if anything was predicted."""

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(1, 1, 1, 1), spacing=2)
        self._desk, self._predictions = desk, desk.predictions
        self.question = LargeWords(1.1, self, bold=True)
        self.vote = VotePanel(MOST_VOTES, self)
        self.said = LargeWords(1.0, self)
        self.said.setAccessibleName("What has come of the prediction")
        self.hint = Words(parent=self, tone=MUTED)
        self._row = QWidget(self)
        self._flow = FlowLayout(self._row, rhythm(self, 1))
        predictions = desk.predictions
        self.again = self._button("As&k again", "Votes and curve can be changed again", desk.predict_again)
        self.reveal = self._button("Reve&al", "Play the scene, and compare (Enter)", desk.play)
        self.skip = self._button("S&kip", "Play the scene without a prediction", desk.skip_prediction)
        self.undo = self._button("&Undo", "Take the last vote or stroke back (Backspace, Ctrl+Z)", predictions.undo)
        self.clear = self._button("&Clear", "Take all votes and the curve away", predictions.clear)
        for part in (self.question, self.vote, self.said, self.hint, self._row):
            self.add(part)
        self.box.addStretch(1)
        self.vote.count_wanted.connect(predictions.set_votes)
        self.vote.finished.connect(self._on_last_count)
        predictions.changed.connect(self.refresh)
        desk.changed.connect(self.refresh)
        self.refresh()

    def _button(self, text: str, tip: str, slot: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self._row)
        button.setToolTip(plain_tip(tip))
        button.clicked.connect(slot)
        self._flow.addWidget(button)
        return button

    @Slot()
    def _on_last_count(self) -> None:
        self.reveal.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def refresh(self) -> None:
        """Show votes, what has come of them, and what can be done."""
        predictions, predict = self._predictions, self._predictions.predict
        if predict is None or not predictions.is_shown or self._desk.is_beginning:
            return
        holding, found = predictions.is_holding, predictions.outcome
        self.question.setText(predict.ask or _ASKED)
        right = found.right if found is not None else None
        answers = [answer.words for answer in predict.answers]
        self.vote.show_votes(answers, predictions.prediction.votes, right, holding)
        self.said.say("\n".join(found.sentences) if found is not None else "")
        self.hint.say(self._hint(predict, found))
        for button in (self.reveal, self.skip, self.undo, self.clear):
            button.setVisible(holding)
        self.again.setVisible(not holding)
        store = predictions.store
        self._enable(self.undo, store is not None and store.can_undo)
        self._enable(self.clear, not predictions.prediction.is_empty)

    def _enable(self, button: QPushButton, enabled: bool) -> None:
        """A disabled button passes the focus to *Reveal*; Qt would pass it to a spin box, which handles Backspace."""
        if not enabled and button.hasFocus():
            self.reveal.setFocus()
        button.setEnabled(enabled)

    def _hint(self, predict: Predict, found: Outcome | None) -> str:
        if self._predictions.is_holding:
            keys = (
                f"The keys 1 to {len(predict.answers)} add a vote, Backspace takes it back. " if predict.answers else ""
            )
            return f"{keys}Enter plays the scene."
        return "" if found is not None else "The scene is being measured…" if self._desk.player.is_playing else ""
