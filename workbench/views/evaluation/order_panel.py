"""The choice of the order of a network's outputs, beside the first picture of each class."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton, QTreeWidgetItem, QWidget

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.evaluation.class_orders import ClassOrder
from workbench.engine.evaluation.order_pictures import OrderPictures
from workbench.engine.weights.class_list import names_in
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.tables import fit_columns, make_plain, plain_table
from workbench.views.widgets.theme import ERROR, WARNING, rhythm

_WHY: Final = (
    "Some weights do not say which class each output is, and the possible orders disagree. Choose the order of the "
    "training."
)
_NAMES: Final = (
    "Some weights name other classes than the data, or another number. If they are the same classes by other names, "
    "give a list of the names of the outputs: one a line, in their order."
)
_NONE: Final = "Choose an order"


class OrderPanel(Box):
    """Hidden until an order has to be chosen. ``order`` is what was chosen, None before."""

    chosen = Signal()  #: an order has been chosen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self.order: ClassOrder = None
        self._folder = str(Path.home())
        self.box_of_orders = QComboBox()
        self.box_of_orders.setAccessibleName("Order of the outputs")
        self.box_of_orders.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.list_button = QPushButton("From a &list…")
        self.list_button.setAutoDefault(False)
        self.list_button.setToolTip(plain_tip("A text file with one class name a line, in the order of the outputs"))
        self.table = plain_table(("Output",), "Classes of the outputs")
        self.table.setMinimumHeight(rhythm(self, 34))
        self._wrong = Words(tone=ERROR)
        self.why = Words(_WHY, tone=WARNING)
        row = Box(self, spacing=2, horizontal=True)
        row.add(self.why, 1)
        row.add(self.list_button)
        for widget in (row, self.box_of_orders, self._wrong, self.table):
            self.add(widget)
        self.box_of_orders.activated.connect(self._on_activated)
        self.list_button.clicked.connect(self._on_list)
        self._wrong.hide()
        self.hide()

    def ask(self, choice: OrderPictures) -> None:
        """Show the possible orders of ``choice``."""
        self.order = None
        self.box_of_orders.clear()
        self.box_of_orders.addItem(_NONE, None)
        for order in choice.orders:
            self.box_of_orders.addItem(_sentence(order.title), order.name)
        self._fill(choice)
        self._ask(_WHY, True)

    def ask_for_names(self) -> None:
        """Offer to read the names of the outputs from a list: those in the weights are not those of the data."""
        self.order = None
        self._ask(_NAMES, False)

    def _ask(self, why: str, has_orders: bool) -> None:
        self.why.setText(why)
        self.box_of_orders.setVisible(has_orders)
        self.table.setVisible(has_orders)
        self._wrong.hide()
        self.show()

    def forget(self) -> None:
        """Nothing has to be chosen any more, and nothing is."""
        self.order = None
        self.hide()

    def _fill(self, choice: OrderPictures) -> None:
        self.table.clear()
        heads = ("Output", *(_sentence(order.title.partition(",")[0]) for order in choice.orders))
        make_plain(self.table, heads, "Classes of the outputs")
        self.table.setColumnCount(len(heads))
        self.table.setIconSize(QSize(rhythm(self, 8), rhythm(self, 8)))
        icons = _icons(choice)
        for output in range(len(choice.classes)):
            names = [order.names[output] for order in choice.orders]
            item = QTreeWidgetItem([grouped(output), *names])
            for column, name in enumerate(names, 1):
                item.setIcon(column, icons.get(name, QIcon()))
            self.table.addTopLevelItem(item)
        fit_columns(self.table, 20)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self._choose(self.box_of_orders.itemData(index))

    @Slot()
    def _on_list(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Class names in the order of the outputs", self._folder)
        if path:
            self.read(Path(path))

    def read(self, path: Path) -> None:
        """Take the names in the file ``path``; what is wrong with it is shown."""
        self._folder = str(path.parent)
        try:
            names = names_in(path)
        except WorkbenchError as error:
            self._wrong.setText(error.message)
            self._wrong.show()
            return
        self._choose(names)

    def _choose(self, order: ClassOrder) -> None:
        self.order = order
        self._wrong.hide()
        if order is not None:
            self.chosen.emit()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _icons(choice: OrderPictures) -> dict[str, QIcon]:
    """The first picture of each class by its name; empty for data that are no pictures."""
    pictures = zip(choice.classes, choice.pictures, strict=False) if choice.pictures.ndim == 4 else ()
    return {name: QIcon(QPixmap.fromImage(image_of(each.transpose(1, 2, 0)))) for name, each in pictures}
