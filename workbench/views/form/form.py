"""A form generated from declarations and bound to the spec store. Fields are updated in place, never rebuilt.

Form (signals, help, mnemonics, tab order) – Fields (the rows of a class) – Row (one setting) – Editor (its controls).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from string import ascii_lowercase, digits
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QLayout, QWidget

from workbench.bridge.settings_store import SettingsStore
from workbench.engine.catalog.settings import Setting, setting_of, settings_of
from workbench.views.form.editors import SettingRef
from workbench.views.form.fields import rows_below, show_notes
from workbench.views.form.help_line import HelpLine
from workbench.views.form.row import Row
from workbench.views.widgets.basics import Box

_POLL_MS = 40


class IdleMouse(QObject):
    """Waits until no mouse button is pressed, so that rows may change their height.

    An edit ends when the focus leaves the field, which is when the mouse is pressed, and its error appears. If the rows
    moved then, the button would no longer be under the mouse at its release, and the click would be lost.
    """

    idle = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waited = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._poll)

    @Slot()
    def request(self) -> None:
        """Emit ``idle`` now, or after the release of the mouse and the time for a double-click."""
        if not self._timer.isActive():
            self._waited = False
            self._poll()

    @Slot()
    def _poll(self) -> None:
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._waited = True
            self._timer.start(_POLL_MS)
        elif self._waited:
            self._waited = False
            self._timer.start(QApplication.doubleClickInterval())
        else:
            self.idle.emit()


#: Every mnemonic that there can be.
ALL_LETTERS = frozenset(ascii_lowercase + digits)


class Form(Box):
    """The settings below ``path`` of the store's spec (all if it is empty), or the settings at several paths.

    ``reserved`` are the mnemonics of menus and panels; with ``ALL_LETTERS`` no row has one. A single variant or list
    has no label of its own, because the panel's header names it. Help is shown in ``help_line``, or at the form's end.
    """

    structure_changed = Signal()  #: rows were added or removed

    def __init__(
        self,
        store: SettingsStore[Any],
        path: str | tuple[str, ...] = "",
        reserved: Iterable[str] = (),
        parent: QWidget | None = None,
        help_line: HelpLine | None = None,
    ) -> None:
        super().__init__(parent, spacing=2)
        self._store = store
        self._reserved = frozenset(reserved)
        #: The mnemonics of its rows.
        self.letters: frozenset[str] = frozenset()
        self._known: list[Row] = []
        self._rows = [self._row(ref, setting, labelled) for ref, setting, labelled in _content(store, path)]
        self.help = help_line or HelpLine(self)
        if help_line is None:
            self.add(self.help)
        self._idle_mouse = IdleMouse(self)
        self._idle_mouse.idle.connect(self._show_notes)
        store.changed.connect(self.refresh)
        store.errors_changed.connect(self.refresh)
        store.marks_changed.connect(self.refresh)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._show_help)
        self.refresh()

    def rows(self) -> Iterator[Row]:
        """All rows from top to bottom, nested ones after their owner."""
        yield from rows_below(self._rows)

    def row(self, path: str) -> Row:
        """The row of a setting. Raises KeyError if it is not shown."""
        for row in self.rows():
            if row.ref.path == path:
                return row
        raise KeyError(path)

    @Slot()
    def refresh(self) -> None:
        """Show the store's values."""
        for row in self._rows:
            row.refresh()
        self._arrange()
        self._idle_mouse.request()

    def _row(self, ref: SettingRef, setting: Setting, labelled: bool) -> Row:
        row = Row(ref, setting, labelled, self)
        self.add(row)
        return row

    def _arrange(self) -> None:
        """Set mnemonics and tab order, if rows were added or removed."""
        rows = list(self.rows())
        if rows != self._known:
            self._known = rows
            self.letters = _set_mnemonics(rows, self._reserved)
            chain_tabs(self, tab_stops(self))
            self.structure_changed.emit()

    def reserve(self, letters: frozenset[str]) -> None:
        """Leave other mnemonics to others than before."""
        if letters != self._reserved:
            self._reserved = letters
            self.letters = _set_mnemonics(self._known, letters)

    @Slot()
    def _show_notes(self) -> None:
        show_notes(self.rows(), self._store.problems(), self._store.spec.unused())

    @Slot()
    def _show_help(self) -> None:
        """Show the help of the field in focus; it stays when the focus leaves the form."""
        focused = row_of(QApplication.focusWidget())
        if focused is not None and self.isAncestorOf(focused):
            self.help.show_setting(focused.setting)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()  # an item of a list was opened
        return super().event(event)


def _content(store: SettingsStore[Any], path: str | tuple[str, ...]) -> list[tuple[SettingRef, Setting, bool]]:
    """The top-level rows of a form: the settings of a section, or a variant or list as one row without a label."""
    if isinstance(path, tuple):
        return [(SettingRef(store, each), store.setting_at(each), True) for each in path]
    if not path:
        return [(SettingRef(store, setting.name), setting, True) for setting in settings_of(type(store.spec))]
    setting = store.setting_at(path)
    if setting.type == "section" and setting.base is not None:
        ref = SettingRef(store, path)
        return [(ref.child(each.name), setting_of(setting.base, each.name), True) for each in settings_of(setting.base)]
    return [(SettingRef(store, path), setting, setting.type not in ("variant", "variants"))]


def row_of(widget: QWidget | None) -> Row | None:
    """The innermost row around a widget."""
    while widget is not None and not isinstance(widget, Row):
        widget = widget.parentWidget()
    return widget


def tab_stops(widget: QWidget) -> Iterator[QWidget]:
    """All widgets below ``widget`` that take the keyboard focus, in the order of the layouts."""
    layout = widget.layout()
    if layout is not None:
        yield from _stops_in(layout)


def _stops_in(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        item = layout.itemAt(index)
        inner = item.widget() if item is not None else None
        if inner is not None:
            if inner.focusPolicy() != Qt.FocusPolicy.NoFocus:
                yield inner
            yield from tab_stops(inner)


def chain_tabs(start: QWidget, stops: Iterable[QWidget]) -> None:
    """Set the tab order: ``start``, then ``stops``."""
    for stop in stops:
        QWidget.setTabOrder(start, stop)
        start = stop


def letter_for(label: str, taken: Iterable[str]) -> str:
    """The mnemonic of a label: the first free initial of a word, else any free letter; empty if there is none."""
    used = set(taken)
    words = label.lower().split()
    candidates = [word[0] for word in words] + [letter for word in words for letter in word]
    return next((c for c in candidates if c.isascii() and c.isalnum() and c not in used), "")


def _set_mnemonics(rows: list[Row], reserved: frozenset[str]) -> frozenset[str]:
    """Give each row that is shown a letter which is not ``reserved``, as far as there are any; returns them."""
    taken = set(reserved)
    for row in rows:
        letter = letter_for(row.setting.knob.label, taken) if not row.isHidden() else ""
        row.show_letter(letter)
        taken.add(letter)
    return frozenset(taken - reserved - {""})
