"""Dialog to add or change a racer: its name, and settings found by their labels."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QWidget

from workbench.views.runs.settings_dialog import Accept, Asked, SettingsDialog


class RacerDialog(SettingsDialog):
    """A racer without a typed name is named by its settings."""

    help_place: ClassVar[tuple[str, str]] = ("race", "Set up a race")

    def __init__(self, asked: Asked, accept: Accept, parent: QWidget) -> None:
        super().__init__(asked, accept, parent)
        self.name.setPlaceholderText("Named by its settings")
