"""What came of the proof of a resume, in the status line: a sign and words, with the whole sentence as tooltip."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from workbench.bridge.session import Session
from workbench.engine.core.events import Event, Resumed
from workbench.views.widgets.basics import Box, Sign, SignName, Words, plain_tip

_SAID: Final[dict[Literal["equal", "differs", "nothing"], tuple[SignName, str]]] = {
    "equal": ("good", "Resumed, same to the bit"),
    "differs": ("warning", "Resumed, last bits differ"),
    "nothing": ("none", "Resumed, nothing to compare"),
}


class ProofSign(Box):
    """Shown while the run that was resumed is the run of ``session``."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1, horizontal=True)
        self.setAccessibleName("Proof of the resume")
        self.sign, self.words = Sign("none", "", self), Words("", self, wrap=False)
        self.add(self.sign)
        self.add(self.words)
        self.hide()
        session.began.connect(self._on_began)
        session.updated.connect(self._on_updated)

    @Slot(object)
    def _on_began(self, history: object) -> None:
        self.hide()

    @Slot(object)
    def _on_updated(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Resumed):
                name, words = _SAID[event.proof]
                self.sign.show_sign(name, words)
                self.sign.setVisible(name != "none")
                self.words.say(words)
                for part in (self, self.sign, self.words):
                    part.setToolTip(plain_tip(event.words))
                self.show()
