"""Why Train is refused, in a line below the run bar, with buttons that mend it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from workbench.bridge.spec_store import SpecStore
from workbench.engine.core.errors import Mend, Problem, SpecError
from workbench.engine.core.text import grouped
from workbench.views.widgets.basics import ShortPathWords, Sign, drop, plain_tip
from workbench.views.widgets.borrowed_focus import BorrowedFocus
from workbench.views.widgets.theme import ERROR, rhythm

#: More mends, or one with a longer label, are left to the panel, which has room for them.
_MOST, _LONGEST = 2, 24


class RefusalLine(QFrame):
    """Shows the first error of the settings; hidden without one. All errors are in its tooltip."""

    said = Signal(bool)  #: whether a reason is shown now
    setting_wanted = Signal(str)  #: the path of a setting that the user wants to see

    def __init__(self, store: SpecStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._problem: Problem | None = None
        self._row = QHBoxLayout(self)
        self._row.addWidget(Sign("error", "Error", self))
        self._words = ShortPathWords(parent=self, tone=ERROR)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._words.setAccessibleName("Why training cannot start")
        self._row.addWidget(self._words, 1)
        self._buttons: list[QPushButton] = []
        self._focus = BorrowedFocus(self)
        store.reason_changed.connect(self.refresh)
        store.changed.connect(self.refresh)
        store.errors_changed.connect(self.refresh)
        store.marks_changed.connect(self.refresh)
        self.refresh()

    @property
    def message(self) -> str:
        """The reason that is shown; empty if Train is possible."""
        return "" if self.isHidden() else self._words.text()

    @property
    def offers(self) -> tuple[QPushButton, ...]:
        """The buttons that mend the problem or show its setting."""
        return tuple(self._buttons)

    def take_focus(self) -> None:
        """Give the keys to the first button; Esc gives them back to where they were."""
        if self.message and self._buttons:
            self._focus.take(self._buttons[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._focus.give_back()
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), super().minimumSizeHint().height())

    @Slot()
    @Slot(str)
    @Slot(object)
    def refresh(self, _news: object = None) -> None:
        """Show the first error of the settings."""
        reasons = self._store.reason().splitlines()
        problem = next((each for each in self._store.problems() if each.severity == "error"), None)
        self.setVisible(problem is not None)
        if problem is None:
            self._problem = None
        else:
            self._show(problem, reasons)
        self.said.emit(problem is not None)

    def _show(self, problem: Problem, reasons: Sequence[str]) -> None:
        more = f" ({grouped(len(reasons) - 1)} more)" if len(reasons) > 1 else ""
        self._words.setText(f"Training cannot start. {reasons[0]}{more}")
        if more:
            self._words.setToolTip(plain_tip("\n".join(reasons)))
        if problem != self._problem:
            self._problem = problem
            self._offer(problem)

    def _offer(self, problem: Problem) -> None:
        for button in self._buttons:
            drop(button)
        few = len(problem.mends) <= _MOST and all(len(mend.label) <= _LONGEST for mend in problem.mends)
        self._buttons = [_MendButton(self._store, mend, self) for mend in (problem.mends if few else ())]
        if problem.path:
            show = QPushButton("Show the setting" if few else "Choose…", self)
            show.clicked.connect(self._show_setting)
            self._buttons.append(show)
        margin = rhythm(self, 1)
        self._row.setContentsMargins(2 * margin, margin, margin, margin)
        for button in self._buttons:
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    @Slot()
    def _show_setting(self) -> None:
        if self._problem is not None:
            self.setting_wanted.emit(self._problem.path)


class _MendButton(QPushButton):
    def __init__(self, store: SpecStore, mend: Mend, line: RefusalLine) -> None:
        super().__init__(mend.label.replace("&", "&&"), line)
        self._store, self._mend = store, mend
        self.setToolTip("It can be undone.")
        self.clicked.connect(self._on_clicked)

    @Slot()
    def _on_clicked(self) -> None:
        try:
            self._store.mend(self._mend)
        except SpecError as error:  # another setting has changed since
            self.setToolTip(self._store.words_of(error))
