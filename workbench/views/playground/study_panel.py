"""The base of the playground's longer looks: a button that begins one, its progress, and a way to give up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QPushButton, QSizePolicy

from workbench.bridge.threads.latest_request import LatestRequest
from workbench.views.playground.chart import Chart
from workbench.views.plots.picture_menu import PictureMenu
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.theme import MUTED


class StudyPanel(Box):
    """A column with what is found at the left, and ``side`` with the button at the right. Members draw it."""

    def __init__(self, study: LatestRequest, button: str, help_text: str, begin: Callable[[], None]) -> None:
        super().__init__(spacing=2, horizontal=True)
        self.study = study
        self._help = help_text
        self.side = Box(self, margins=(0, 1, 1, 1), spacing=1)
        self.begin = QPushButton(button, self.side)
        self.begin.setToolTip(plain_tip(help_text))
        self.begin.clicked.connect(begin)
        self.give_up = QPushButton("&Cancel", self.side)
        self.give_up.clicked.connect(study.cancel)
        self.progress = ProgressBar(self.side)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress")
        self.words = Words(help_text, tone=MUTED)
        for widget in (self.begin, self.give_up, self.progress):
            self.side.add(widget)
        said = Box(margins=(0, 0, 1, 0))
        said.add(self.words)
        said.box.addStretch(1)
        self.side.add(scrolled(said, "What is found"), 1)
        self.side.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        study.changed.connect(self.refresh)

    def put(self, chart: Chart) -> None:
        """The drawing takes the room that is left; its menu copies and saves it."""
        self.picture_menu = PictureMenu(chart, lambda: chart.title.lower())
        chart.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.add(chart, 1)
        self.add(self.side)
        self.refresh()
        self._fit()

    def found(self) -> str:
        """What is found, in a sentence; empty if nothing is found yet."""
        return ""

    def show_found(self) -> None:
        """Draw what is found, or that nothing is."""

    @Slot()
    def refresh(self) -> None:
        """Show the state of the study."""
        pending = self.study.is_pending
        self.begin.setVisible(not pending)
        self.give_up.setVisible(pending)
        self.progress.setVisible(pending)
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * self.study.fraction))
        said = self.study.words if pending else self.study.trouble or self.found()
        self.words.setText(said or self._help)
        self.show_found()

    def changeEvent(self, event: object) -> None:
        super().changeEvent(event)  # type: ignore[arg-type]
        if hasattr(self, "words"):
            self._fit()

    def _fit(self) -> None:
        self.side.setFixedWidth(self.fontMetrics().horizontalAdvance("0" * 22))
