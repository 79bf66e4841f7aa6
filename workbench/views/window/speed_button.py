"""The speed of runs, beside the buttons of the run bar: full, or some steps a second for those who watch."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from workbench.bridge.pace import SPEEDS, Pace, speed_words

_HELP = "How fast runs go: a class can follow single steps. Results are the same at every speed."


class SpeedButton(QToolButton):
    """Shows the speed and opens ``choices``, the menu of all speeds."""

    def __init__(self, pace: Pace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pace = pace
        self.setObjectName("speed")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choices = QMenu("Sp&eed", self)
        self._group = QActionGroup(self)
        for speed in reversed(SPEEDS):
            action = self._group.addAction(QAction(speed_words(speed), self.choices, checkable=True))
            action.setData(speed)
            self.choices.addAction(action)
        self._group.triggered.connect(self._on_chosen)
        self.setMenu(self.choices)
        pace.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the speed of now."""
        words = speed_words(self._pace.speed)
        for action in self._group.actions():
            action.setChecked(action.data() == self._pace.speed)
        self.setText(words)
        self.setAccessibleName(f"Speed: {words}")
        now = f"Slowed to {words}. " if self._pace.speed else ""
        self.setToolTip(f"{now}{_HELP}")

    @property
    def is_slow(self) -> bool:
        """Whether runs are slowed down."""
        return bool(self._pace.speed)

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        self._pace.set_speed(action.data())
