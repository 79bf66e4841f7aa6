"""The data browser: every example by class, searched, counted, left out or given another class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.data.browse_data import Browsing
from workbench.engine.core.text import grouped
from workbench.engine.data.browse import Catalogue, Part
from workbench.views.data.thumbnails import PART_WORDS, ThumbnailView
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.tables import plain_table
from workbench.views.widgets.theme import ERROR, MUTED, resize_within_screen, rhythm

ALL: Final = "All classes"
_EVERY_PART: Final = "Every part"
#: Choices beside the parts.
_RELABELLED, _FOUND = len(Part), len(Part) + 1
_NUMBER: Final = Qt.ItemDataRole.UserRole
_COLUMNS: Final = (Part.TRAINING, Part.VALIDATION, Part.TEST, Part.UNUSED, Part.UNKNOWN, Part.LEFT_OUT)
_HEADS: Final = {
    Part.TRAINING: "Train",
    Part.VALIDATION: "Val",
    Part.TEST: "Test",
    Part.UNUSED: "Unused",
    Part.LEFT_OUT: "Left out",
    Part.UNKNOWN: "Not known",
}
#: A search while typing waits so long for the next letter.
TYPING_MS: Final = 150


class DataBrowser(QDialog):
    """Stays open beside the window and follows its data."""

    def __init__(self, browsing: Browsing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Data browser")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._browsing = browsing
        self._found: Catalogue | None = None
        self._only: frozenset[str] = frozenset()
        self._jump = False
        self.search, self.parts, self.count = QLineEdit(), QComboBox(), Words(tone=MUTED, wrap=False)
        self.classes = plain_table(("Class",), "Classes")
        self.view = ThumbnailView()
        self.notes, self.words = Words(tone=MUTED), Words(tone=MUTED)
        self.trouble = Words(tone=ERROR)
        self.bar = QProgressBar()
        self.relabel = QComboBox()
        self.leave_out, self.take_back = QPushButton("Leave &out"), QPushButton("&Take back")
        self.show_file, self.undo = QPushButton("Show in &folder"), QPushButton("&Undo")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._name()
        self._lay_out()
        self._connect()
        resize_within_screen(self, rhythm(self, 270), rhythm(self, 155))
        self.undo.setEnabled(False)
        self.words.say(" ")
        self._show_state()

    def _name(self) -> None:
        self.search.setPlaceholderText("Search in names (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search in names")
        self.parts.setAccessibleName("Part of the data")
        self.bar.setAccessibleName("Progress of reading")
        self.bar.setTextVisible(False)
        self.relabel.setAccessibleName("Give the selected pictures a class")
        self.relabel.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.leave_out.setToolTip("Training and validation go without the selected pictures. The files stay (Delete).")
        self.take_back.setToolTip("The selected pictures are used again.")
        self.show_file.setToolTip("Open the folder of the first selected picture in the file manager.")
        self.undo.setToolTip("Take back the last change made here (Ctrl+Z).")

    def _lay_out(self) -> None:
        top = Box(self, spacing=2, horizontal=True)
        top.add(self.search, 2)
        top.add(self.parts, 1)
        top.add(self.count)
        self._pages = QStackedWidget()
        middle = QSplitter(Qt.Orientation.Horizontal)
        middle.addWidget(self.classes)
        middle.addWidget(self.view)
        middle.setStretchFactor(1, 1)
        middle.setSizes([rhythm(self, 72), rhythm(self, 178)])
        middle.setChildrenCollapsible(False)
        self._pages.addWidget(middle)
        nothing = Box(margins=(8, 8, 8, 8), spacing=2)
        nothing.add(self.trouble)
        nothing.add(self.bar)
        nothing.box.addStretch(1)
        self._pages.addWidget(nothing)
        below = Box(self, spacing=2, horizontal=True)
        for widget in (self.relabel, self.leave_out, self.take_back, self.show_file):
            below.add(widget)
        below.box.addStretch(1)
        below.add(self.undo)
        column = QVBoxLayout(self)
        for each in (top, self._pages, self.notes, self.words, below):
            column.addWidget(each)
        column.setStretchFactor(self._pages, 1)

    def _connect(self) -> None:
        browsing, view = self._browsing, self.view
        browsing.ready.connect(self._on_ready)
        browsing.failed.connect(self._on_failed)
        browsing.waiting.connect(self._on_waiting)
        browsing.changed.connect(self._on_changed)
        browsing.refused.connect(self._on_refused)
        browsing.pictures_ready.connect(view.take)
        view.needed.connect(self._on_needed)
        view.left_out.connect(self.leave_selected_out)
        view.numbered.connect(self.relabel_selected)
        view.customContextMenuRequested.connect(self._on_menu)
        view.selectionModel().selectionChanged.connect(self._show_state)
        self.search.textChanged.connect(self._on_typed)
        self._typing.timeout.connect(self._show_filtered)
        self.parts.activated.connect(self._show_filtered)
        self.classes.currentItemChanged.connect(self._show_filtered)
        self.relabel.activated.connect(self._on_relabel)
        self.leave_out.clicked.connect(self.leave_selected_out)
        self.take_back.clicked.connect(self.take_selected_back)
        self.show_file.clicked.connect(self.show_selected_file)
        self.undo.clicked.connect(browsing.undo)
        for button in (self.leave_out, self.take_back, self.show_file, self.undo):
            button.setAutoDefault(False)
        QShortcut(QKeySequence.StandardKey.Find, self, self._on_find)
        QShortcut(QKeySequence.StandardKey.Undo, self, self._on_undo)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._browsing.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._browsing.watch(False)

    def show_files(self, files: Sequence[str]) -> None:
        """Show these files until another part is chosen."""
        self._only, self._jump = frozenset(files), True
        if self._found is not None:
            self._on_ready(self._found)

    # --- What is there ---------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_ready(self, found: Catalogue) -> None:
        chosen = self._chosen_names()
        self._found = found
        self._pages.setCurrentIndex(0)
        self.notes.say("\n".join((*found.notes, found.split_words, found.why_fixed)).strip())
        self._fill_classes(found)
        self._fill_parts(found)
        self._fill_relabel(found)
        self._show_filtered()
        self._select(chosen)

    @Slot(object, str)
    def _on_waiting(self, share: float, words: str) -> None:
        if self._found is None:
            self._say_instead("", share)
        self.count.say(words if self._found is None else f"{words}…" if words else "")

    @Slot(str)
    def _on_failed(self, message: str) -> None:
        self._found = None
        self.view.thumbnails.show(None, np.empty(0, np.int64))
        self.count.say("")
        self.notes.say("")
        self._say_instead(message)
        self._show_state()

    def _say_instead(self, message: str, share: float | None = None) -> None:
        self._pages.setCurrentIndex(1)
        self.trouble.say(message)
        self.bar.setVisible(share is not None)
        self.bar.setRange(0, 1000 if share else 0)
        self.bar.setValue(round(1000 * share) if share else 0)

    def _fill_classes(self, found: Catalogue) -> None:
        counts = found.counts()
        always = (Part.TRAINING, Part.VALIDATION) if found.split_words else ()
        used = [part for part in _COLUMNS if part in always or counts[:, part].any()]
        current = self._class()
        self.classes.blockSignals(True)
        self.classes.clear()
        self.classes.setColumnCount(1 + len(used))
        self.classes.setHeaderLabels(["Class", *(_HEADS[part] for part in used)])
        rows = [(ALL, -1, counts.sum(0)), *((name, i, counts[i]) for i, name in enumerate(found.classes))]
        for name, number, row in rows:
            item = QTreeWidgetItem([name, *(grouped(int(row[part])) for part in used)])
            item.setData(0, _NUMBER, number)
            for column in range(1, 1 + len(used)):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.classes.addTopLevelItem(item)
        stays = current if current < len(found.classes) else -1
        if (chosen := self.classes.topLevelItem(stays + 1)) is not None:
            self.classes.setCurrentItem(chosen)
        header = self.classes.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.classes.blockSignals(False)

    def _fill_parts(self, found: Catalogue) -> None:
        chosen, counts = self.parts.currentData(), found.counts().sum(0)
        self.parts.clear()
        self.parts.addItem(f"{_EVERY_PART} ({grouped(len(found))})", -1)
        for part in _COLUMNS:
            if counts[part]:
                self.parts.addItem(f"{PART_WORDS[part].capitalize()} ({grouped(int(counts[part]))})", int(part))
        moved = int((found.own != found.labels).sum())
        if moved:
            self.parts.addItem(f"Relabelled ({grouped(moved)})", _RELABELLED)
        if self._only and found.files:
            self.parts.addItem("Those that the check found", _FOUND)
        if self._jump:
            self._jump, chosen = False, _FOUND
            self.search.clear()
            if (every := self.classes.topLevelItem(0)) is not None:
                self.classes.setCurrentItem(every)
        self.parts.setCurrentIndex(max(0, self.parts.findData(chosen)))

    def _fill_relabel(self, found: Catalogue) -> None:
        self.relabel.clear()
        self.relabel.addItem("Relabel as…", "")
        for number, name in enumerate(found.classes):
            key = f"   {(number + 1) % 10}" if number < 10 else ""
            self.relabel.addItem(name + key, name)
        self.relabel.addItem("its own class again", "")

    # --- What is shown ---------------------------------------------------------------------------------------------

    def _class(self) -> int:
        item = self.classes.currentItem()
        return int(item.data(0, _NUMBER)) if item is not None else -1

    @Slot()
    def _show_filtered(self) -> None:
        found = self._found
        if found is None:
            return
        self._typing.stop()
        searched = bool(self.search.text().strip()) or self.parts.currentData() == _FOUND
        self.view.thumbnails.by_file_name = searched or self._class() >= 0
        self.view.thumbnails.show(found, self._filtered(found))
        self._show_state()

    def _filtered(self, found: Catalogue) -> npt.NDArray[np.int64]:
        kept = np.ones(len(found), np.bool_)
        if (number := self._class()) >= 0:
            kept &= found.labels == number
        part = self.parts.currentData()
        if part == _RELABELLED:
            kept &= found.own != found.labels
        elif part == _FOUND:
            kept &= np.fromiter((file in self._only for file in found.files), np.bool_, len(found.files))
        elif part is not None and part >= 0:
            kept &= found.parts == part
        words = self.search.text().strip().casefold()
        if words:
            kept &= np.fromiter((words in name.casefold() for name in found.names), np.bool_, len(found))
        return np.flatnonzero(kept)

    def _chosen_names(self) -> set[str]:
        found = self._found
        return {found.names[example] for example in self.view.chosen()} if found is not None else set()

    def _select(self, names: set[str]) -> None:
        found, model = self._found, self.view.thumbnails
        if found is None or not names:
            return
        rows = [row for row, example in enumerate(model.shown.tolist()) if found.names[example] in names]
        choose = self.view.selectionModel().SelectionFlag.Select
        for row in rows:
            self.view.selectionModel().select(model.index(row), choose)
        if rows:
            self.view.selectionModel().setCurrentIndex(
                model.index(rows[0]), self.view.selectionModel().SelectionFlag.NoUpdate
            )

    @Slot(object, int)
    def _on_needed(self, examples: list[int], side: int) -> None:
        if self._found is not None:
            self._browsing.want(self._found, examples, side)

    @Slot()
    def _on_typed(self) -> None:
        self._typing.start()

    @Slot()
    def _on_find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    # --- What can be done ------------------------------------------------------------------------------------------

    @Slot()
    def _show_state(self) -> None:
        found, chosen = self._found, self.view.chosen()
        free = found is not None and not found.why_fixed
        out = [found.parts[example] == Part.LEFT_OUT for example in chosen] if found is not None else []
        self.relabel.setEnabled(free and bool(chosen))
        self.leave_out.setEnabled(free and not all(out))
        self.take_back.setEnabled(free and any(out))
        self.show_file.setEnabled(bool(found is not None and found.files and chosen))
        for widget in (self.search, self.parts):
            widget.setEnabled(found is not None)
        if found is not None:
            shown = len(self.view.thumbnails.shown)
            count = f"{grouped(shown)} of {grouped(len(found))} shown" if shown else "Nothing matches"
            self.count.say(f"{count}, {grouped(len(chosen))} selected" if chosen else count)

    @Slot()
    def leave_selected_out(self) -> None:
        """Go without the selected pictures."""
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
        chosen = self.view.chosen()
        if self._found is not None and self._found.why_fixed:
            self._say(self._found.why_fixed, wrong=True)
        elif chosen:
            act(chosen)

    @Slot()
    def _on_undo(self) -> None:
        if self.undo.isEnabled():
            self._browsing.undo()

    @Slot()
    def show_selected_file(self) -> None:
        """Open the file manager where the first selected picture lies."""
        chosen = self.view.chosen()
        if self._found is None or not self._found.files or not chosen:
            return
        folder = Path(self._found.files[chosen[0]]).parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._say(f"No file manager answers here. The folder is {folder}")

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu = self.made_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.view.viewport().mapToGlobal(place))

    def made_menu(self) -> QMenu:
        """What can be done with the selected pictures."""
        menu = QMenu(self)
        for button in (self.leave_out, self.take_back, self.show_file):
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

    @Slot(str, bool)
    def _on_changed(self, words: str, can_undo: bool) -> None:
        self.undo.setEnabled(can_undo)
        self._say(words)

    @Slot(str)
    def _on_refused(self, message: str) -> None:
        self._say(message, wrong=True)

    def _say(self, words: str, wrong: bool = False) -> None:
        self.words.setForegroundRole(ERROR if wrong else MUTED)
        self.words.say(words)
