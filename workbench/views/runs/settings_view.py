"""The settings of a run as the form calls them: groups, values with units, and what differs from the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QPushButton, QTreeWidgetItem, QWidget

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.shelf.compare import change_words
from workbench.engine.shelf.differing import label_at
from workbench.engine.shelf.record import LiveChange, RunRecord
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.listing import Line, listing
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.tables import plain_table
from workbench.views.widgets.theme import MUTED, theme

_LABEL, _VALUE = range(2)
_DIFFERS: Final = Qt.ItemDataRole.UserRole
#: The most that the column of labels takes of the width.
_LABELS: Final = 0.58


class SettingsView(Box):
    """Shows the settings of one run; its file of settings can be copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(1, 1, 1, 1), spacing=1)
        self._file_text = ""
        self.trouble = Words(tone=MUTED)
        self.only = Check("&Only what is not the default")
        self.copy = QPushButton("&Copy as text")
        self.copy.setToolTip("Copy the run's file of settings, which can be opened and trained without a window")
        self.table = plain_table(("Setting", "Value"), "Settings of the run")
        self.table.setRootIsDecorated(True)
        for part, stretch in ((self.only, 0), (self.trouble, 0), (self.table, 1)):
            self.add(part, stretch)
        self.box.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        self.only.toggled.connect(self._show_chosen)
        self.copy.clicked.connect(self._on_copy)
        theme().changed.connect(self._fit)

    def show_run(self, record: RunRecord) -> None:
        """Show the settings with which the run began, and what was changed while it trained."""
        self._file_text, trouble = _text_of(record)
        self.copy.setEnabled(bool(self._file_text))
        self.table.clear()
        try:
            spec = record.spec
        except WorkbenchError as error:
            trouble = trouble or f"Not all of its settings are known here: {str(error).splitlines()[0]}"
        else:
            self._fill((*listing(spec), *_live(record.changes, record.change_count, spec)))
        self.trouble.say(trouble)
        self._show_chosen()
        self._fit()

    def _fill(self, lines: Iterable[Line]) -> None:
        above: list[QTreeWidgetItem] = []
        for line in lines:
            item = QTreeWidgetItem([line.label, _value_words(line)])
            del above[line.depth :]
            if above:
                above[-1].addChild(item)
            else:
                self.table.addTopLevelItem(item)
            above.append(item)
            self._mark(item, line)
        self.table.expandAll()

    def _mark(self, item: QTreeWidgetItem, line: Line) -> None:
        bold = QFont()
        bold.setBold(True)
        if not line.depth:
            item.setFont(_LABEL, bold)
        if line.default:
            item.setFont(_VALUE, bold)
        item.setData(_VALUE, _DIFFERS, bool(line.default) or " → " in line.value)
        for column in (_LABEL, _VALUE):
            item.setToolTip(column, plain_tip(item.text(column)))

    @Slot()
    def _show_chosen(self) -> None:
        """Hide what is the default, if that is wanted; a title stays where something below it differs."""
        for item in reversed(list(_items(self.table.invisibleRootItem()))):
            differs = item.data(_VALUE, _DIFFERS) or any(not each.isHidden() for each in _children(item))
            item.setHidden(self.only.isChecked() and not differs)

    @Slot()
    def _fit(self) -> None:
        self.table.resizeColumnToContents(_LABEL)
        most = round(_LABELS * self.width())
        self.table.setColumnWidth(_LABEL, min(self.table.columnWidth(_LABEL), most))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._file_text)


def _items(root: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    """All items, each before those below it."""
    for item in _children(root):
        yield item
        yield from _items(item)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (item.child(at) for at in range(item.childCount()))
    return [each for each in found if each is not None]


def _live(changes: tuple[LiveChange, ...], count: int, spec: ExperimentSpec) -> Iterator[Line]:
    """What was changed while it trained."""
    if not changes:
        return
    yield Line("", "Changed while it trained", "", "", 0)
    for change in changes:
        words = change_words(change.old, change.new, spec, change.path)
        yield Line(change.path, f"{label_at(spec, change.path)} at step {grouped(change.step)}", words, "", 1)
    if count > len(changes):
        yield Line("", f"and {grouped(count - len(changes))} more", "", "", 1)


def _value_words(line: Line) -> str:
    return f"{line.value} (default {line.default})" if line.default else line.value


def _text_of(record: RunRecord) -> tuple[str, str]:
    """The run's file of settings, and a sentence why it cannot be read."""
    try:
        return (record.folder / "spec.toml").read_text("utf-8-sig", "replace"), ""
    except OSError as error:
        return "", f"The file of its settings cannot be read: {error.strerror or error}."
