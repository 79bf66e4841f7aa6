"""The data browser: every example by class, searched, counted, left out or given another class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.bridge.data.browse_data import Browsing
from workbench.engine.core.text import grouped
from workbench.engine.data.browse import Catalogue
from workbench.views.data.class_table import ClassTable
from workbench.views.data.example_filter import FOUND, PartBox, filtered
from workbench.views.data.selection_bar import SelectionBar
from workbench.views.data.thumbnails import ThumbnailView
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

#: A search waits this long for the next letter.
TYPING_MS: Final = 150


class DataBrowser(QDialog):
    """Stays open beside the window and follows its data."""

    def __init__(self, browsing: Browsing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "own-data", "Check")
        self.setWindowTitle("Data browser")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._browsing = browsing
        self._found: Catalogue | None = None
        self._only: frozenset[str] = frozenset()
        self._jump = False
        self.search, self.parts, self.count = QLineEdit(), PartBox(), Words(tone=MUTED, wrap=False)
        self.classes, self.view = ClassTable(), ThumbnailView()
        self.notes, self.words = Words(tone=MUTED), Words(" ", tone=MUTED)
        self.trouble, self.bar = Words(tone=ERROR), ProgressBar()
        self.edits = SelectionBar(browsing, self.view)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._name()
        self._lay_out()
        self._connect()
        set_size(self, 270, 155)
        self._show_state()

    def _name(self) -> None:
        self.search.setPlaceholderText("Search in names (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search in names")
        self.bar.setAccessibleName("Progress of reading")
        self.bar.setTextVisible(False)

    def _lay_out(self) -> None:
        top = Box(self, spacing=2, horizontal=True)
        for widget, stretch in ((self.search, 2), (self.parts, 1), (self.count, 0)):
            top.add(widget, stretch)
        middle = QSplitter(Qt.Orientation.Horizontal)
        middle.addWidget(self.classes)
        middle.addWidget(self.view)
        middle.setStretchFactor(1, 1)
        middle.setSizes([rhythm(self, 72), rhythm(self, 178)])
        middle.setChildrenCollapsible(False)
        nothing = Box(margins=(8, 8, 8, 8), spacing=2)
        nothing.add(self.trouble)
        nothing.add(self.bar)
        nothing.box.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(middle)
        self._pages.addWidget(nothing)
        column = QVBoxLayout(self)
        for each in (top, self._pages, self.notes, self.words, self.edits):
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
        view.selectionModel().selectionChanged.connect(self._show_state)
        self.edits.said.connect(self._say)
        self.search.textChanged.connect(self._on_typed)
        self._typing.timeout.connect(self._show_filtered)
        self.parts.activated.connect(self._show_filtered)
        self.classes.currentItemChanged.connect(self._show_filtered)
        QShortcut(QKeySequence.StandardKey.Find, self, self._on_find)
        QShortcut(QKeySequence.StandardKey.Undo, self, self.edits.undo.click)

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
        self.classes.show_counts(found)
        self._fill_parts(found)
        self.edits.show_classes(found)
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

    def _fill_parts(self, found: Catalogue) -> None:
        self.parts.show_counts(found, bool(self._only and found.files), self._jump)
        if self._jump:
            self._jump = False
            self.search.clear()
            self.classes.choose_all()

    # --- What is shown ---------------------------------------------------------------------------------------------

    @Slot()
    def _show_filtered(self) -> None:
        found = self._found
        if found is None:
            return
        self._typing.stop()
        words, number, part = self.search.text().strip().casefold(), self.classes.number, self.parts.part
        self.view.thumbnails.by_file_name = bool(words) or part == FOUND or number >= 0
        self.view.thumbnails.show(found, filtered(found, number, part, words, self._only))
        self._show_state()

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

    @Slot()
    def _show_state(self) -> None:
        found, chosen = self._found, self.view.chosen()
        self.edits.enable_for(found)
        for widget in (self.search, self.parts):
            widget.setEnabled(found is not None)
        if found is not None:
            shown = len(self.view.thumbnails.shown)
            count = f"{grouped(shown)} of {grouped(len(found))} shown" if shown else "Nothing matches"
            self.count.say(f"{count}, {grouped(len(chosen))} selected" if chosen else count)

    @Slot(str, bool)
    def _on_changed(self, words: str, can_undo: bool) -> None:
        self.edits.undo.setEnabled(can_undo)
        self._say(words)

    @Slot(str)
    def _on_refused(self, message: str) -> None:
        self._say(message, wrong=True)

    @Slot(str, bool)
    def _say(self, words: str, wrong: bool = False) -> None:
        self.words.setForegroundRole(ERROR if wrong else MUTED)
        self.words.say(words)
