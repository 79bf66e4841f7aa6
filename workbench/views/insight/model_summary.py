"""The summary of the model: parameters, memory and a table of its layers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QPushButton,
    QSizePolicy,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from workbench.engine.core.text import grouped, size_text
from workbench.engine.report.model_summary import ModelTable
from workbench.views.insight.model_tree import LayerTree
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

#: A table with more rows is scrolled.
VISIBLE_ROWS = 9
#: With more layers the blocks are closed at first.
OPEN_UP_TO = 24

#: Columns that are hidden in a narrow panel, with the width (in quarters of a line) from which they are shown.
_NEEDED = {1: 98, 4: 130, 5: 76}


class ModelSummaryView(Box):
    """The totals and the table, or a sentence why the model cannot be built."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self._totals = Words()
        self._memory = Words(tone=MUTED)
        self._trouble = Words(tone=ERROR)
        self._layers = LayerTree(self)
        self._table = _Table(self._layers)
        self._wide: QDialog | None = None
        self._more = QPushButton("Show as a wide table…")
        self._more.setAccessibleDescription("All columns of the layers in a separate window")
        self._more.clicked.connect(self.open_wide)
        for part in (self._totals, self._memory, self._trouble, self._table):
            self.add(part)
        self.box.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName("Summary of the model")
        self.show_waiting()

    @Slot(object)
    def show_table(self, table: ModelTable) -> None:
        """Show the totals and the layers."""
        if self._layers.set_table(table):
            for view in (self._table, *self.findChildren(_WideTable)):
                view.open_blocks(len(table.rows))
        self._table.setVisible(bool(table.rows))
        self._more.setVisible(bool(table.rows))
        frozen = f", {grouped(table.parameters - table.trainable)} of them frozen"
        outputs = f", outputs {size_text(table.activations)} per example, "
        outputs += f"{size_text(table.batch * table.activations)} per batch of {grouped(table.batch)}"
        self._say(
            totals=f"{grouped(table.parameters)} parameters{frozen if table.trainable < table.parameters else ''}",
            memory=f"Weights {size_text(table.memory)}{outputs if table.activations else ''}",
        )

    @Slot()
    def show_waiting(self) -> None:
        """Show that the model is being measured."""
        self._table.hide()
        self._more.hide()
        self._say(memory="The model is being measured…")

    @Slot(str)
    def show_error(self, message: str) -> None:
        """Show why there is no model."""
        self._table.hide()
        self._more.hide()
        self._say(trouble=message)

    @Slot()
    def open_wide(self) -> None:
        """Open a window with all columns of the layers; it may stay open."""
        if self._wide is None:
            self._wide = QDialog(self)
            self._wide.setWindowTitle("Layers of the model")
            table = _WideTable(self._layers, self._wide)
            QVBoxLayout(self._wide).addWidget(table)
            table.open_blocks(0)
            self._wide.resize(rhythm(self, 190), rhythm(self, 140))
        self._wide.show()
        self._wide.activateWindow()

    def _say(self, totals: str = "", memory: str = "", trouble: str = "") -> None:
        self._totals.say(totals)
        self._memory.say(memory)
        self._trouble.say(trouble)


class _WideTable(QTreeView):
    """All columns of the layers. Blocks are opened and closed by a click or with the arrow keys."""

    def __init__(self, layers: LayerTree, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(layers)
        self.setAccessibleName("Layers of the model")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setTextElideMode(Qt.TextElideMode.ElideLeft)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        header = self.header()
        header.setMinimumSectionSize(1)
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        self.arrange_columns()

    def arrange_columns(self) -> None:
        """Fit the other columns to their contents; the layer's name gets the rest."""
        self.setIndentation(rhythm(self, 3))
        if self.model().columnCount():
            self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def open_blocks(self, layers: int) -> None:
        """Open the blocks of a new model if it has few layers."""
        self.arrange_columns()
        if layers <= OPEN_UP_TO:
            self.expandAll()


class _Table(_WideTable):
    """As high as its rows, up to VISIBLE_ROWS, with the columns that fit. The wheel scrolls it only with the focus."""

    def __init__(self, layers: LayerTree, parent: QWidget | None = None) -> None:
        super().__init__(layers, parent)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.expanded.connect(self._on_folded)
        self.collapsed.connect(self._on_folded)

    def open_blocks(self, layers: int) -> None:
        super().open_blocks(layers)
        self._choose_columns()
        self.updateGeometry()

    @Slot(QModelIndex)
    def _on_folded(self, _index: QModelIndex) -> None:
        self.updateGeometry()

    def _visible_rows(self) -> int:
        index, rows = self.model().index(0, 0), 0
        while index.isValid() and rows < VISIBLE_ROWS:
            index, rows = self.indexBelow(index), rows + 1
        return rows

    def sizeHint(self) -> QSize:
        row = max(rhythm(self, 5), self.sizeHintForRow(0))
        height = self.header().sizeHint().height() + self._visible_rows() * row + 2 * self.frameWidth()
        return QSize(rhythm(self, 60), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.arrange_columns()
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose_columns()

    def _choose_columns(self) -> None:
        for column, needed in _NEEDED.items():
            narrow = self.viewport().width() < rhythm(self, needed)
            if narrow != self.isColumnHidden(column):
                self.setColumnHidden(column, narrow)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
