"""What an audience reads beside the plots: the state of the run, and the sentence about it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from workbench.bridge.session import Session
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.theme import MUTED, rhythm
from workbench.views.window.run_progress import progress_of

REFRESH_MS = 250
_BUTTONS = ("train", "pause", "step", "stop")


class StageBar(Box):
    """Shown in projector mode alone. ``actions`` are the window's; ``projector`` leads back."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 1, 2, 1), spacing=1)
        self._session = session
        self.state = Words(parent=self, tone=MUTED)
        self.state.setAccessibleName("State of the run")
        self.sentence = Words(parent=self)
        self.sentence.setAccessibleName("What is seen")
        self.buttons = QWidget(self)
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.state, 1)
        for name in (*_BUTTONS, "projector"):
            row.addWidget(self._button(actions[name]))
        self.add(self.buttons)
        self.add(self.sentence)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._fit()

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(self.buttons)
        button.setDefaultAction(action)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setAutoRaise(True)
        return button

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show the sentence about the run."""
        self.sentence.setText(sentence)

    @Slot()
    def refresh(self) -> None:
        """Write the state of the run."""
        progress = progress_of(self._session, None)
        share = f"{100 * progress.done // max(1, progress.total)} %"
        words = (progress.epoch, progress.words.replace("%p %", share), progress.elapsed)
        self.state.setText(" · ".join(word for word in words if word))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        font = QFont(self.font())
        font.setBold(True)
        self.sentence.setFont(font)
        self.sentence.setMinimumHeight(rhythm(self, 9))  # two lines: the plots below must not jump
