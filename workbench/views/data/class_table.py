"""The classes of a data set with their numbers of examples in each part; the current row is the class shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from workbench.engine.core.text import grouped
from workbench.engine.data.browse import Catalogue, Part
from workbench.views.widgets.tables import make_plain

ALL: Final = "All classes"
#: The parts in the order of their columns.
PARTS: Final = (Part.TRAINING, Part.VALIDATION, Part.TEST, Part.UNUSED, Part.UNKNOWN, Part.LEFT_OUT)
_HEADS: Final = {
    Part.TRAINING: "Train",
    Part.VALIDATION: "Val",
    Part.TEST: "Test",
    Part.UNUSED: "Unused",
    Part.LEFT_OUT: "Left out",
    Part.UNKNOWN: "Not known",
}
_NUMBER: Final = Qt.ItemDataRole.UserRole


class ClassTable(QTreeWidget):
    """A row for all classes, then one for each; a column for each part that has examples."""

    def __init__(self) -> None:
        super().__init__()
        make_plain(self, ("Class",), "Classes")

    @property
    def number(self) -> int:
        """The number of the chosen class; -1 is all."""
        item = self.currentItem()
        return int(item.data(0, _NUMBER)) if item is not None else -1

    def choose_all(self) -> None:
        """Choose the row of all classes."""
        if (every := self.topLevelItem(0)) is not None:
            self.setCurrentItem(every)

    def show_counts(self, found: Catalogue) -> None:
        """Fill the rows; the chosen class stays if it is still there. Emits nothing."""
        counts, before = found.counts(), self.number
        always = (Part.TRAINING, Part.VALIDATION) if found.split_words else ()
        used = [part for part in PARTS if part in always or counts[:, part].any()]
        self.blockSignals(True)
        self.clear()
        self.setColumnCount(1 + len(used))
        self.setHeaderLabels(["Class", *(_HEADS[part] for part in used)])
        rows = [(ALL, -1, counts.sum(0)), *((name, i, counts[i]) for i, name in enumerate(found.classes))]
        for name, number, row in rows:
            self.addTopLevelItem(_item(name, number, [grouped(int(row[part])) for part in used]))
        stays = before if before < len(found.classes) else -1
        if (chosen := self.topLevelItem(stays + 1)) is not None:
            self.setCurrentItem(chosen)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.blockSignals(False)


def _item(name: str, number: int, counts: list[str]) -> QTreeWidgetItem:
    item = QTreeWidgetItem([name, *counts])
    item.setData(0, _NUMBER, number)
    for column in range(1, 1 + len(counts)):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
