"""The layers of a model as a tree: blocks with the sums of their layers, and a total at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont, QStandardItem, QStandardItemModel

from workbench.engine.core.text import grouped, size_text
from workbench.engine.report.model_summary import ModelRow, ModelTable
from workbench.views.widgets.basics import plain_tip

HEADS = ("Layer", "Type", "Output", "Params", "Trainable", "Memory")
#: The row of parameters that a block has outside its layers.
ITSELF = "(itself)"
TOTAL = "Total"

_Align = Qt.AlignmentFlag


@dataclass(slots=True)
class Node:
    """A block with its ``parts``, or a layer with its ``row``. ``name`` is the path below its block."""

    name: str
    row: ModelRow | None = None
    parts: list[Node] = field(default_factory=list)

    def layers(self) -> list[ModelRow]:
        """All its layers, in order."""
        return [self.row] if self.row is not None else [row for part in self.parts for row in part.layers()]


def blocks(rows: Sequence[ModelRow]) -> list[Node]:
    """The tree of ``rows`` by their paths. A block that contains only one block is merged with it."""
    root, groups = Node(""), {""}
    for row in rows:
        parts = row.name.split(".")
        groups |= {".".join(parts[:n]) for n in range(1, len(parts))}
    found = {"": root}
    for row in rows:
        inside = row.name in groups
        home = _group(row.name if inside else row.name.rpartition(".")[0], found)
        home.parts.append(Node(ITSELF if inside else row.name.rpartition(".")[2], row))
    return [_joined(part) for part in root.parts]


def _group(path: str, found: dict[str, Node]) -> Node:
    if path not in found:
        above, _, name = path.rpartition(".")
        found[path] = Node(name)
        _group(above, found).parts.append(found[path])
    return found[path]


def _joined(node: Node) -> Node:
    node.parts = [_joined(part) for part in node.parts]
    if len(node.parts) == 1 and node.parts[0].row is None:
        only = node.parts[0]
        return Node(f"{node.name}.{only.name}", None, only.parts)
    return node


class LayerTree(QStandardItemModel):
    """The rows of a ModelTable under their blocks."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table: ModelTable | None = None
        self.setHorizontalHeaderLabels(HEADS)
        for column in range(2, len(HEADS)):
            self.setHeaderData(column, Qt.Orientation.Horizontal, _alignment(column), Qt.ItemDataRole.TextAlignmentRole)

    def set_table(self, table: ModelTable) -> bool:
        """Show ``table``; False if it is already shown."""
        if table == self._table:
            return False
        self._table = table
        self.removeRows(0, self.rowCount())  # after clear() PySide 6.11 keeps an object for each item for ever
        self._fill(self.invisibleRootItem(), blocks(table.rows))
        if table.rows:
            self.invisibleRootItem().appendRow(_total(table))
        return True

    def _fill(self, home: QStandardItem, nodes: Sequence[Node]) -> None:
        for node in nodes:
            line = _items(_texts(node), _words(node))
            home.appendRow(line)
            self._fill(line[0], node.parts)


def _total(table: ModelTable) -> list[QStandardItem]:
    memory = size_text(table.memory + table.batch * table.activations)
    texts = (
        TOTAL,
        f"{grouped(len(table.rows))} layers",
        "",
        grouped(table.parameters),
        grouped(table.trainable),
        memory,
    )
    line = _items(
        texts, f"All layers: {texts[3]} parameters, {texts[4]} of them trainable, {memory} with their outputs."
    )
    for item in line:
        bold = QFont()
        bold.setBold(True)
        item.setFont(bold)
    return line


def _items(texts: Sequence[str], tip: str) -> list[QStandardItem]:
    line = []
    for column, text in enumerate(texts):
        item = QStandardItem(text)
        item.setEditable(False)
        item.setToolTip(plain_tip(tip))
        item.setTextAlignment(_alignment(column))
        line.append(item)
    return line


def _alignment(column: int) -> Qt.AlignmentFlag:
    return (_Align.AlignRight if column >= 2 else _Align.AlignLeft) | _Align.AlignVCenter


def _texts(node: Node) -> tuple[str, ...]:
    """The texts of the columns. A block has the sums of its layers and the output of the last one."""
    layers = node.layers()
    kind = node.row.type if node.row is not None else f"{grouped(len(layers))} layers"
    parameters = sum(row.parameters for row in layers)
    trainable = sum(row.trainable for row in layers)
    counts = (grouped(parameters), grouped(trainable)) if parameters else ("–", "–")
    shape = "×".join(map(str, layers[-1].output)) or "–"
    return node.name or ITSELF, kind, shape, *counts, size_text(sum(row.memory for row in layers))


def _words(node: Node) -> str:
    """All columns as a sentence, for the tooltip in a narrow panel."""
    _, kind, shape, parameters, trainable, memory = _texts(node)
    name = node.row.name if node.row is not None else node.name
    learned = f", {trainable} of them trainable" if parameters != "–" else ""
    counts = f"{parameters} parameters{learned}, {memory} with the outputs of a batch"
    return f"{name or ITSELF}: {kind}. Output {shape}, {counts}."
