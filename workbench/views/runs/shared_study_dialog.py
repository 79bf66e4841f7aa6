"""Dialog for a study that several machines share: the address of its database, and which study."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.runs.search_desk import SearchDesk
from workbench.engine.core.text import counted
from workbench.views.widgets.basics import Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, grow_to_words, rhythm

_INTRO = (
    "A study in a database that other machines reach too. It can be followed here, and this machine can work on it. "
    "The password is never typed here: it comes from the environment variable PGPASSWORD or the file ~/.pgpass."
)


class SharedStudyDialog(QDialog):
    """Shows the chosen study when it is accepted; without an address, those of this user. Gone when it is closed."""

    def __init__(self, desk: SearchDesk, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, "search-machines", "In the window")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Shared study")
        self._desk = desk
        self.storage, self.study, self.ask = QLineEdit(desk.url), QComboBox(), QPushButton("&Connect")
        self.storage.setPlaceholderText("postgresql://USER@HOST/DATABASE; empty: the studies of this machine")
        self.storage.setAccessibleName("Address of the database")
        self.study.setAccessibleName("Study")
        self.ask.setAutoDefault(True)
        self.said = Words()
        self.said.setAccessibleName("What the database says")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.show_it = self.buttons.addButton("&Show", QDialogButtonBox.ButtonRole.AcceptRole)
        self._listed = ""
        self._lay_out()
        desk.elsewhere.changed.connect(self._on_listed)
        self.ask.clicked.connect(self._on_connect)
        self.storage.textChanged.connect(self._on_typed)
        self.storage.returnPressed.connect(self._on_connect)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self._on_typed()

    def _lay_out(self) -> None:
        intro = Words(_INTRO, tone=MUTED)
        intro.setMinimumWidth(rhythm(self, 140))
        form = QFormLayout()
        form.addRow("&Database", self.storage)
        form.addRow("", self.ask)
        form.addRow("S&tudy", self.study)
        column = QVBoxLayout(self)
        column.addWidget(intro)
        column.addLayout(form)
        column.addWidget(self.said)
        column.addStretch(1)
        column.addWidget(self.buttons)

    @property
    def url(self) -> str:
        """The address as it is typed."""
        return self.storage.text().strip()

    @Slot()
    def _on_typed(self) -> None:
        """What was listed is of another address."""
        self.study.clear()
        self.study.setEnabled(False)
        self.show_it.setEnabled(False)
        self.said.say("")

    @Slot()
    def _on_connect(self) -> None:
        self._listed = self.url
        self.ask.setEnabled(False)
        self._say("Connecting…", False)
        self._desk.list_elsewhere(self._listed)

    @Slot()
    def _on_listed(self) -> None:
        request = self._desk.elsewhere
        if request.is_pending or not self._is_asked():
            return
        self.ask.setEnabled(True)
        names = request.value or ()
        self.study.clear()
        self.study.addItems(list(reversed(names)))
        self.study.setEnabled(bool(names))
        self.show_it.setEnabled(bool(names))
        self.show_it.setDefault(bool(names))
        self._say(request.trouble or f"{counted(len(names), 'study', 'studies')} there.", bool(request.trouble))

    def _is_asked(self) -> bool:
        """Whether this dialog has asked, of the address that is typed now."""
        return not self.ask.isEnabled() and self._listed == self.url

    def _say(self, words: str, is_trouble: bool) -> None:
        self.said.setForegroundRole(ERROR if is_trouble else self.foregroundRole())
        self.said.say(words)
        if self.isVisible():
            grow_to_words(self)

    @Slot()
    def _on_accepted(self) -> None:
        if self.study.currentText():
            self._desk.attach(self._listed, self.study.currentText())
            self.accept()
