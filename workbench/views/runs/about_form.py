"""What the user says of a run: its name, tags and a note. Written when the field is left."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QWidget

from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.shelf.record import RunRecord
from workbench.views.widgets.basics import Box


class AboutForm(Box):
    """Shows the words about one run, and writes them through ``desk``."""

    def __init__(self, desk: RunDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 2, 2, 2), spacing=1)
        self._desk = desk
        self._record: RunRecord | None = None
        self.name, self.tags, self.note = QLineEdit(), QLineEdit(), QPlainTextEdit()
        self.tags.setPlaceholderText("baseline, for the talk")
        self.note.setTabChangesFocus(True)
        fields: tuple[tuple[str, QWidget], ...] = (
            ("Na&me", self.name),
            ("&Tags, with commas between", self.tags),
            ("N&ote", self.note),
        )
        for words, field in fields:
            label = QLabel(words)
            label.setBuddy(field)
            field.setAccessibleName(words.replace("&", ""))
            self.add(label)
            self.add(field)
        for line in (self.name, self.tags):
            line.editingFinished.connect(self._write)
        self.note.installEventFilter(self)

    def show_run(self, record: RunRecord) -> None:
        """Show the words about a run."""
        self._record = record
        self.name.setText(record.about.name)
        self.name.setPlaceholderText(record.usual_name)
        self.name.setCursorPosition(0)
        self.tags.setText(", ".join(record.about.tags))
        self.note.setPlainText(record.about.note)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.note and event.type() == QEvent.Type.FocusOut:
            self._write()
        return super().eventFilter(watched, event)

    @Slot()
    def _write(self) -> None:
        if self._record is None:
            return
        name, tags = self.name.text().strip(), [tag.strip() for tag in self.tags.text().split(",")]
        self._record = self._desk.describe(self._record, name, [tag for tag in tags if tag], self.note.toPlainText())
