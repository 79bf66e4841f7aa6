"""Dialog to edit a card of the queue: its name, and settings found by their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from PySide6.QtWidgets import QDialogButtonBox, QWidget

from workbench.bridge.runs.card_words import choices, difference_line, differing_words
from workbench.bridge.runs.queue_desk import QueueDesk
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.shelf.cards import Card
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.runs.settings_dialog import Asked, SettingsDialog
from workbench.views.widgets.basics import plain_tip

_DEFAULT: Final = "It has the default settings."


class CardDialog(SettingsDialog):
    """Changes the card when it is accepted; the form of the Train page stays as it is."""

    help_place: ClassVar[tuple[str, str]] = ("queue", "Add cards")
    value_name: ClassVar[str] = "New value"
    accept_button: ClassVar[QDialogButtonBox.StandardButton] = QDialogButtonBox.StandardButton.Save

    def __init__(self, desk: QueueDesk, card: Card, parent: QWidget) -> None:
        line = difference_line(card.settings, 6)
        intro = f"Differs from the default settings: {line}." if line else _DEFAULT
        tip = plain_tip("\n".join(differing_words(card.settings)))

        def accept(name: str, changes: Sequence[tuple[str, str]]) -> str:
            return desk.edit_typed(card.number, name or card.title, changes)

        super().__init__(Asked(f"Edit “{card.title}”", intro, card.title, choices(_spec_of(card)), tip), accept, parent)


def _spec_of(card: Card) -> ExperimentSpec:
    """The card's settings; the default ones where they cannot be read."""
    try:
        return card.spec
    except WorkbenchError:
        return ExperimentSpec()
