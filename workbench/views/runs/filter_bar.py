"""Above the table of runs: a text to look for, a status, a setting to group by, hidden runs, columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QStyleOptionComboBox, QWidget

from workbench.bridge.runs.listing import BY_SEEDS, Choice
from workbench.engine.shelf.record import STATUSES
from workbench.views.widgets.basics import Box, plain_tip
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.theme import rhythm

_HELP: Final = (
    "Runs with all of these words in name, folder, title, tags, note, data, network or optimizer. "
    "tag:WORD and status:WORD look there alone; a minus leaves runs out. (Ctrl+F)"
)


class FilterBar(Box):
    """Emits ``changed`` with the new Choice; sorting and folding are the table's part of it."""

    changed = Signal(object)
    grouping_opened = Signal()  #: the settings to group by are about to be seen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 1, 2, 1))
        self.choice = Choice()
        self.text = _LongLine()
        self.text.setPlaceholderText("Filter")
        self.text.setClearButtonEnabled(True)
        self.text.setAccessibleName("Filter runs")
        self.text.setToolTip(plain_tip(_HELP))
        self.status = QComboBox()
        self.status.setAccessibleName("Status")
        self.status.addItem("Every status", "")
        for status in STATUSES:
            self.status.addItem(status.capitalize(), status)
        self.group = _GroupCombo()
        self.group.setAccessibleName("Group by")
        self.group.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.group.setMinimumContentsLength(16)
        self.group.opened.connect(self.grouping_opened)
        self.hidden = Check("Hidden runs")
        self.hidden.setToolTip("Show hidden runs too.")
        self.columns = QPushButton()
        self.columns.setText("Co&lumns")
        self.columns.setToolTip("Choose the columns. Drag a head to move its column.")
        self.count = QLabel()
        self.count.setAccessibleName("Number of runs")
        self.disk = QPushButton()
        self.disk.setToolTip("What the runs take on the disk, and how to free some of it.")
        self.disk.setFlat(True)
        self.set_groupings(())
        self._line = QWidget()
        flow = FlowLayout(self._line, rhythm(self, 2))  # large letters take a second line, not a wider window
        for widget in (self.text, self.status, self.group, self.hidden, self.columns, self.count, self.disk):
            flow.addWidget(widget)
        self.add(self._line)
        self.text.textChanged.connect(self._on_text)
        self.status.activated.connect(self._on_status)
        self.group.activated.connect(self._on_group)
        self.hidden.toggled.connect(self._on_hidden)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_line"):
            self._line.updateGeometry()

    def set_groupings(self, settings: Sequence[tuple[str, str]]) -> None:
        """Offer the settings (path, label) to group by; the chosen one stays."""
        chosen = self.choice.group_by
        self.group.clear()
        self.group.addItem("Not grouped", "")
        self.group.addItem("Alike but for the seed", BY_SEEDS)
        for path, label in settings:
            self.group.addItem(label, path)
        at = self.group.findData(chosen)
        if at < 0:
            self.group.addItem(chosen.rpartition(".")[2].replace("_", " "), chosen)
            at = self.group.count() - 1
        self.group.setCurrentIndex(at)

    @property
    def group_label(self) -> str:
        """What stands before the value in the row of a group."""
        return "" if self.choice.group_by in ("", BY_SEEDS) else self.group.currentText()

    def show_choice(self, choice: Choice) -> None:
        """Show a choice that was remembered."""
        self.choice = choice
        self.hidden.setChecked(choice.shows_hidden)
        self.set_groupings(())

    def clear(self) -> None:
        """Show every run again."""
        self.text.clear()
        self.status.setCurrentIndex(0)
        self._take(replace(self.choice, text="", status=""))

    def _take(self, choice: Choice) -> None:
        if choice != self.choice:
            self.choice = choice
            self.changed.emit(choice)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._take(replace(self.choice, text=text))

    @Slot(int)
    def _on_status(self, _at: int) -> None:
        self._take(replace(self.choice, status=str(self.status.currentData())))

    @Slot(int)
    def _on_group(self, at: int) -> None:
        self._take(replace(self.choice, group_by=str(self.group.itemData(at)), folded=frozenset()))

    @Slot(bool)
    def _on_hidden(self, on: bool) -> None:
        self._take(replace(self.choice, shows_hidden=on))


class _LongLine(QLineEdit):
    """Room for a few words."""

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        return QSize(2 * size.width(), size.height())


class _GroupCombo(QComboBox):
    """Shows what it is for before the choice; in the list typed letters find a setting by its own name."""

    opened = Signal()

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        if self.currentIndex() > 0:
            option.currentText = f"Group: {self.currentText()}"

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The focus comes back when the list closes, before the choice is emitted: filling it anew would lose that."""
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.opened.emit()
        super().focusInEvent(event)

    def showPopup(self) -> None:
        self.opened.emit()
        super().showPopup()
