"""The column of panels: one for each section of the experiment. A closed header shows the choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.settings import Setting, settings_of
from workbench.engine.catalog.variant import Variant
from workbench.engine.help.places import page_of
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.editors.base import value_words
from workbench.views.form.form import Form, chain_tabs, letter_for, tab_stops
from workbench.views.form.help_line import HelpLine
from workbench.views.form.row import title_of
from workbench.views.widgets.basics import Box
from workbench.views.widgets.collapsible_header import CollapsibleHeader, SmallButton
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.scroll_bar import reserve_scroll_bar
from workbench.views.widgets.theme import rhythm

#: The mnemonics of the menus File, Edit, Run, View and Help.
MENU_LETTERS = frozenset("fervh")
_PANEL_TYPES = ("section", "variant", "variants")


class Panel(Box):
    """One section of the experiment: a header, and a form that is created when it is first opened."""

    toggled = Signal(object)  #: this panel, opened or closed by the user
    rearranged = Signal()  #: its rows were added or removed

    def __init__(
        self,
        store: SpecStore,
        setting: Setting,
        letter: str,
        reserved: frozenset[str],
        help_line: HelpLine,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, spacing=0)
        self.name = setting.name
        set_help(self, page_of(ExperimentSpec, setting.name))
        self._store = store
        self._reserved = reserved
        self._help = help_line
        self._title = setting.knob.label
        self.form: Form | None = None
        self._tops = 0
        self._top = top = QWidget(self)
        line = QHBoxLayout(top)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self.header = CollapsibleHeader(setting.knob.label, top, letter)
        self.header.clicked.connect(self._on_clicked)
        self.pin = self._pin_button(top)
        line.addWidget(self.header, 1)
        line.addWidget(self.pin)
        self._body = Box(self, margins=(1, 1, 3, 3), spacing=2)
        self._body.hide()
        rule = QFrame(self)
        rule.setFrameShape(QFrame.Shape.HLine)
        rule.setForegroundRole(rule.palette().ColorRole.Mid)
        rule.setFrameShadow(QFrame.Shadow.Plain)
        for widget in (top, self._body, rule):
            self.add(widget)
        store.changed.connect(self.refresh)
        store.errors_changed.connect(self.refresh)
        self.refresh()

    def _pin_button(self, parent: QWidget) -> SmallButton:
        pin = SmallButton("pin", f"Keep {self._title} open when another panel is opened", parent)
        pin.setCheckable(True)
        pin.hide()
        return pin

    @property
    def is_open(self) -> bool:
        """Whether the panel is open."""
        return self.header.isChecked()

    @property
    def is_pinned(self) -> bool:
        """Whether the panel stays open when another one is opened."""
        return self.pin.isChecked()

    def set_open(self, opened: bool) -> None:
        """Show or hide the body."""
        if opened and self.form is None:
            self.form = Form(self._store, self.name, self._reserved, self._body, self._help)
            self.form.structure_changed.connect(self.rearranged)
            self._body.box.insertWidget(self._tops, self.form)
        self.header.setChecked(opened)
        self.pin.setVisible(opened)
        if not opened:
            self.pin.setChecked(False)
        self._body.setVisible(opened)
        self.rearranged.emit()

    def add_top(self, widget: QWidget) -> None:
        """Add a widget at the top of the body, above the form."""
        self._tops += 1
        self._body.box.insertWidget(self._tops - 1, widget)
        self._say_rearranged()

    def add_extra(self, widget: QWidget) -> None:
        """Add a widget (a preview, a summary) at the bottom of the body."""
        self._body.add(widget)
        self._say_rearranged()

    def _say_rearranged(self) -> None:
        """What is in the body of a closed panel has no place in the tab order yet."""
        if self.is_open:
            self.rearranged.emit()

    @Slot()
    def refresh(self) -> None:
        """Show the choice, the errors and the warnings in the header."""
        here = [problem for problem in self._store.problems() if _is_below(problem.path, self.name)]
        wrong, doubts = ([p.message for p in here if p.severity == severity] for severity in ("error", "warning"))
        choice, short = choice_words(getattr(self._store.spec, self.name))
        self.header.say(choice, short, "\n".join(wrong), "\n".join(doubts))

    @Slot()
    def _on_clicked(self) -> None:
        self.toggled.emit(self)

    def stops(self) -> Iterator[QWidget]:
        """Its widgets that take the keyboard focus; those in the body of a closed panel come when it is opened."""
        yield from tab_stops(self._top)
        if self.is_open:
            yield from tab_stops(self._body)


class PanelColumn(QWidget):
    """All panels in a scroll area. One is open at a time, and those that are pinned."""

    opened = Signal(str)  #: the name of the panel that was opened
    wanted = Signal()  #: a setting is about to be shown, so the panels must be in sight

    def __init__(self, store: SpecStore, first: str = "optimizer", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        reserve_scroll_bar(self._area)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setAccessibleName("Settings")
        self.help = HelpLine(self, starts_small=True)
        self.help.room_wanted.connect(self._on_room_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._area, 1)
        column.addWidget(self.help)
        self._scroll = QTimer(self)  # scrolls after the layout is finished
        self._scroll.setSingleShot(True)
        self._scroll.timeout.connect(self._show_open)
        self._column = Box(spacing=0)
        self._area.setWidget(self._column)
        self.panels: dict[str, Panel] = {}
        settings = [setting for setting in settings_of(ExperimentSpec) if setting.type in _PANEL_TYPES]
        letters = _letters([setting.knob.label for setting in settings])
        self._reserved = reserved = MENU_LETTERS | frozenset(letters)
        for setting, letter in zip(settings, letters, strict=True):
            self._add_panel(Panel(store, setting, letter, reserved, self.help, self._column))
        self._column.box.addStretch(1)
        self.open(first)

    def _add_panel(self, panel: Panel) -> None:
        self._column.add(panel)
        self.panels[panel.name] = panel
        panel.toggled.connect(self._on_toggled)
        panel.rearranged.connect(self._on_rearranged)

    def sizeHint(self) -> QSize:
        """About 330 pixels wide with a usual font; the width follows the font."""
        return QSize(rhythm(self, 94), rhythm(self, 160))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, 60))

    def panel(self, name: str) -> Panel:
        """The panel of a top-level field. Raises KeyError if there is none."""
        return self.panels[name]

    def open(self, name: str) -> None:
        """Open a panel and close the others, except pinned ones."""
        for panel in self.panels.values():
            if panel.is_open and panel.name != name and not panel.is_pinned:
                panel.set_open(False)
        if not self.panels[name].is_open:
            self.panels[name].set_open(True)
        self.opened.emit(name)
        self._scroll.start()

    def show_setting(self, path: str) -> None:
        """Open the panel of a setting and focus its field, if it has one."""
        name = path.partition(".")[0]
        if name not in self.panels:
            return
        self.wanted.emit()
        self.open(name)
        form = self.panels[name].form
        row = next((row for row in form.rows() if row.ref.path == path), None) if form is not None else None
        control = row.editor.main if row is not None else None
        (control or self.panels[name].header).setFocus()

    @Slot(int)
    def _on_room_wanted(self, pixels: int) -> None:
        """The help gets its room if that does not hide the field in focus: nothing may move under the mouse."""
        focused, viewport = QApplication.focusWidget(), self._area.viewport()
        is_inside = focused is not None and viewport.isAncestorOf(focused)
        bottom = focused.mapTo(viewport, focused.rect().bottomLeft()).y() if focused is not None and is_inside else 0
        if bottom + pixels < viewport.height():
            self.help.grow()

    @Slot(object)
    def _on_toggled(self, panel: Panel) -> None:
        # The header has already toggled itself; the panel follows.
        if panel.header.isChecked():
            panel.header.setChecked(False)
            self.open(panel.name)
        else:
            panel.set_open(False)

    @Slot()
    def _on_rearranged(self) -> None:
        taken = self._reserved
        for form in (panel.form for panel in self.panels.values() if panel.is_open and panel.form is not None):
            form.reserve(taken)  # several are open where panels are pinned
            taken |= form.letters
        chain_tabs(self, (stop for panel in self.panels.values() for stop in panel.stops()))

    @Slot()
    def _show_open(self) -> None:
        """Scroll to the opened header, as much of its body as fits, and the field with the focus."""
        for panel in self.panels.values():
            if panel.is_open and not panel.is_pinned:
                self._area.ensureWidgetVisible(panel, 0, 0)
                self._area.ensureWidgetVisible(panel.header, 0, 0)
        focused = QApplication.focusWidget()
        if focused is not None and self._column.isAncestorOf(focused):
            self._area.ensureWidgetVisible(focused, 0, rhythm(self, 4))


def choice_words(value: Any) -> tuple[str, str]:
    """The text of a field's choice for a closed header, and a shorter one."""
    if isinstance(value, Variant):
        return title_of(value), value.title
    if isinstance(value, tuple):
        return (", ".join(title_of(item) for item in value) or "none", f"{len(value)} on" if value else "none")
    return _section_words(value)


def _section_words(section: BaseModel) -> tuple[str, str]:
    """The titles of a section's variants; if it has none, its first two settings."""
    titles = [title_of(value) for _, value in section if isinstance(value, Variant)]
    if titles:
        return ", ".join(titles), titles[0]
    first = settings_of(type(section))[:2]
    words = [f"{s.knob.label.lower()} {value_words(getattr(section, s.name), s.knob)}" for s in first]
    return ", ".join(words), words[0] if words else ""


def _letters(labels: list[str]) -> list[str]:
    letters: list[str] = []
    for label in labels:
        letters.append(letter_for(label, {*MENU_LETTERS, *letters}))
    return letters


def _is_below(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}.")
