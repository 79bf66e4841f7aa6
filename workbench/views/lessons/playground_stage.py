"""The stage of a lesson in the playground: the landscape with its balls, and beside it what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.racing import names
from workbench.views.lessons.controls_box import ControlsBox
from workbench.views.lessons.picture_view import PictureView
from workbench.views.lessons.sketch_plot import SketchPlot
from workbench.views.playground.landscape import Landscape
from workbench.views.playground.racer_style import LineSample
from workbench.views.playground.strips_panel import StripsPanel
from workbench.views.playground.transport import Transport
from workbench.views.widgets.basics import Box, Words, drop
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.theme import rhythm

_EMPTY = "What is measured appears here when the scene is played."
#: In quarters of a line: in a lower stage the controls are a tab beside the others.
_ROOMY: Final = 110
#: Minimum height in quarters of a line, and the width that four tabs need; a wider table scrolls.
_LOWEST: Final = 32
_TABS: Final = 60
#: Share of the width for the landscape; less of it where the tabs are many.
_LEFT, _LEFT_OF_TABS = 0.6, 0.54


class PlaygroundStage(Box):
    """Driven by the desk's own playground."""

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        self._desk = desk
        self.landscape = Landscape(desk.playground)
        self.transport = Transport(desk.playground.cursor, has_keys=False)
        self.legend = Legend()
        self.picture = PictureView(_EMPTY)
        self.sketch = SketchPlot(desk.predictions, self.picture)
        self.sketch.hide()
        self.strips = StripsPanel(desk.playground)
        self.controls = ControlsBox(desk)
        self._lay_out()
        self.landscape.chosen_changed.connect(self._on_chosen)
        desk.began.connect(self._on_began)
        desk.changed.connect(self._on_changed)
        desk.predictions.changed.connect(self._on_changed)

    def _lay_out(self) -> None:
        left = Box(spacing=0)
        left.add(self.legend)
        left.add(self.landscape, 1)
        left.add(self.transport)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.picture, "&Measured")
        self.tabs.addTab(self.strips, "Str&ips")
        self._in_table = Box(margins=(1, 1, 1, 1))
        self._table = scrolled(self._in_table, "Table of the scene", _TABS, sideways=True)
        self._table.setParent(self)
        self._table.hide()
        self.tabs.setCornerWidget(self.strips.button)
        self.tabs.currentChanged.connect(self._on_tab)
        self._inside = Box(margins=(1, 1, 1, 1))
        self._inside.add(self.controls)
        self._inside.box.addStretch(1)
        self._controls = scrolled(self._inside, "Controls of the scene")
        self._controls.setParent(self)
        self._controls.hide()
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.right.addWidget(self.tabs)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (left, self.right):
            self.splitter.addWidget(part)
        for splitter in (self.right, self.splitter):
            splitter.setChildrenCollapsible(False)
        self.add(self.splitter, 1)
        self._is_roomy: bool | None = None
        self._has_controls = True
        self._on_tab(0)

    @Slot(object)
    def _on_began(self, lesson: Lesson) -> None:
        if lesson.playground is None:
            return
        self.legend.show_names(names(lesson.playground))
        self.transport.show_length()
        self._on_chosen(0)
        if bool(lesson.controls) != self._has_controls:
            self._has_controls, self._is_roomy = bool(lesson.controls), None
        self._arrange()

    @Slot()
    def _on_changed(self) -> None:
        scene, player, predictions = self._desk.scene, self._desk.player, self._desk.predictions
        self.picture.set_before(self.sketch if predictions.has_sketch else None)
        self.picture.show_picture(predictions.over(player.picture), scene.band if scene is not None else None)
        self._show_tab_of_table()
        if player.is_playing and player.frame is None:
            self.tabs.setCurrentWidget(self.picture)

    @Slot(int)
    def _on_chosen(self, racer: int) -> None:
        self.landscape.choose(racer)
        self.strips.choose(racer)

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        self.strips.button.setVisible(self.tabs.widget(index) is self.strips)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """Its height is that of the arrangement for little room, else a low window would not become one."""
        size = super().minimumSizeHint()
        return QSize(size.width(), min(size.height(), rhythm(self, _LOWEST)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_has_controls"):
            self._arrange()

    def _arrange(self) -> None:
        """Where there is little room, controls and table are tabs beside the others."""
        roomy = self.height() >= rhythm(self, _ROOMY)
        if roomy != self._is_roomy:
            self._is_roomy = roomy
            left = round((_LEFT if roomy else _LEFT_OF_TABS) * self.width())
            self.splitter.setSizes([left, self.width() - left])
            self._place_controls(roomy)
            self._place_table(roomy)

    def _place_controls(self, roomy: bool) -> None:
        self._controls.setParent(self)
        self._controls.setVisible(self._has_controls)
        if self._has_controls and roomy:
            self.right.addWidget(self._controls)
            wanted = min(self._inside.sizeHint().height() + rhythm(self, 2), self.height() * 3 // 5)
            self.right.setSizes([self.height() - wanted, wanted])
        elif self._has_controls:
            self.tabs.addTab(self._controls, "Contro&ls")

    def _place_table(self, roomy: bool) -> None:
        table = self.picture.table
        if roomy:
            self.tabs.removeTab(self.tabs.indexOf(self._table))
            self.picture.keep_table()
        else:
            self._in_table.add(table)
            self.tabs.insertTab(1, self._table, "&Table")
        self._show_tab_of_table()

    def _show_tab_of_table(self) -> None:
        at = self.tabs.indexOf(self._table)
        if at >= 0:
            picture = self._desk.player.picture
            has_table = picture is not None and picture.table is not None
            self.tabs.setTabVisible(at, has_table)
            if picture is not None and not picture.panels and has_table:
                self.tabs.setCurrentWidget(self._table)
            self.tabs.setTabVisible(self.tabs.indexOf(self.picture), picture is None or bool(picture.panels))


class Legend(QWidget):
    """The names of the racers beside pieces of their lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, rhythm(self, 3))
        self._names: list[str] = []
        self._items: list[Box] = []
        self.setAccessibleName("Optimizers of the scene")

    def show_names(self, names: Sequence[str]) -> None:
        """Show these names in the order of the racers' styles."""
        if list(names) == self._names:
            return
        self._names = list(names)
        for item in self._items:
            drop(item)
        self._items = [self._item(number, name) for number, name in enumerate(names)]
        self.setAccessibleDescription(", ".join(names))

    def _item(self, number: int, name: str) -> Box:
        item = Box(self, horizontal=True)
        item.add(LineSample(number, item))
        item.add(Words(name, item, wrap=False))
        self._flow.addWidget(item)
        item.show()
        return item
