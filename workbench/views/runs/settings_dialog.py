"""The base of dialogs that ask for a name and for values of settings: of a racer, of a card of the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.bridge.runs.card_words import Choice
from workbench.views.runs.setting_rows import SettingRows
from workbench.views.widgets.basics import Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

#: Takes the name and the changed settings (path, typed text); returns why they are refused, or an empty text.
Accept = Callable[[str, Sequence[tuple[str, str]]], str]
_Button = QDialogButtonBox.StandardButton


@dataclass(frozen=True, slots=True)
class Asked:
    """What a dialog asks for: a ``name``, unless it is None, and values of ``choices``; ``tip`` is about ``intro``."""

    title: str
    intro: str
    name: str | None
    choices: Sequence[Choice]
    tip: str = ""


class SettingsDialog(QDialog):
    """Closes when ``accept`` returns no error, else shows it; deleted when closed."""

    #: The page of help and its heading.
    help_place: ClassVar[tuple[str, str]]
    value_name: ClassVar[str] = "Value"
    accept_button: ClassVar[QDialogButtonBox.StandardButton] = _Button.Ok

    def __init__(self, asked: Asked, accept: Accept, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, *self.help_place)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(asked.title)
        self._accept = accept
        self.name = QLineEdit(asked.name or "")
        self.name.setAccessibleName("Name")
        self.settings = SettingRows(asked.choices, self.value_name)
        self.trouble = Words(tone=ERROR)
        self.trouble.setAccessibleName("Why it was not accepted")
        self._lay_out(asked)

    def _lay_out(self, asked: Asked) -> None:
        intro = Words(asked.intro, tone=MUTED)
        intro.setToolTip(asked.tip)
        intro.setMinimumWidth(rhythm(self, 110))
        form = QFormLayout()
        if asked.name is not None:
            form.addRow("&Name", self.name)
        self.buttons = QDialogButtonBox(self.accept_button | _Button.Cancel)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(intro)
        column.addLayout(form)
        column.addWidget(self.settings)
        column.addWidget(self.trouble)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.trouble.say("")
        self.settings.rows[0][1].setFocus()

    @property
    def accepting(self) -> QWidget:
        """The button that accepts."""
        return self.buttons.button(self.accept_button)

    @Slot()
    def _on_accepted(self) -> None:
        trouble = self.settings.trouble or self._accept(self.name.text().strip(), self.settings.changes)
        self.trouble.say(trouble)
        if not trouble:
            self.accept()
