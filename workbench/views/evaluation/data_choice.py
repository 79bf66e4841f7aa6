"""The examples on which weights are evaluated: held back by a run, of the settings, or at a path."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QComboBox, QFileDialog, QLineEdit, QPushButton, QRadioButton, QWidget

from workbench.bridge.spec_store import SpecStore
from workbench.engine.evaluation.evaluation_data import PARTS, Data, MeasuredPart
from workbench.views.widgets.basics import Box, plain_tip

_PART_WORDS: Final[dict[MeasuredPart, str]] = {
    "validation": "The validation part",
    "all": "Training and validation together",
    "train": "The training part",
    "test": "The test part",
}
_HELD_BACK_TIP: Final = (
    "The examples that the first run in the list did not train on. Runs are then measured as they measured themselves: "
    "with their own preprocessing and their settings for test time. Classes are matched by name. "
    "Each fold of a cross-validation is measured on its own validation part."
)


class DataChoice(Box):
    """Three choices in three rows. Follows the list of weights until the user chooses."""

    changed = Signal()

    def __init__(self, store: SpecStore, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._store = store
        self._folder = str(Path.home())
        self._chosen = False
        self.held_back = QRadioButton("&Validation examples of the first run")
        self.held_back.setToolTip(plain_tip(_HELD_BACK_TIP))
        self.own_data = QRadioButton("The &data of the settings")
        self.other_data = QRadioButton("&Other data:")
        self.part = QComboBox()
        self.part.setAccessibleName("Part of the data")
        for part in PARTS:
            self.part.addItem(_PART_WORDS[part], part)
        self.path = QLineEdit()
        self.path.setAccessibleName("Other data")
        self.path.setPlaceholderText("A folder of pictures, a CSV table, an .npz file, or a folder of IDX files")
        self.folder_button, self.file_button = QPushButton("F&older…"), QPushButton("F&ile…")
        for button in (self.folder_button, self.file_button):
            button.setAutoDefault(False)
        self._lay_out()
        self._connect()
        self.own_data.setChecked(True)
        self._show_source()

    def _lay_out(self) -> None:
        which = Box(self, spacing=2, horizontal=True)
        which.add(self.own_data)
        which.add(self.part)
        which.box.addStretch(1)
        where = Box(self, spacing=2, horizontal=True)
        where.add(self.other_data)
        where.add(self.path, 1)
        where.add(self.folder_button)
        where.add(self.file_button)
        for row in (self.held_back, which, where):
            self.add(row)

    def _connect(self) -> None:
        self._group = QButtonGroup(self)  # the buttons have different parents
        for choice in (self.held_back, self.own_data, self.other_data):
            self._group.addButton(choice)
            choice.clicked.connect(self._on_chosen)
            choice.toggled.connect(self.changed)
        self.folder_button.clicked.connect(self._on_folder)
        self.file_button.clicked.connect(self._on_file)
        self.path.textEdited.connect(self._on_path)
        self.part.currentIndexChanged.connect(self._on_part)
        self._store.changed.connect(self._on_store)

    def data(self) -> Data:
        """The path or data source; None for what the first run held back."""
        if self.held_back.isChecked():
            return None
        if self.own_data.isChecked():
            return self._store.spec.data
        return Path(self.path.text().strip()).expanduser()

    def chosen_part(self) -> MeasuredPart:
        """Which part of the data."""
        part: MeasuredPart = self.part.currentData()
        return part

    def is_missing(self) -> bool:
        """Whether a path is still to be given."""
        return self.other_data.isChecked() and not self.path.text().strip()

    def follow(self, runs: int, files: int) -> None:
        """Choose for a list of ``runs`` runs and ``files`` files. Only runs have a validation split of their own."""
        self.held_back.setEnabled(runs > 0)
        if not runs and self.held_back.isChecked():
            self.own_data.setChecked(True)
        elif not self._chosen and runs + files:
            (self.held_back if not files else self.own_data).setChecked(True)

    @Slot()
    def _on_chosen(self) -> None:
        self._chosen = True

    @Slot()
    def _on_folder(self) -> None:
        self._take(QFileDialog.getExistingDirectory(self, "Choose a data folder", self._folder))

    @Slot()
    def _on_file(self) -> None:
        self._take(QFileDialog.getOpenFileName(self, "Choose a data file", self._folder, "All files (*)")[0])

    def _take(self, path: str) -> None:
        if path:
            self._folder = str(Path(path).parent)
            self.path.setText(path)
            self._on_path()

    @Slot()
    def _on_path(self) -> None:
        self._chosen = True
        self.other_data.setChecked(True)
        self.changed.emit()

    @Slot()
    def _on_part(self) -> None:
        self.changed.emit()

    @Slot()
    def _on_store(self) -> None:
        """Other data in the settings is another choice, if that is what is chosen."""
        before = self.own_data.toolTip()
        self._show_source()
        if self.own_data.isChecked() and self.own_data.toolTip() != before:
            self.changed.emit()

    def _show_source(self) -> None:
        source = self._store.spec.data.source
        self.own_data.setText(f"The &data of the settings: {source.title}".replace("&&", "&"))
        self.own_data.setToolTip(plain_tip(source.brief()))
