"""The settings of the playground from top to bottom: surface, racers, and how the race goes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.engine.core.text import counted, short
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.form.form import ALL_LETTERS, Form, row_of
from workbench.views.form.help_line import HelpLine
from workbench.views.playground.racers_panel import RacersPanel
from workbench.views.playground.surface_panel import SurfacePanel
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.collapsible_header import CollapsibleHeader
from workbench.views.widgets.scrolled import scrolled

#: The settings of the race itself, in the order of the column.
_RACE: Final = ("noise", "updates", "start_x", "start_y", "seed")


class Head(Words):
    """The bold title of a part of a column."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and not self.font().bold():
            self._fit()

    def _fit(self) -> None:
        font = QFont(self.font())
        font.setBold(True)
        self.setFont(font)


def _head(title: str, part: QWidget) -> CollapsibleHeader:
    """A header that opens ``part``, which is closed at first."""
    head = CollapsibleHeader(title, part.parentWidget() or part)
    head.toggled.connect(part.setVisible)
    part.hide()
    return head


class SettingsColumn(Box):
    """Scrolls; the help of the field in focus stays below it."""

    chosen = Signal(int)  #: a racer was unfolded or added

    def __init__(self, desk: PlaygroundDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        self.help = HelpLine(self, starts_small=True)
        inside = Box(margins=(2, 1, 2, 2), spacing=2)
        self.surface = SurfacePanel(desk, inside)
        self.racers = RacersPanel(desk, inside)
        self.racers.chosen.connect(self.chosen)
        self.schedule = Form(desk.store, "schedule", ALL_LETTERS, parent=inside, help_line=self.help)
        self.race = Form(desk.store, _RACE, ALL_LETTERS, parent=inside, help_line=self.help)
        self.schedule_head, self.race_head = (
            _head("Schedule", self.schedule),
            _head("Race", self.race),
        )
        for part in (self.surface, Head("Racers", inside), self.racers, self.schedule_head, self.schedule):
            inside.add(part)
        for part in (self.race_head, self.race):
            inside.add(part)
        desk.store.changed.connect(self._say)
        self._say(desk.spec)
        inside.box.addStretch(1)
        self.add(scrolled(inside, "Settings of the playground", 54), 1)
        self.add(self.help)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._show_help)
        self.help.room_wanted.connect(self._on_room)

    @Slot(object)
    def _say(self, spec: PlaygroundSpec) -> None:
        """The closed headers still say the choice."""
        self.schedule_head.say(f"{spec.schedule.title} {spec.schedule.brief()}".strip())
        noise = f"noise {short(spec.noise, 3)}, " if spec.noise else ""
        self.race_head.say(f"{noise}{counted(spec.updates, 'update')}")

    @Slot()
    def _show_help(self) -> None:
        row = row_of(QApplication.focusWidget())
        if row is not None and self.isAncestorOf(row):
            self.help.show_setting(row.setting)

    @Slot(int)
    def _on_room(self, _pixels: int) -> None:
        self.help.grow()
