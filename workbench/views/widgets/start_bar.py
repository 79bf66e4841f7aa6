"""The last line of a dialog that measures: how far it is, and the buttons that start and stop it."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from workbench.views.widgets.basics import Box, keep_room, plain_tip
from workbench.views.widgets.progress_bar import ProgressBar


class StartBar(Box):
    """``what`` names the work for screen readers. The dialog connects ``start_button`` and ``cancel_button``."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2, horizontal=True)
        self.bar = ProgressBar()
        self.bar.setAccessibleName(f"Progress of the {what}")
        self.bar.setTextVisible(False)
        keep_room(self.bar)
        self.start_button, self.cancel_button = QPushButton("&Start"), QPushButton("S&top")
        self.add(self.bar, 1)
        self.add(self.cancel_button)
        self.add(self.start_button)

    def show_state(self, running: bool, share: float, why_not: str, again: bool) -> None:
        """``share`` from 0 to 1 of the work is done (0: unknown); ``why_not`` is why it cannot start, else empty."""
        self.start_button.setEnabled(not running and not why_not)
        self.start_button.setToolTip(plain_tip(why_not))
        self.start_button.setText("&Start again" if again else "&Start")
        self.cancel_button.setEnabled(running)
        self.bar.setVisible(running)
        self.bar.setRange(0, 1000 if share else 0)
        self.bar.setValue(round(1000 * share))
