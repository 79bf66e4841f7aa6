"""The first page: which trained network is used again, and whether its file holds what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFileDialog,
    QPushButton,
    QSplitter,
    QTreeWidgetItem,
    QWidget,
)

from workbench.bridge.transfer.draft import TransferDraft
from workbench.bridge.weights.find_weights import Choice
from workbench.engine.core.text import grouped, shape_text, short, size_text
from workbench.engine.weights.find_weights import shelf
from workbench.views.transfer.pages.page import Page, Waiting, shared_widths
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.open_folder import make_and_open_folder
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.tables import plain_table
from workbench.views.widgets.theme import ERROR, MUTED, WARNING, rhythm

if TYPE_CHECKING:
    from workbench.engine.weights.description import Description

_CHOICE: Final = Qt.ItemDataRole.UserRole
_LEAD: Final = (
    "Choose a trained network. Its layers already detect edges, strokes and parts; a new head learns your classes "
    "from them. With little data this is better than training from scratch."
)
#: At most this many names of a long list are shown; the rest is counted.
_MOST_NAMES: Final = 200
_FILTER: Final = "Weights (*.pt *.pth *.th *.ckpt *.bin *.safetensors *.pkl *.model *.weights);;All files (*)"
#: The pages after this one rely on the preprocessing of the weights.
NO_ORIGIN: Final = (
    "It is not known how the pictures for these weights were preprocessed (size, channels, normalization), so they "
    "cannot be used. Weights saved by this program, the CIFAR ResNets, torchvision's and timm's weights have it."
)


class BackbonePage(Page):
    """A list of weights on the left, what was recognised on the right."""

    chosen = Signal(object)  #: a Choice

    def __init__(self, draft: TransferDraft) -> None:
        super().__init__(draft, "Which trained network?", _LEAD)
        self.list = plain_table(("Weights", "What", "Where"), "Trained networks")
        self.about = About()
        self.file_button = QPushButton("Choose a &file…")
        self.again_button = QPushButton("&Look again")
        self.shelf_button = QPushButton("Open the weights fo&lder")
        self.looking = Waiting(draft.found, "Looking for weights")
        self.opening = Waiting(draft.description, "Opening the weights")
        self._lay_out()
        self.list.currentItemChanged.connect(self._on_current)
        self.file_button.clicked.connect(self._on_file)
        self.again_button.clicked.connect(draft.look_again)
        self.shelf_button.clicked.connect(self._on_shelf)
        draft.found.changed.connect(self._show_list)
        draft.description.changed.connect(self._show_about)
        draft.bring.changed.connect(self._show_about)
        draft.data.changed.connect(self._show_data)

    def _lay_out(self) -> None:
        buttons = QWidget()
        flow = FlowLayout(buttons, rhythm(self, 2))
        for button in (self.file_button, self.again_button, self.shelf_button):
            button.setAutoDefault(False)
            flow.addWidget(button)
        left = Box(spacing=2)
        for part, stretch in ((self.list, 1), (self.looking, 0), (buttons, 0)):
            left.add(part, stretch)
        right = Box(spacing=2, margins=(2, 0, 0, 0))
        right.add(self.opening)
        right.add(scrolled(self.about, "About the weights", narrowest=60), 1)
        parts = QSplitter(Qt.Orientation.Horizontal)
        for side in (left, right):
            parts.addWidget(side)
        parts.setChildrenCollapsible(False)
        parts.setSizes([550, 550])  # in proportion
        self.list.viewport().installEventFilter(self)
        self._data = Words(tone=MUTED)
        self.column.addWidget(self._data)
        self.column.addWidget(parts, 1)

    def _fit_columns(self) -> None:
        shared_widths(self.list, least=0.24)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list.viewport() and event.type() == QEvent.Type.Resize:
            self._fit_columns()
        return super().eventFilter(watched, event)

    def initializePage(self) -> None:
        """Look for weights and count the data, if that was not done yet."""
        self.draft.look_for_weights()
        self.draft.look_at_data()
        self._show_list()
        self._show_about()
        self._show_data()

    def take_focus(self) -> None:
        self.list.setFocus()

    @property
    def why_not(self) -> str:
        """Why the wizard cannot go on; empty if it can."""
        if self.draft.data_trouble:
            return self.draft.data_trouble
        found: Description | None = self.draft.description.value
        if found is None:
            return "Choose a trained network whose weights are on this computer."
        if not found.reusable:
            return found.verdict
        return NO_ORIGIN if found.origin is None or found.origin.size is None else ""

    # --- the list ------------------------------------------------------------------------------------------------

    @Slot()
    def _show_list(self) -> None:
        choices: Sequence[Choice] = self.draft.choices()
        present = [self._choice_of(self.list.topLevelItem(i)) for i in range(self.list.topLevelItemCount())]
        if list(choices) != present:
            self.list.blockSignals(True)
            self.list.clear()
            for choice in choices:
                self.list.addTopLevelItem(_item(choice, self.font()))
            self.list.blockSignals(False)
            self._fit_columns()
        self._mark(self.draft.choice)
        self.completeChanged.emit()

    def _mark(self, choice: Choice | None) -> None:
        """Make the draft's choice the current row, or the model's weights, or the first row."""
        items = [self.list.topLevelItem(i) for i in range(self.list.topLevelItemCount())]
        wanted = next((i for i in items if choice is not None and self._choice_of(i) == choice), None)
        if wanted is None and items and self.list.currentItem() is None:
            wanted = next((i for i in items if (c := self._choice_of(i)) and c.key == self.draft.model.weights), None)
            wanted = wanted or items[0]
        if wanted is not None and wanted is not self.list.currentItem():
            self.list.setCurrentItem(wanted)

    def _choice_of(self, item: QTreeWidgetItem | None) -> Choice | None:
        choice = item.data(0, _CHOICE) if item is not None else None
        return choice if isinstance(choice, Choice) else None

    @Slot()
    def _on_current(self) -> None:
        choice = self._choice_of(self.list.currentItem())
        if choice is not None and choice != self.draft.choice:
            self.draft.choose(choice)
            self._show_about()

    @Slot()
    def _on_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Choose a file of weights", str(shelf()), _FILTER)
        if chosen:
            self.take_file(Path(chosen))

    def take_file(self, path: Path) -> None:
        """Put a file of the user's into the list and open it."""
        self.draft.add_file(path)
        self._show_list()
        self._mark(self.draft.choice)

    @Slot()
    def _on_shelf(self) -> None:
        trouble = make_and_open_folder(shelf())
        if trouble:
            self.about.say_wrong(trouble)

    # --- what was recognised -------------------------------------------------------------------------------------

    @Slot()
    def _show_about(self) -> None:
        found: Description | None = self.draft.description.value
        choice = self.draft.choice
        if found is not None:
            self.about.show_description(found)
        elif choice is not None and choice.model is not None:
            self.about.show_bring(choice.name, self.draft.bring.value or self.draft.bring.trouble or "Please wait…")
        else:
            self.about.clear()
        self.completeChanged.emit()

    @Slot()
    def _show_data(self) -> None:
        asked = self.draft.data
        trouble = self.draft.data_trouble
        words = f"Your data: {asked.value.sentence}." if asked.value is not None else "Reading the data…"
        self._data.setForegroundRole(ERROR if trouble else MUTED)
        self._data.say(trouble or words)
        self.completeChanged.emit()


