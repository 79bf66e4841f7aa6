"""One setting in a form: label, signs, editor, and notes below it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from workbench.engine.catalog.settings import Setting
from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Problem
from workbench.engine.help.places import Place, place_of
from workbench.views.form.editors import Editor, SettingRef, editor_for
from workbench.views.form.editors.base import value_words
from workbench.views.form.editors.text import SizesEditor
from workbench.views.form.editors.variants import VariantsEditor
from workbench.views.widgets.basics import Box, Sign, Words, draw_sign, plain_tip
from workbench.views.widgets.number_parser import sentence
from workbench.views.widgets.theme import ACCENT, ERROR, MUTED, WARNING, rhythm


class ResetDot(QAbstractButton):
    """A dot for a value that differs from the preset; a click restores it. It takes the same space when hidden."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 3), rhythm(self, 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = self.width()
        square = QRectF(0, (self.height() - side) / 2, side, side)
        draw_sign(painter, "dot", square, self.palette())
        if self.hasFocus() or self.underMouse():
            painter.setPen(self.palette().color(ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(square.center(), side * 0.42, side * 0.42)
        painter.end()


class Notes(Box):
    """Notes below a field: why it does nothing, problems, and a change that waits for the next run."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, spacing=0)
        self.unused = Words(parent=self, tone=MUTED)
        self.problem = Words(parent=self, tone=ERROR)
        self.next_run = Words(parent=self, tone=ACCENT)
        for widget in (self.unused, self.problem, self.next_run):
            self.add(widget)
            widget.say("")


class Row(QWidget):
    """Label and editor side by side where they fit, otherwise one below the other."""

    def __init__(self, ref: SettingRef, setting: Setting, labelled: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.ref = ref
        self.setting = setting
        self._notes: Notes | None = None
        self._stacked = False
        self.dot = ResetDot(self)
        self.dot.clicked.connect(self._on_reset)
        self.editor: Editor = editor_for(ref, setting, self)
        self._head = self._label_box(labelled)
        self._grid = QGridLayout(self)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.dot, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        if labelled:
            self._grid.addWidget(self._head, 0, 1)
        if self.editor.beside is not None:
            self._grid.addWidget(self.editor.beside, 0, 2 if labelled else 1, 1, 1 if labelled else 2)
        if self.editor.below is not None:
            self._grid.addWidget(self.editor.below, 2, 1, 1, 2)
        if self.editor.nested is not None:  # without a label the nested rows are aligned with this one
            self._grid.addWidget(self.editor.nested, 4, 1 if labelled else 0, 1, 2 if labelled else 3)
        self._hide_dot_of_section(labelled)
        self._keep_rhythm()

    def _label_box(self, labelled: bool) -> QWidget:
        head = QWidget(self)
        line = QHBoxLayout(head)
        line.setContentsMargins(0, 0, 0, 0)
        knob = self.setting.knob
        self.label = QLabel(head)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setToolTip(plain_tip(knob.help))
        self.show_letter("")
        if self.editor.title is not None:
            line.addWidget(self.editor.title)
            self.label.hide()
        else:
            self.label.setBuddy(self.editor.main or self)
            line.addWidget(self.label)
        if knob.unit:
            line.addWidget(Words(f"({knob.unit})", head, MUTED, wrap=False))
        if knob.live and self.ref.store.has_runs:
            line.addWidget(Sign("bolt", "Live: a change acts on the active run from its next batch on", head))
        line.addStretch(1)
        head.setVisible(labelled)
        return head

    def _hide_dot_of_section(self, labelled: bool) -> None:
        """A section cannot be reset, so it has no dot."""
        if self.setting.type == "section":
            self.dot.hide()
            self.dot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            self._head.setVisible(labelled)

    def help_place(self) -> Place | None:
        """Where the help about the setting stands; None while the spec no longer has it, and for a lesson's own."""
        try:
            return place_of(self.ref.store.spec, self.ref.path)
        except (KeyError, TypeError):
            return None

    def show_letter(self, letter: str) -> None:
        """Underline ``letter`` as the mnemonic; empty for none."""
        text = self.setting.knob.label.replace("&", "&&")
        at = text.lower().find(letter) if letter else -1
        marked = text if at < 0 else f"{text[:at]}&{text[at:]}"
        if self.editor.title is not None:
            self.editor.title.setText(marked)  # type: ignore[attr-defined]
        else:
            self.label.setText(marked)

    def refresh(self) -> None:
        """Show the store's value."""
        self.editor.refresh()
        if isinstance(self.editor, SizesEditor):  # its width is that of the list
            self._stack_if_narrow()
        if self.editor.title is None and self.label.buddy() is not self.editor.main:
            self.label.setBuddy(self.editor.main or self)
        differs = self.setting.type != "section" and self.ref.store.differs(self.ref.path)
        if differs:
            words = f"Differs from the preset ({self._shown(self._preset())}). Click to restore it."
            self.dot.setToolTip(plain_tip(words))
            self.dot.setAccessibleName(f"Reset {self.setting.knob.label} to {self._shown(self._preset())}")
        if self.setting.type != "section":
            self.dot.setVisible(differs)

    def show_notes(self, problems: tuple[Problem, ...], unused: str = "") -> None:
        """Show the problems of this path, and a change for the next run. ``unused``: why it is grey, if it is."""
        here = [problem for problem in problems if problem.path == self.ref.path]
        self._show_enabled(not unused)
        waits = self.setting.type != "section" and self.ref.store.waits_for_next_run(self.ref.path)
        if isinstance(self.editor, VariantsEditor):
            self.editor.show_problems(problems)
        if self._notes is None and (here or waits or unused):
            self._notes = Notes(self)
            self._grid.addWidget(self._notes, 3, 1, 1, 2)
        if self._notes is not None:
            self._notes.unused.say(unused)
            wrong = any(problem.severity == "error" for problem in here)
            self._notes.problem.setForegroundRole(ERROR if wrong else WARNING)
            self._notes.problem.say("\n".join(sentence(problem.message) for problem in here))
            self._notes.next_run.say(
                f"For the next run; the active run has {self._shown(self._running())}." if waits else ""
            )

    def _show_enabled(self, is_enabled: bool) -> None:
        """Grey label and editor of a setting that does nothing."""
        for part in (self.label, self.editor.title, self.editor.beside, self.editor.below):
            if part is not None and part.isEnabled() != is_enabled:
                part.setEnabled(is_enabled)

    @property
    def error_text(self) -> str:
        """The text of the problems below the field."""
        return self._notes.problem.text() if self._notes is not None else ""

    @property
    def notes(self) -> Notes | None:
        """The notes below the field; None if there have been none yet."""
        return self._notes

    def _preset(self) -> Any:
        return self.ref.store.preset_at(self.ref.path)

    def _running(self) -> Any:
        running = self.ref.store.running_spec
        return running.at(self.ref.path) if running is not None else None

    def _shown(self, value: Any) -> str:
        knob = self.setting.knob
        return value_words(value, knob) + (f" {knob.unit}" if isinstance(value, (int, float)) else "").rstrip()

    @Slot()
    def _on_reset(self) -> None:
        if self.editor.main is not None:
            self.editor.main.setFocus()
        self.ref.store.reset(self.ref.path)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stack_if_narrow()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._keep_rhythm()
            self._stack_if_narrow()

    def _keep_rhythm(self) -> None:
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(rhythm(self, 1))
        self._grid.setVerticalSpacing(rhythm(self, 0.5))

    def _stack_if_narrow(self) -> None:
        beside = self.editor.beside
        if beside is None or self._head.isHidden():
            return
        room = self.width() - self.dot.sizeHint().width() - 3 * rhythm(self, 1)
        needed = self._wrap_label(room) + max(beside.sizeHint().width(), beside.minimumSizeHint().width())
        if (needed > room) != self._stacked:
            self._stacked = needed > room
            self._grid.removeWidget(beside)
            self._grid.addWidget(
                beside, 1 if self._stacked else 0, 1 if self._stacked else 2, 1, 2 if self._stacked else 1
            )

    def _label_width(self, text: str) -> int:
        return self.label.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()

    def _behind_label(self) -> int:
        """The width of the unit and the sign, with their gaps."""
        line = self._head.layout()
        items = [line.itemAt(index) for index in range(line.count())] if line is not None else []
        parts = [item.widget() for item in items if item is not None]
        shown = [part for part in parts if part is not None and part is not self.label and not part.isHidden()]
        return sum(part.sizeHint().width() + (line.spacing() if line is not None else 0) for part in shown)

    def _wrap_label(self, room: int) -> int:
        """Wrap the label if it does not fit into ``room`` beside unit and sign; returns the width of them all."""
        if self.label.isHidden():
            return self._head.sizeHint().width()
        behind, width = self._behind_label(), self._label_width(self.label.text())
        wraps = width + behind > room
        self.label.setWordWrap(wraps)
        self.label.setMinimumWidth(max(self._longest_word(), room - behind) if wraps else 0)
        return width + behind

    def _narrowest_head(self) -> int:
        """The width of label, unit and sign with the label's words in a line each."""
        if self._head.isHidden() or self.label.isHidden():
            return 0 if self._head.isHidden() else self._head.minimumSizeHint().width()
        return self._behind_label() + self._longest_word()

    def _longest_word(self) -> int:
        return max(map(self._label_width, self.label.text().split()), default=0)

    def minimumSizeHint(self) -> QSize:
        """The width when stacked; the layout itself would reserve the width of label and editor side by side."""
        parts = [self._narrowest_head()]
        parts += [
            w.minimumSizeHint().width()
            for w in (self.editor.beside, self.editor.below, self.editor.nested)
            if w is not None
        ]
        return QSize(max(parts) + self.dot.sizeHint().width() + rhythm(self, 1), super().minimumSizeHint().height())


def title_of(value: Any) -> str:
    """A variant's title and brief text."""
    return f"{value.title} {value.brief()}".strip() if isinstance(value, Variant) else value_words(value)
