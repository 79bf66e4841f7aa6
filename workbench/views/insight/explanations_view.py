"""What explains the curves: for each rule that speaks its sentence, and below it the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from workbench.engine.report.explanation import Explanation
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.theme import MUTED

#: The most basic reasons; what follows from them is seldom worth reading before they are mended.
_MOST = 2


class ExplanationsView(Box):
    """The first explanations. Labels are made once and hidden where there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._pairs = [(Words(parent=self), Words(parent=self, tone=MUTED)) for _ in range(_MOST)]
        for number, (sentence, evidence) in enumerate(self._pairs, 1):
            sentence.setAccessibleName(f"Explanation {number}")
            evidence.setAccessibleName(f"Evidence of explanation {number}")
            self.add(sentence)
            self.add(evidence)
        self.show_explanations(())

    def show_explanations(self, explanations: Sequence[Explanation], said: Sequence[str] = ()) -> None:
        """Show the first of ``explanations``; what is ``said`` elsewhere in the panel is not repeated."""
        for place, (sentence, evidence) in enumerate(self._pairs):
            each = explanations[place] if place < len(explanations) else None
            sentence.say(each.sentence if each is not None and each.sentence not in said else "")
            words = [found.words for found in each.evidence if found.words not in said] if each is not None else []
            evidence.say(" ".join(words))
        self.setVisible(bool(self.words))

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that is shown, from top to bottom."""
        labels = (label for pair in self._pairs for label in pair)
        return tuple(label.text() for label in labels if not label.isHidden())
