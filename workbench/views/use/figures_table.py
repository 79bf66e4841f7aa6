"""Tables of an inspection: the figures of each class, and the pairs that are confused most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from workbench.engine.core.text import PER_CENT, grouped, percent
from workbench.views.widgets.tables import fit_columns, make_plain

if TYPE_CHECKING:
    from workbench.engine.inspection.by_class import ByClass
    from workbench.engine.inspection.confusion import Confusion, Floats

_HEADS: Final = ("Class", "Examples", "Recall", "Precision", "F1")
_TIPS: Final = (
    "",
    "Labelled examples of the class.",
    "The share of its examples that were recognised, with Wilson's 95 % interval.",
    "The share of its answers that were right, with Wilson's 95 % interval.",
    "The harmonic mean of precision and recall, with the 95 % interval of 1000 bootstrap samples of the examples.",
)
_VALUE: Final = Qt.ItemDataRole.UserRole
_NONE: Final = "–"
#: That of the pairs.
_MOST_PAIRS: Final = 200
#: The widest that names of classes make their column, in quarters of a line.
_NAME_WIDTH: Final = 60


class _Row(QTreeWidgetItem):
    """Sorts by values, or by texts where a column has none; what is not defined comes last in either order."""

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        tree = self.treeWidget()
        column = tree.sortColumn() if tree is not None else 0
        mine, theirs = self.data(column, _VALUE), other.data(column, _VALUE)
        if mine is None and theirs is None:
            return self.text(column) < other.text(column)
        if mine is None or theirs is None:
            is_ascending = tree is None or tree.header().sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
            return (theirs is None) is is_ascending
        return bool(mine < theirs)


class ClassFigures(QTreeWidget):
    """Precision, recall and F1 with their intervals; a click on a head sorts."""

    chosen = Signal(int)  #: a class

    def __init__(self) -> None:
        super().__init__()
        make_plain(self, _HEADS, "Figures of each class")
        for column, words in enumerate(_TIPS):
            self.headerItem().setToolTip(column, words)
        self.setSortingEnabled(True)
        self.sortByColumn(2, Qt.SortOrder.AscendingOrder)
        self.itemActivated.connect(self._on_activated)
        self.itemClicked.connect(self._on_activated)

    def show_figures(self, found: ByClass, names: tuple[str, ...]) -> None:
        """Show these classes; what was sorted stays sorted."""
        self.setSortingEnabled(False)
        self.clear()
        self.addTopLevelItems([_class_row(found, label, name) for label, name in enumerate(names)])
        self.setSortingEnabled(True)
        fit_columns(self, _NAME_WIDTH)

    @Slot(QTreeWidgetItem, int)
    def _on_activated(self, item: QTreeWidgetItem, _column: int) -> None:
        self.chosen.emit(int(item.data(0, Qt.ItemDataRole.UserRole + 1)))


class PairsTable(QTreeWidget):
    """The pairs of classes with the most mistakes."""

    chosen = Signal(int, int)  #: the true class and the answer

    def __init__(self) -> None:
        super().__init__()
        make_plain(self, ("Class", "Taken for", "Examples", "Of the class"), "Most confused pairs")
        self.itemActivated.connect(self._on_activated)
        self.itemClicked.connect(self._on_activated)

    def show_pairs(self, found: Confusion, names: tuple[str, ...]) -> None:
        """Show those of ``found``."""
        self.clear()
        whole = found.true
        for true, answer, count in found.most_confused(_MOST_PAIRS):
            share = percent(count / int(whole[true]))
            item = QTreeWidgetItem([names[true], names[answer], grouped(count), share])
            item.setData(0, Qt.ItemDataRole.UserRole, (true, answer))
            for column in (2, 3):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addTopLevelItem(item)
        fit_columns(self, _NAME_WIDTH, _NAME_WIDTH)

    @Slot(QTreeWidgetItem, int)
    def _on_activated(self, item: QTreeWidgetItem, _column: int) -> None:
        true, answer = item.data(0, Qt.ItemDataRole.UserRole)
        self.chosen.emit(true, answer)


def _class_row(found: ByClass, label: int, name: str) -> QTreeWidgetItem:
    has_recall, has_precision = bool(found.has_recall[label]), bool(found.has_precision[label])
    has_f1 = has_recall or has_precision
    shares = [
        _share(found.recall, found.recall_interval, label, has_recall),
        _share(found.precision, found.precision_interval, label, has_precision),
        _share(found.f1, found.f1_interval, label, has_f1),
    ]
    row = _Row([name, grouped(int(found.examples[label])), *(words for words, _ in shares)])
    row.setData(0, Qt.ItemDataRole.UserRole + 1, label)
    row.setToolTip(0, name)
    row.setData(1, _VALUE, int(found.examples[label]))
    row.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    for column, (_, value) in enumerate(shares, 2):
        row.setData(column, _VALUE, value)
        row.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return row


def _share(values: Floats, intervals: Floats, label: int, is_defined: bool) -> tuple[str, float | None]:
    """A share with its interval as a text, and the value by which it is sorted: None where it is not defined."""
    if not is_defined:
        return _NONE, None
    low, high = (percent(float(each), 0).removesuffix(PER_CENT) for each in intervals[label])
    return f"{percent(float(values[label]))}  ({low}–{high})", float(values[label])
