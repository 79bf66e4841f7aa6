"""Only what differs between runs: in words with its noise, and as a table with a column for each run."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHeaderView, QScrollArea, QSplitter, QTableWidget, QTableWidgetItem, QWidget

from workbench.engine.shelf.compare import Comparison
from workbench.engine.shelf.export import comparison_rows
from workbench.views.runs.columns import short_names
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.theme import rhythm


class DifferenceView(Box):
    """Shows a Comparison; the first run is what the others are compared with."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(1, 1, 1, 1), spacing=1)
        self.words = Words()
        self.words.setAccessibleName("Differences in words")
        self.table = QTableWidget()
        self.table.setAccessibleName("Settings that differ")
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        reading = QScrollArea()
        reading.setWidgetResizable(True)
        reading.setFrameShape(QFrame.Shape.NoFrame)
        reading.setAccessibleName("Differences in words, scrolled")
        reading.setWidget(self.words)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        both = QSplitter(Qt.Orientation.Vertical)
        both.addWidget(reading)
        both.addWidget(self.table)
        both.setChildrenCollapsible(False)
        both.setSizes([1_000, 1_500])  # in proportion
        self.add(both, 1)
        self.show_comparison(None)

    @property
    def is_filled(self) -> bool:
        """Whether a comparison is shown."""
        return not self.table.isHidden()

    def show_comparison(self, found: Comparison | None, trouble: str = "") -> None:
        """Show what differs; without a comparison, ``trouble`` or what to do for one."""
        if found is None:
            self.words.say(trouble or "Tick two runs or more: what differs between them stands here.")
            self.table.hide()
            return
        names = short_names(found.records)
        lines = [
            f"{names[other.record.folder]}: {_sentence(other.words)}" + _noise(other.versus) for other in found.others
        ]
        against = f"Against {names[found.records[0].folder]}:"
        self.words.say("\n".join((against, *lines, *found.left_out)))
        self._fill(found)
        self.table.show()

    def _fill(self, found: Comparison) -> None:
        heads, *rows = comparison_rows(found, short_names(found.records))
        self.table.setColumnCount(len(heads))
        self.table.setHorizontalHeaderLabels(heads)
        self.table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            for place, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(at, place, item)
        for place, record in enumerate(found.records, 1):
            head = self.table.horizontalHeaderItem(place)
            if head is not None:
                head.setToolTip(plain_tip(record.shown_name))
        self.fit()

    def fit(self) -> None:
        """Make rows and columns as large as the letters need."""
        for at in range(self.table.rowCount()):
            self.table.setRowHeight(at, rhythm(self, 6))
        self.table.resizeColumnsToContents()


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _noise(versus: object) -> str:
    return f" {versus.words}" if versus is not None else ""  # type: ignore[attr-defined]
