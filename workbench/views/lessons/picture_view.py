"""A scene's picture: its panels side by side, one below the other or as tabs, and its table."""

from __future__ import annotations

import csv
import io
import textwrap
from typing import Final

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from workbench.engine.core.text import for_file
from workbench.engine.lessons.band import Band
from workbench.engine.lessons.picture import Ground, Picture, Table
from workbench.views.lessons.curves import LOWEST, Curves
from workbench.views.lessons.panel_tabs import PanelTabs
from workbench.views.plots.loss_picture import LossPicture
from workbench.views.plots.picture_menu import PictureMenu
from workbench.views.widgets.basics import Box, Words, drop
from workbench.views.widgets.theme import MUTED, rhythm

#: Letters in a line of a table's head, or of a name, where it has several words; of a name beside a single number.
_HEAD: Final = 12
_NAME: Final = 18
#: Lines of text below which a panel is too low, and how wide it must be beside another, in lines too.
_LOW: Final = 10
_WIDE: Final = 11
#: Lines of text below which panels are not one below the other, but tabs.
_STACKED: Final = 8
#: Maximum number of arrangements after each other, each of which has changed the size.
_TURNS: Final = 4
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


#: Shown while there is no picture.
_NOTHING: Final = Picture()


class PictureView(Box):
    """Shows a picture; ``empty`` in words while there is none. ``file_name`` is proposed for its file."""

    file_name = "scene"

    def __init__(self, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(1, 1, 1, 1), spacing=1)
        self.panels: list[Curves] = []
        self._picture: Picture | None = _NOTHING
        self._band: Band | None = None
        self._is_turning = False
        self.tabs = PanelTabs(self)
        self._row = Box(self, spacing=1)
        self._empty = Words(empty, self, MUTED)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table = TableView(self)
        self._before: QWidget = self._empty
        self.ground = LossPicture(self)
        for part, stretch in ((self._empty, 1), (self.ground, 1), (self.tabs, 0), (self._row, 1)):
            self.add(part, stretch)
        self.keep_table()
        self.tabs.currentChanged.connect(self._turn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Measured curves")
        self.picture_menu = PictureMenu(self, lambda: self.file_name, self.as_csv)
        self.show_picture(None, None)

    def keep_table(self) -> None:
        """The table is below the panels, unless another place is given to it."""
        self.add(self.table)

    def set_before(self, widget: QWidget | None) -> None:
        """What is in the place of the picture while there is none; None: the words."""
        before = widget or self._empty
        if before is not self._before:
            self._before.hide()
            self._before = before
            if self.box.indexOf(before) < 0:
                self.box.insertWidget(0, before, 1)
            before.setVisible(self._picture is None)

    def show_picture(self, picture: Picture | None, band: Band | None) -> None:
        """Show a picture, whose panels of the measured quantity have ``band``; None: no picture."""
        if picture is self._picture and band == self._band:
            return  # progress is reported more often than the picture changes
        self._picture, self._band = picture, band
        panels = picture.panels if picture is not None else ()
        while len(self.panels) > len(panels):
            drop(self.panels.pop())
        for place, panel in enumerate(panels):
            if place < len(self.panels):
                self.panels[place].show_panel(panel, band)
            else:
                self.panels.append(Curves(panel, band, self._row))
                self._row.add(self.panels[-1], 1)
        self._before.setVisible(picture is None)
        self._row.setVisible(bool(panels))
        self.tabs.show_titles([panel.title for panel in panels])
        self._show_ground(picture.ground if picture is not None else None)
        self.table.show_table(picture.table if picture is not None else None)
        self._turn()

    def _show_ground(self, ground: Ground | None) -> None:
        self.ground.setVisible(ground is not None)
        if ground is not None:
            self.ground.show_ground(ground.title, ground.words, ground.xs, ground.ys, ground.heights, ground.path)

    def as_csv(self) -> str:
        """The points of all curves, a line each: panel, curve, x, y."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(("panel", "curve", "x", "y"))
        for panel in self._picture.panels if self._picture is not None else ():
            for line in panel.lines:
                places = zip(line.x.tolist(), line.y.tolist(), strict=True)
                writer.writerows((panel.title, line.name, for_file(x, 9), for_file(y, 9)) for x, y in places)
        ground = self._picture.ground if self._picture is not None else None
        for x, y in ground.path.tolist() if ground is not None else ():
            writer.writerow((ground.title if ground is not None else "", "path", for_file(x, 9), for_file(y, 9)))
        return file.getvalue()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "picture_menu"):
            self._turn()

    @Slot()
    def _turn(self) -> None:
        """Arrange the panels for the present size. A widget that becomes visible has the layouts around it activated at
        once, which may resize this view meanwhile: then they are arranged again.
        """
        if self._is_turning:
            return
        self._is_turning = True
        for _ in range(_TURNS):
            size = self.size()
            self._arrange()
            if self.size() == size:
                break
        self._is_turning = False

    def _arrange(self) -> None:
        """Panels are side by side where each is still wider than high, or would be too low one below the other; where
        there is too little room for both, one is shown, and the others are tabs.
        """
        count, line = max(1, len(self.panels)), self.fontMetrics().height()
        beside = self.width() > 1.2 * count * max(1, self.height())
        beside |= self.height() < _LOW * count * line and self.width() > _WIDE * count * line
        side = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._row.box.setDirection(side)
        self._row.setMinimumHeight(rhythm(self, LOWEST))  # that of one panel, or it could not become as low as for tabs
        has_tabs = len(self.panels) > 1 and not beside and self.height() < _STACKED * count * line
        self.tabs.setVisible(has_tabs)
        for place, panel in enumerate(self.panels):
            panel.setVisible(not has_tabs or place == self.tabs.currentIndex())


class TableView(QWidget):
    """A small table of ready texts: names at the left, numbers at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._table: Table | None = None
        self._cells: list[Words] = []

    def show_table(self, table: Table | None) -> None:
        """Show a table; None: nothing."""
        self.setVisible(table is not None)
        if table == self._table:
            return
        self._table = table
        for cell in self._cells:
            drop(cell)
        rows = (table.head, *table.rows) if table is not None else ()
        name = _NAME if table is not None and len(table.head) == 2 else _HEAD
        self._cells = [self._cell(text, *place, name) for place, text in _placed(rows)]
        self._grid.setHorizontalSpacing(rhythm(self, 3))
        self._grid.setVerticalSpacing(rhythm(self, 0.5))
        self._grid.setColumnStretch(0, 1)

    def _cell(self, text: str, row: int, column: int, name: int) -> Words:
        letters = _HEAD if column else name
        parts = textwrap.wrap(text, letters, break_long_words=False) if row == 0 or column == 0 else [text]
        words = Words("\n".join(parts), self, wrap=False)
        if row == 0:
            words.setForegroundRole(MUTED)
        if column:
            words.setAlignment(_AT_RIGHT)
        self._grid.addWidget(words, row, column)
        return words


def _placed(rows: tuple[tuple[str, ...], ...]) -> list[tuple[tuple[int, int], str]]:
    return [((row, column), text) for row, cells in enumerate(rows) for column, text in enumerate(cells)]
