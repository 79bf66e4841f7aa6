"""The table of runs as Qt reads it: only the cells that are seen are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from workbench.bridge.runs.listing import Row
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.shelf.choose import Group
from workbench.engine.shelf.columns import NOTHING
from workbench.engine.shelf.record import RunRecord
from workbench.views.plots.run_styles import RunStyle, run_style
from workbench.views.runs.columns import PLACES, SETTINGS, group_title
from workbench.views.widgets.basics import plain_tip

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
#: The row itself, and the style of a ticked run.
ROW: Final = int(_Role.UserRole)
STYLE: Final = ROW + 1
NAME: Final = next(at for at, place in enumerate(PLACES) if place.key == "name")
STATUS: Final = next(at for at, place in enumerate(PLACES) if place.key == "status")
_PARENT: Final = next(at for at, place in enumerate(PLACES) if place.key == "parent")
_ROLES: Final = frozenset(
    (
        *(_Role.DisplayRole, _Role.EditRole, _Role.AccessibleTextRole, _Role.ToolTipRole),
        *(_Role.TextAlignmentRole, _Role.CheckStateRole, ROW, STYLE),
    )
)
#: Words that are kept may be damaged: no style beyond this number is taken from them.
MOST_STYLES: Final = 10_000
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class RunsModel(QAbstractTableModel):
    """Rows are runs and groups of them. ``ticked`` are the runs that are compared, each with its style's number."""

    ticks_changed = Signal()
    renamed = Signal(object, str)  #: a run, and the name that was typed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self.ticked: dict[Path, int] = {}
        self.group_label = ""
        self.folded: frozenset[str] = frozenset()

    def show(self, rows: list[Row], group_label: str, folded: frozenset[str]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows, self.group_label, self.folded = rows, group_label, folded
        self.endResetModel()

    def row(self, index: _Index) -> Row | None:
        """The run or group of a row."""
        return self.rows[index.row()] if 0 <= index.row() < len(self.rows) else None

    def style(self, folder: Path) -> RunStyle | None:
        """How a ticked run is drawn; None for one that is not ticked."""
        number = self.ticked.get(folder)
        return None if number is None else run_style(number)

    def choices(self) -> str:
        """The ticked runs below the folder of runs with their styles, as words to keep."""
        return "/".join(f"{number}:{folder.name}" for folder, number in self.ticked.items() if _is_kept(folder))

    def choose(self, words: str) -> None:
        """Tick the runs that ``choices`` gave, in the styles that they had; those that are gone are passed over."""
        found = (each.partition(":") for each in words.split("/"))
        wanted = {runs_folder() / name: int(number) for number, _, name in found if name and number.isdecimal()}
        ticked = {folder: number for folder, number in wanted.items() if number < MOST_STYLES and folder.is_dir()}
        if len(set(ticked.values())) == len(ticked) and ticked != self.ticked:
            self.ticked = ticked
            self._tell_ticks()

    def tick(self, folders: Sequence[Path], on: bool) -> None:
        """Take runs into the comparison, or out; a run keeps its colour as long as it is in."""
        before = dict(self.ticked)
        for folder in folders:
            if not on:
                self.ticked.pop(folder, None)
            elif folder not in self.ticked:
                taken = set(self.ticked.values())
                self.ticked[folder] = next(n for n in range(len(taken) + 1) if n not in taken)
        if before != self.ticked:
            self._tell_ticks()

    def _tell_ticks(self) -> None:
        self.dataChanged.emit(self.index(0, NAME), self.index(len(self.rows) - 1, NAME))
        self.ticks_changed.emit()

    # --- What Qt asks

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(PLACES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(PLACES):
            return None
        place = PLACES[section]
        if role == _Role.DisplayRole:
            return place.title
        if role == _Role.TextAlignmentRole:
            return _RIGHT if place.is_number else _LEFT
        return plain_tip(place.help) if role == _Role.ToolTipRole else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == NAME:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
            flags |= Qt.ItemFlag.ItemIsEditable if isinstance(self.row(index), RunRecord) else Qt.ItemFlag(0)
        return flags

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        row = self.row(index) if role in _ROLES else None  # of the others Qt asks more often than of these
        if row is None:
            return None
        if role == ROW:
            return row
        place = PLACES[index.column()]
        if role == _Role.TextAlignmentRole:
            return _RIGHT if place.is_number else _LEFT
        return self._of_group(row, index.column(), role) if isinstance(row, Group) else self._of_run(row, index, role)

    def _of_run(self, record: RunRecord, index: _Index, role: int) -> Any:
        column = index.column()
        if column == NAME and role in (_Role.DisplayRole, _Role.EditRole, _Role.AccessibleTextRole):
            return record.shown_name
        if role in (_Role.DisplayRole, _Role.EditRole, _Role.AccessibleTextRole):
            text = self._parent_words(record) if column == _PARENT else PLACES[column].text(record)
            return text.capitalize() if column == STATUS else "" if text == NOTHING else text
        if role == _Role.ToolTipRole:
            return plain_tip(self._tip(record, column))
        if column == NAME and role == _Role.CheckStateRole:
            return Qt.CheckState.Checked if record.folder in self.ticked else Qt.CheckState.Unchecked
        return self.style(record.folder) if role == STYLE else None

    def _parent_words(self, record: RunRecord) -> str:
        """The name of the run that it was forked from; that of its folder where it is not among the rows."""
        parent = next((each for each in self._runs() if each.folder_name == record.parent), None)
        return record.parent if parent is None else parent.shown_name

    def _runs(self) -> Iterator[RunRecord]:
        for row in self.rows:
            yield from row.records if isinstance(row, Group) else (row,)

    def _of_group(self, group: Group, column: int, role: int) -> Any:
        if role in (_Role.DisplayRole, _Role.AccessibleTextRole):
            if column == NAME:
                return f"{'▸' if group.value in self.folded else '▾'} {group_title(group, self.group_label)}"
            return PLACES[column].group_text(group)
        if column == NAME and role == _Role.CheckStateRole:
            return self._state_of(group)
        if role == _Role.ToolTipRole and PLACES[column].key == "best_accuracy" and group.spread is not None:
            return plain_tip(f"Mean ± standard deviation of {len(group.records)} runs.")
        return None

    def _state_of(self, group: Group) -> Qt.CheckState:
        ticked = sum(record.folder in self.ticked for record in group.records)
        if not ticked:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if ticked == len(group.records) else Qt.CheckState.PartiallyChecked

    @staticmethod
    def _tip(record: RunRecord, column: int) -> str:
        if column == NAME:
            return "\n".join(filter(None, (record.title, record.folder_name, record.about.note)))
        if column == STATUS:
            return "\n".join(filter(None, (record.reason, record.problem)))
        place = PLACES[column]
        return place.text(record) if place.key in (SETTINGS, "reason", "note", "tags", "data", "model") else ""

    def setData(self, index: _Index, value: Any, role: int = _Role.EditRole) -> bool:
        row = self.row(index)
        if index.column() != NAME or row is None:
            return False
        if role == _Role.CheckStateRole:
            members = row.records if isinstance(row, Group) else (row,)
            self.tick([record.folder for record in members], Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == _Role.EditRole and isinstance(row, RunRecord):
            self.renamed.emit(row, str(value).strip())
            return True
        return False


def _is_kept(folder: Path) -> bool:
    return folder.parent == runs_folder()
