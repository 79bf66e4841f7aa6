"""The network in numbers: parameters, memory and a table of its layers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from workbench.engine.samples import ModelRow, ModelTable, size_text
from workbench.views.blocks import Box, Words, plain_tip
from workbench.views.theme import ERROR, MUTED, rhythm

#: More layers than these are scrolled.
VISIBLE_ROWS = 9

#: Columns that go in a narrow panel, and from which width (in quarters of a line) there is room for them.
_NEEDED = {1: 78, 4: 96, 5: 66}

_Index = QModelIndex | QPersistentModelIndex


class ModelSummaryView(Box):
    """One line with the totals, the table below it, or a sentence why the model cannot be built."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self._totals = Words()
        self._memory = Words(tone=MUTED)
        self._trouble = Words(tone=ERROR)
        self._layers = _Layers(self)
        self._table = _Table(self._layers)
        for part in (self._totals, self._memory, self._trouble, self._table):
            self.add(part)
        self.setAccessibleName("Summary of the model")
        self.show_waiting()

    @Slot(object)
    def show_table(self, table: ModelTable) -> None:
        """Show the totals and the layers."""
        self._layers.set_rows(table.rows)
        self._table.setVisible(bool(table.rows))
        self._table.updateGeometry()
        frozen = f", {table.parameters - table.trainable:,} of them frozen"
        outputs = f", outputs {size_text(table.activations)} an example, "
        outputs += f"{size_text(table.batch * table.activations)} a batch of {table.batch:,}"
        self._say(
            totals=f"{table.parameters:,} parameters{frozen if table.trainable < table.parameters else ''}",
            memory=f"Weights {size_text(table.memory)}{outputs if table.activations else ''}",
        )

    @Slot()
    def show_waiting(self) -> None:
        """Say that the numbers are on their way."""
        self._table.hide()
        self._say(memory="The model is being measured…")

    @Slot(str)
    def show_error(self, message: str) -> None:
        """Say in a sentence why there is no model."""
        self._table.hide()
        self._say(trouble=message)

    def _say(self, totals: str = "", memory: str = "", trouble: str = "") -> None:
        self._totals.say(totals)
        self._memory.say(memory)
        self._trouble.say(trouble)


class _Layers(QAbstractTableModel):
    """The rows of a ModelTable."""

    HEADS = ("Layer", "Type", "Output", "Params", "Trainable", "Memory")

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[ModelRow, ...] = ()

    def set_rows(self, rows: tuple[ModelRow, ...]) -> None:
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.HEADS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _texts(row)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_words(row))
        return _alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.HEADS[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column >= 2 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _texts(row: ModelRow) -> tuple[str, ...]:
    shape = "×".join(map(str, row.output)) or "–"
    counts = [f"{count:,}" if row.parameters else "–" for count in (row.parameters, row.trainable)]
    return row.name, row.type, shape, *counts, size_text(row.memory)


def _words(row: ModelRow) -> str:
    """Everything of a row, for a panel too narrow to show it."""
    _, _, shape, parameters, trainable, memory = _texts(row)
    learned = f", {trainable} of them trainable" if row.parameters else ""
    return f"{row.name}: {row.type}. Output {shape}, {parameters} parameters{learned}, {memory} with a batch's outputs."


class _Table(QTableView):
    """As high as its rows, up to VISIBLE_ROWS. The wheel scrolls it only while it has the focus."""

    def __init__(self, layers: _Layers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(layers)
        self.setAccessibleName("Layers of the model")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.verticalHeader().hide()
        self._arrange_columns()

    def _arrange_columns(self) -> None:
        """The layer's name gives way to the others; the type goes where there is no room for all."""
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(1)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._set_row_height()

    def _set_row_height(self) -> None:
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(rhythm(self, 5))

    def sizeHint(self) -> QSize:
        rows = min(self.model().rowCount(), VISIBLE_ROWS)
        height = self.horizontalHeader().sizeHint().height() + rows * rhythm(self, 5) + 2 * self.frameWidth()
        return QSize(rhythm(self, 60), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_row_height()
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, needed in _NEEDED.items():
            narrow = self.viewport().width() < rhythm(self, needed)
            if narrow != self.isColumnHidden(column):
                self.setColumnHidden(column, narrow)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
