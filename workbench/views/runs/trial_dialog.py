"""Dialog for a trial by hand: a value for each field of the study."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.bridge.runs.search_desk import SearchDesk
from workbench.bridge.runs.study_work import Snapshot
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import editable
from workbench.engine.search.trial import Trial, best_of
from workbench.views.widgets.basics import Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, rhythm


class TrialDialog(QDialog):
    """Begins with the values of ``trial``, or of the best one. Gone when it is closed."""

    def __init__(self, desk: SearchDesk, shown: Snapshot, trial: Trial | None, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, "search", "Fields")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Add a trial")
        self._desk, self._shown = desk, shown
        begins = trial or next(iter(best_of(shown.trials)), None)
        intro = Words("The trial waits until the search takes it, before any other.", tone=MUTED)
        intro.setMinimumWidth(rhythm(self, 110))
        form = QFormLayout()
        self.values: dict[str, QLineEdit] = {}
        for field, label in zip(shown.plan.fields, desk.labels, strict=True):
            text = QLineEdit()
            value = begins.settings.get(field.path) if begins is not None else None
            text.setText("" if value is None else editable(value) if isinstance(value, (int, float)) else str(value))
            text.setToolTip(field.words)
            text.setPlaceholderText(field.words)
            text.setAccessibleName(label)
            form.addRow(label.replace("&", "&&"), text)
            self.values[field.path] = text
        self.trouble = Words(tone=ERROR)
        self.trouble.setAccessibleName("Why it was not accepted")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.addButton("&Add", QDialogButtonBox.ButtonRole.AcceptRole)
        column = QVBoxLayout(self)
        column.addWidget(intro)
        column.addLayout(form)
        column.addWidget(self.trouble)
        column.addWidget(self.buttons)
        self.trouble.say("")
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)

    @Slot()
    def _on_accepted(self) -> None:
        typed = {path: text.text().strip() for path, text in self.values.items() if text.text().strip()}
        try:
            settings = self._shown.plan.typed(typed)
        except WorkbenchError as error:
            self.trouble.say(self._desk.words_of(error))
        else:
            self._desk.add(settings)
            self.accept()
