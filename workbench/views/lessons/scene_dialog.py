"""The words of a scene: title, question and speaker's notes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.plan.plan import MOST_TEXT, MOST_TITLE
from workbench.views.widgets.basics import Words
from workbench.views.widgets.theme import ERROR, rhythm


class SceneDialog(QDialog):
    """``take`` gets title, question and notes, and says why they are not taken; empty if they are."""

    def __init__(self, lesson: Lesson, take: Callable[[str, str, str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Words of the scene")
        self._take = take
        self.title, self.question = QLineEdit(lesson.title), QLineEdit(lesson.question)
        self.title.setMaxLength(MOST_TITLE)
        self.question.setMaxLength(MOST_TEXT)
        self.notes = QPlainTextEdit("\n\n".join(lesson.paragraphs))
        self.notes.setTabChangesFocus(True)
        self.notes.setAccessibleName("Speaker's notes")
        self.problem = Words(tone=ERROR)
        self.problem.say("")
        form = QFormLayout()
        for label, field in (("&Title", self.title), ("&Question", self.question), ("&Notes", self.notes)):
            form.addRow(label, field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._on_ok)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addWidget(buttons)
        self.resize(rhythm(self, 160), rhythm(self, 80))
        self.finished.connect(self.deleteLater)

    @Slot()
    def _on_ok(self) -> None:
        why_not = self._take(self.title.text(), self.question.text(), self.notes.toPlainText())
        self.problem.say(why_not)
        if not why_not:
            self.accept()
