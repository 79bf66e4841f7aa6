"""The line in which the network is chosen: the current run, runs that are kept, or a file of weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton

from workbench.bridge.threads.background import Tasks
from workbench.bridge.use.network_slot import NetworkChoice, NetworkSlot
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.text import counted
from workbench.views.evaluation.finished_runs_dialog import FinishedRunsDialog
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.theme import ERROR, MUTED

_CURRENT: Final = NetworkChoice()


class NetworkBar(Box):
    """Follows ``slot``. What was chosen before stays in the list."""

    def __init__(self, slot: NetworkSlot, tasks: Tasks, name: str, is_first: bool = True) -> None:
        super().__init__(spacing=1)
        self.slot, self._tasks = slot, tasks
        self._runs_dialog: FinishedRunsDialog | None = None
        self._is_short = False
        self._folder = str(Path.home())
        self.box_of_choices = QComboBox()
        self.box_of_choices.setAccessibleName(name)
        self.box_of_choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box_of_choices.setMinimumContentsLength(24)
        self.box_of_choices.setPlaceholderText("Choose a network")
        self.runs_button, self.file_button = QPushButton("Ru&ns…"), QPushButton("Fi&le…")
        self.runs_button.setToolTip(
            plain_tip("Kept runs with their snapshots and averages; the predictions of several are averaged.")
        )
        self.file_button.setToolTip(plain_tip("A file of weights, of this program or of others."))
        self.names_button = QPushButton("Class names…")
        self.names_button.setToolTip(
            plain_tip(
                "A file with the names of the outputs, one a line, or JSON as from "
                "class_to_idx. For weights that do not name their classes."
            )
        )
        self.words = Words(tone=MUTED)
        self._lay_out(name)
        if not is_first:  # one key for one button
            for button in (self.runs_button, self.file_button):
                button.setText(button.text().replace("&", ""))
        self._offer(_CURRENT)
        self.box_of_choices.setCurrentIndex(-1)
        self.box_of_choices.activated.connect(self._on_activated)
        self.runs_button.clicked.connect(self.choose_runs)
        self.file_button.clicked.connect(self._on_file)
        self.names_button.clicked.connect(self._on_names)
        slot.changed.connect(self.show_state)
        slot.renewed.connect(self.show_state)
        self.show_state()

    def _lay_out(self, name: str) -> None:
        row = Box(self, spacing=2, horizontal=True)
        label = Words(f"{name}:", wrap=False)
        row.add(label)
        row.add(self.box_of_choices, 1)
        row.add(self.runs_button)
        row.add(self.file_button)
        row.add(self.names_button)
        self.names_button.hide()
        self.add(row)
        self.add(self.words)

    @property
    def runs_dialog(self) -> FinishedRunsDialog:
        """The list of runs that are kept."""
        if self._runs_dialog is None:
            self._runs_dialog = FinishedRunsDialog(self._tasks, runs_folder(), self)
            self._runs_dialog.added.connect(self.take)
        return self._runs_dialog

    @Slot()
    def choose_runs(self) -> None:
        """Open the list of runs."""
        self.runs_dialog.open()

    @Slot(object)
    def take(self, paths: Sequence[Path]) -> None:
        """Use these runs or files from now on."""
        if paths:
            self.choose(NetworkChoice(tuple(paths)))

    def choose(self, choice: NetworkChoice) -> None:
        """Use ``choice``, which is in the list from now on."""
        self.box_of_choices.setCurrentIndex(self._offer(choice))
        self.slot.choose(choice)

    def _offer(self, choice: NetworkChoice) -> int:
        """The row of ``choice``, added where it is new. (Qt would compare what it holds by identity.)"""
        for row in range(self.box_of_choices.count()):
            if self.box_of_choices.itemData(row) == choice:
                return row
        self.box_of_choices.addItem(choice.title, choice)
        row = self.box_of_choices.count() - 1
        self.box_of_choices.setItemData(row, plain_tip("\n".join(map(str, choice.paths))), 3)  # ToolTipRole
        return row

    @Slot(int)
    def _on_activated(self, row: int) -> None:
        self.slot.choose(self.box_of_choices.itemData(row))

    @Slot()
    def _on_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Choose a file of weights", self._folder, "All files (*)")
        if chosen:
            self._folder = str(Path(chosen).parent)
            self.take((Path(chosen),))

    @Slot()
    def _on_names(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Names of the classes", self._folder, "All files (*)")
        if chosen:
            self.name_classes(Path(chosen))

    def name_classes(self, names: Path) -> None:
        """Let the file ``names`` name the outputs of the network that is chosen."""
        if self.slot.choice is not None:
            self.slot.choose(replace(self.slot.choice, names=names))

    @Slot()
    def show_state(self) -> None:
        """Say what the network is, or why there is none."""
        slot, network = self.slot, self.slot.network
        is_named = network is None or (network.is_named and not network.has_assumed_names)
        self.names_button.setVisible(not is_named or (slot.choice is not None and slot.choice.names is not None))
        self.words.setForegroundRole(ERROR if slot.is_wrong else MUTED)
        if slot.trouble:
            self.words.setText(slot.trouble)
        elif network is None:
            self.words.setText("Loading the network…")
        else:
            said = [network.title, counted(len(network.classes), "class", "classes"), network.preprocessing]
            notes = [note.rstrip(".") for note in network.notes]
            whole = ". ".join((", ".join(filter(None, said)), *notes))
            self.words.setText(whole if notes or not self._is_short else ", ".join(said[:2]))
            self.words.setToolTip(plain_tip(whole))
            return
        self.words.setToolTip(plain_tip(self.words.text()))

    def set_short(self, is_short: bool) -> None:
        """Leave how pictures are prepared to the tooltip, as in a low window, unless there are notes on it."""
        if is_short != self._is_short:
            self._is_short = is_short
            self.show_state()
