"""The report of the queue: what became of each card, as a table that can be copied."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTreeWidgetItem, QVBoxLayout, QWidget

from workbench.engine.shelf.queue_report import HEADS, QueueReport
from workbench.views.widgets.basics import Words
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.open_folder import open_folder
from workbench.views.widgets.tables import fit_columns, plain_table, squeeze_columns, wrap_rows
from workbench.views.widgets.theme import MUTED


class QueueReportDialog(QDialog):
    """Shows a report; ``path`` is the file that holds it, empty if it could not be written."""

    def __init__(self, report: QueueReport, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, "queue", "Let it train")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Report of the queue")
        self._report, self._path = report, path
        self.words = Words(" ".join(filter(None, (report.sentence, report.about_highest, report.why))))
        self.words.setAccessibleName("Report")
        self.table = plain_table(HEADS, "What became of the cards")
        for each in report.worked:
            item = QTreeWidgetItem(list(each.cells))
            for at in range(len(HEADS)):
                item.setTextAlignment(at, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self.table.addTopLevelItem(item)
        wrap_rows(self.table)
        self.where = Words(f"Kept in {path}" if path else "It could not be written to a file.", tone=MUTED)
        self.where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = self.buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.folder = self.buttons.addButton("Open &folder", QDialogButtonBox.ButtonRole.ActionRole)
        self.folder.setEnabled(bool(path))
        self.copy.clicked.connect(self._on_copy)
        self.folder.clicked.connect(self._on_folder)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (self.words, self.table, self.where, self.buttons):
            column.addWidget(widget)
        set_size(self, 230, 110)
        fit_columns(self.table, 60)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        squeeze_columns(self.table, (0,), least=45, last=70)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.text)

    @Slot()
    def _on_folder(self) -> None:
        trouble = open_folder(Path(self._path).parent, f"The report is {self._path}")
        if trouble:
            self.where.setText(trouble)
