"""Dialog for a list of values of one setting, each of which becomes a card of the queue or a racer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.bridge.runs.card_words import choices
from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.setting_names import error_words
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, paths_text
from workbench.engine.shelf.cards import cards_of_values
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.runs.setting_box import SettingBox
from workbench.views.widgets.basics import Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

_MOST_NAMED: Final = 12


class Named(Protocol):
    """What comes of a value."""

    @property
    def title(self) -> str:
        """Its name."""


@dataclass(frozen=True, slots=True)
class Becoming:
    """What values become: ``noun`` with its sentence, place in the help, how they are made and added.

    ``make`` has a path and the text of the values, and raises WorkbenchError; ``add`` tells whether it has added them.
    """

    noun: str
    intro: str
    help: tuple[str, str]
    make: Callable[[str, str], Sequence[Named]]
    add: Callable[[Sequence[Any]], bool]


def cards_of_form(desk: RunDesk) -> Becoming:
    """Each value becomes a card of the queue with the other settings of the form."""
    intro = "Each value becomes a card. All other settings are those of the Train page as they are now."
    make = partial(cards_of_values, desk.form)
    return Becoming("card", intro, ("queue", "Add cards"), make, lambda cards: bool(desk.queue.add_cards(tuple(cards))))


class ValuesDialog(QDialog):
    """All other settings are those of ``spec``. Gone when it is closed."""

    def __init__(self, spec: ExperimentSpec, becoming: Becoming, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, *becoming.help)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Add several values")
        self._spec, self._becoming = spec, becoming
        self.setting = SettingBox(choices(self._spec), "optimizer.lr")
        self.setting.setAccessibleName("Setting")
        self.limits = Words(tone=MUTED)
        self.values = QLineEdit()
        self.values.setAccessibleName("Values")
        self.values.setPlaceholderText("0.1, 0.03, 0.01")
        self.values.setToolTip(f"Values with commas in between; each becomes a {becoming.noun}.")
        self.preview = Words()
        self.preview.setAccessibleName("What is added")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add_button = self.buttons.addButton("&Add", QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self.setting.chosen.connect(self._on_setting)
        self.values.textChanged.connect(self._on_values)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self._on_setting()
        self.values.setFocus()

    def _lay_out(self) -> None:
        intro = Words(self._becoming.intro)
        intro.setMinimumWidth(rhythm(self, 110))
        form = QFormLayout()
        form.addRow("&Setting", self.setting)
        form.addRow("&Values", self.values)
        form.addRow("", self.limits)
        column = QVBoxLayout(self)
        column.addWidget(intro)
        column.addLayout(form)
        column.addWidget(self.preview)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def _made(self) -> Sequence[Named]:
        """What becomes of what is typed; none if nothing is. Raises WorkbenchError."""
        choice = self.setting.choice
        if choice is None:
            raise WorkbenchError("No setting has this name: choose one of the list.")
        return self._becoming.make(choice.path, self.values.text()) if self.values.text().strip() else ()

    @Slot()
    def _on_setting(self) -> None:
        choice = self.setting.choice
        now = f"Now {choice.typed}." if choice is not None and choice.typed else ""
        limits = f"{choice.limits[:1].upper()}{choice.limits[1:]}." if choice is not None and choice.limits else ""
        self.limits.setText(" ".join(filter(None, (limits, now))))
        self._show()

    @Slot(str)
    def _on_values(self, _text: str) -> None:
        self._show()

    def _show(self) -> None:
        """What would be added, or why nothing can be."""
        try:
            made, trouble = self._made(), ""
        except WorkbenchError as error:
            made, trouble = (), error_words(self._spec, error)
        names = paths_text([each.title for each in made], _MOST_NAMED)
        self.preview.setForegroundRole(ERROR if trouble else self.foregroundRole())
        self.preview.setText(trouble or (f"{counted(len(made), self._becoming.noun)}: {names}" if made else ""))
        self.add_button.setText(f"&Add {counted(len(made), self._becoming.noun)}" if made else "&Add")
        self.add_button.setEnabled(bool(made))

    @Slot()
    def _on_accepted(self) -> None:
        try:
            made = self._made()
        except WorkbenchError:
            return  # said below the fields
        if made and self._becoming.add(made):
            self.accept()
