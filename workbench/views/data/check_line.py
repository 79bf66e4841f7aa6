"""In the Data panel: the state of the check of the data, and the buttons that open the browser and the check."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.bridge.data.check_data import Checking
from workbench.bridge.previews import Previews
from workbench.engine.core.text import counted
from workbench.engine.data.findings import Report
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.theme import ERROR, MUTED, WARNING


class CheckLine(Box):
    """A sentence, a bar while the check goes on, and buttons."""

    shown = Signal()  #: the findings are wanted
    browsed = Signal()  #: the data browser is wanted

    def __init__(self, checking: Checking, previews: Previews, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._checking, self._previews = checking, previews
        self.words = Words(tone=MUTED)
        self.bar = ProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the check")
        self.browse, self.check = QPushButton("Data browser…"), QPushButton("Check…")
        self.stop = QPushButton("Stop the check")
        self.browse.setToolTip("See every picture; leave some out or give them another class (Ctrl+B).")
        self.check.setToolTip("Class counts, sizes, unreadable files, duplicates, leaks between the splits.")
        buttons = Box(self, spacing=2, horizontal=True)
        for button in (self.browse, self.check):
            buttons.add(button)
        buttons.box.addStretch(1)
        for widget in (self.words, self.bar, self.stop, buttons):
            self.add(widget)
        self.browse.clicked.connect(self._on_browse)
        self.check.clicked.connect(self._on_check)
        self.stop.clicked.connect(checking.cancel)
        for changed in (checking.changed, previews.reading, previews.data_ready, previews.failed):
            changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the state of the check."""
        share, words = self._checking.progress
        busy, report = self._checking.is_busy, self._checking.report
        alone = busy and not self._previews.is_reading  # else the reading above has a bar, and the check reads the same
        self.bar.setVisible(alone)
        self.stop.setVisible(alone)
        self.bar.setRange(0, 1000 if share else 0)
        self.bar.setValue(round(1000 * share))
        tone, said = MUTED, ""
        if busy and not alone:
            said = "The data will be checked when it has been read."
        elif busy:
            said = f"Checking the data: {words[:1].lower()}{words[1:]}" if words else "Checking the data…"
        elif self._checking.trouble:
            tone, said = ERROR, self._checking.trouble
        elif report is not None and report.is_asked:
            tone, said = WARNING, "The data will be checked when it is chosen how it is read."
        elif report is not None:
            errors = any(finding.severity == "error" for finding in report.findings)
            warnings = any(finding.severity == "warning" for finding in report.findings)
            tone, said = ERROR if errors else WARNING if warnings else MUTED, f"Checked: {tally(report)}"
        elif self._checking.was_stopped:
            said = "The check was stopped."
        self.words.setForegroundRole(tone)
        self.words.say(said)

    @Slot()
    def _on_browse(self) -> None:
        self.browsed.emit()

    @Slot()
    def _on_check(self) -> None:
        self.shown.emit()


def tally(report: Report) -> str:
    """How many errors and warnings were found, as the end of a sentence."""
    errors, warnings = (sum(f.severity == kind for f in report.findings) for kind in ("error", "warning"))
    if not errors and not warnings:
        return "no problems."
    found = ((errors, "error"), (warnings, "warning"))
    parts = [counted(n, what) for n, what in found if n]
    return f"{' and '.join(parts)}."
