"""What can be done with the selected pictures: another class, left out, used again, shown in their folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QMenu, QPushButton, QWidget

from workbench.engine.data.browse import Catalogue, Part
from workbench.views.data.thumbnails import ThumbnailView
from workbench.views.widgets.basics import Box
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.open_folder import open_folder
from workbench.views.widgets.theme import rhythm


class Corrects(Protocol):
    """Protocol of a desk that leaves out and relabels examples: that of the data browser or of an inspection."""

    def leave_out(self, examples: Sequence[int], left_out: bool) -> None:
        """Leave these out of training and validation, or use them again."""

    def relabel(self, examples: Sequence[int], label: str) -> None:
        """Give these another class; an empty ``label`` gives their own back."""

    def undo(self) -> None:
        """Undo the last change."""


class SelectionBar(Box):
    """Buttons below ``view``, its keys and its context menu; changes are asked of ``browsing``."""

    said = Signal(str, bool)  #: a sentence, and whether it refuses something

    def __init__(self, browsing: Corrects, view: ThumbnailView) -> None:
        super().__init__()
        self._browsing, self._view = browsing, view
        self._found: Catalogue | None = None
        self.relabel = QComboBox()
        self.leave_out, self.use_again = QPushButton("Leave &out"), QPushButton("Use a&gain")
        self.show_file, self.undo = QPushButton("Sho&w in folder"), QPushButton("&Undo")
        self._lay_out()
        self.relabel.activated.connect(self._on_relabel)
        self.leave_out.clicked.connect(self.leave_selected_out)
        self.use_again.clicked.connect(self.take_selected_back)
        self.show_file.clicked.connect(self.show_selected_file)
        self.undo.clicked.connect(browsing.undo)
        view.left_out.connect(self.leave_selected_out)
        view.numbered.connect(self.relabel_selected)
        view.customContextMenuRequested.connect(self._on_menu)

    def _lay_out(self) -> None:
        self.relabel.setAccessibleName("Give the selected pictures a class")
        self.relabel.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.leave_out.setToolTip("Train and validate without the selected pictures; no file is deleted (Delete).")
        self.use_again.setToolTip("Use the selected pictures again.")
        self.show_file.setToolTip("Open the folder of the first selected picture in the file manager.")
        self.undo.setToolTip("Undo the last change made here (Ctrl+Z).")
        for button in (self.leave_out, self.use_again, self.show_file, self.undo):
            button.setAutoDefault(False)
        row = QWidget(self)
        flow = FlowLayout(row, rhythm(self, 2))  # in a narrow place there are two rows
        for widget in (self.relabel, self.leave_out, self.use_again, self.show_file, self.undo):
            flow.addWidget(widget)
        self.add(row)
        self.undo.setEnabled(False)

    def show_classes(self, found: Catalogue) -> None:
        """Offer the classes of ``found``; the first ten have a key."""
        self.relabel.clear()
        self.relabel.addItem("Relabel as…", "")
        for number, name in enumerate(found.classes):
            key = f"   {(number + 1) % 10}" if number < 10 else ""
            self.relabel.addItem(name + key, name)
        self.relabel.addItem("Its original class", "")

    def enable_for(self, found: Catalogue | None) -> None:
        """Enable what can be done with the selection in ``found``; None is no data."""
        self._found = found
        chosen = self._view.chosen()
        free = found is not None and not found.why_fixed
        out = [found.parts[example] == Part.LEFT_OUT for example in chosen] if found is not None else []
        self.relabel.setEnabled(free and bool(chosen))
        self.leave_out.setEnabled(free and not all(out))
        self.use_again.setEnabled(free and any(out))
        self.show_file.setEnabled(bool(found is not None and found.files and chosen))

    @Slot()
    def leave_selected_out(self) -> None:
        """Train and validate without the selected pictures."""
        self._do(lambda chosen: self._browsing.leave_out(chosen, True))

    @Slot()
    def take_selected_back(self) -> None:
        """Use the selected pictures again."""
        self._do(lambda chosen: self._browsing.leave_out(chosen, False))

    @Slot(int)
    def relabel_selected(self, number: int) -> None:
        """Give the selected pictures the class of this number."""
        if self._found is not None and number < len(self._found.classes):
            name = self._found.classes[number]
            self._do(lambda chosen: self._browsing.relabel(chosen, name))

    @Slot(int)
    def _on_relabel(self, row: int) -> None:
        name = str(self.relabel.itemData(row))
        self.relabel.setCurrentIndex(0)
        if row:
            self._do(lambda chosen: self._browsing.relabel(chosen, name))

    def _do(self, act: Callable[[list[int]], None]) -> None:
        """Change the selected pictures, or say why that cannot be."""
        chosen = self._view.chosen()
        if self._found is not None and self._found.why_fixed:
            self.said.emit(self._found.why_fixed, True)
        elif chosen:
            act(chosen)

    @Slot()
    def show_selected_file(self) -> None:
        """Open the folder of the first selected picture in the file manager."""
        chosen = self._view.chosen()
        if self._found is None or not self._found.files or not chosen:
            return
        trouble = open_folder(Path(self._found.files[chosen[0]]).parent)
        if trouble:
            self.said.emit(trouble, False)

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu = self.made_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._view.viewport().mapToGlobal(place))

    def made_menu(self) -> QMenu:
        """The same as a menu."""
        menu = QMenu(self)
        for button in (self.leave_out, self.use_again, self.show_file):
            action = menu.addAction(button.text())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(button.click)
        menu.addSeparator()
        for row in range(1, self.relabel.count()):
            action = menu.addAction(self.relabel.itemText(row).replace("&", "&&"))
            action.setEnabled(self.relabel.isEnabled())
            action.setData(row)
        menu.triggered.connect(self._on_menu_action)
        return menu

    @Slot(object)
    def _on_menu_action(self, action: QAction) -> None:
        if action.data() is not None:
            self._on_relabel(int(action.data()))