class About(Box):
    """What is in the chosen file, in words, and a table of what does not match."""

    def __init__(self) -> None:
        super().__init__(spacing=2)
        self.verdict = Words()
        self.facts = Words(tone=MUTED)
        self.notes = Words(tone=WARNING)
        self.table = plain_table(("What", "Name", "In the file", "Expected"), "What does not match")
        for part in (self.verdict, self.facts, self.notes):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.add(part)
        self.add(self.table, 1)
        self.box.addStretch(0)
        self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self._show("", "", "")

    def say_wrong(self, words: str) -> None:
        """Say that something went wrong."""
        self.notes.say(words)

    def show_bring(self, name: str, words: str) -> None:
        """Say which file to bring and where to put it."""
        self._show(f"The weights of {name} are not on this computer.", words, "")

    def show_description(self, found: Description) -> None:
        """Show what a file holds."""
        wrong = not found.reusable or found.origin is None
        notes = [*found.notes] + ([NO_ORIGIN] if found.reusable and found.origin is None else [])
        self._show(found.verdict, facts(found), "\n".join(notes), wrong)
        rows: list[tuple[str, str, str, str]] = [
            *(("missing", name, "–", "required") for name in found.missing[:_MOST_NAMES]),
            *(("unused", name, "present", "–") for name in found.left_over[:_MOST_NAMES]),
        ]
        for each in found.wrong[:_MOST_NAMES]:
            name, saved, expected = each
            rows.append(("other shape", name, _shape(saved), _shape(expected)))
        rows = [] if found.reusable else rows  # the old head is replaced, so it does not matter
        self.table.addTopLevelItems([QTreeWidgetItem(list(row)) for row in rows])
        self.table.setVisible(bool(rows))
        for column in range(3):
            self.table.resizeColumnToContents(column)

    def _show(self, verdict: str, facts: str, notes: str, wrong: bool = False) -> None:
        font = QFont(self.font())
        font.setBold(True)
        self.verdict.setFont(font)
        self.verdict.setForegroundRole(ERROR if wrong else self.foregroundRole())
        self.verdict.say(verdict)
        self.facts.say(facts)
        self.notes.say(notes)
        self.table.clear()
        self.table.hide()


def facts(found: Description) -> str:
    """A description's numbers in a few lines."""
    lines = []
    if found.title:
        shown = shape_text(found.input) if len(found.input) == 3 else "points"
        lines.append(f"Input {shown}, {grouped(found.parameters)} parameters.")
    else:
        lines.append(f"{grouped(found.parameters)} parameters.")
    origin = found.origin
    if origin is not None:
        mean, std = (", ".join(short(v, 3) for v in values) for values in (origin.mean, origin.std))
        what = f"normalized with mean {mean} and standard deviation {std} ({origin.source})"
        lines.append(
            f"Pictures were {what}."
            if not origin.assumed_normalization
            else f"The file does not say how its pictures were prepared. It is assumed that they were {what}."
        )
        if origin.classes:
            shown = ", ".join(origin.classes[:10]) + (", …" if len(origin.classes) > 10 else "")
            lines.append(f"Its classes were: {shown}" + ("." if len(origin.classes) <= 10 else ""))
    checked = _hash_words(found)
    lines.append(f"{size_text(found.bytes)}, format {found.format}. {checked}")
    lines.append(str(found.path))
    return "\n".join(lines)


def _hash_words(found: Description) -> str:
    start = found.sha256[:8]
    if start and start in found.path.name:
        return f"The SHA-256 begins with {start}, as the file name says: the file is complete."
    return f"SHA-256 begins with {start}."


def _shape(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "scalar"


def _item(choice: Choice, font: QFont) -> QTreeWidgetItem:
    item = QTreeWidgetItem([choice.name, choice.what, choice.where])
    item.setData(0, _CHOICE, choice)
    item.setToolTip(0, str(choice.path or choice.where))
    item.setToolTip(1, choice.what)
    if not choice.key:
        slanted = QFont(font)
        slanted.setItalic(True)
        for column in range(3):
            item.setFont(column, slanted)
    return item
