"""The last page: what will be trained when, how long it takes, and the settings as a text that can be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QPushButton, QSplitter

from workbench.bridge.transfer.draft import TransferDraft
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.spec.toml import dumps, save
from workbench.views.form.form import Form
from workbench.views.transfer.pages.page import Page, Waiting
from workbench.views.transfer.pages.phases import PhaseBar, phases
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.theme import ERROR, MUTED, WARNING

_LEAD: Final = (
    "This is a single run. You can change everything here later in the window, and much of it while the run trains."
)
_FILTER: Final = "Settings (*.toml);;All files (*)"
#: After the last edit it waits this long before a step is measured anew.
_SETTLE_MS: Final = 600


class PlanPage(Page):
    """The plan on the left, the same as text on the right."""

    def __init__(self, draft: TransferDraft) -> None:
        super().__init__(draft, "The plan", _LEAD)
        self._folder = str(Path.home())
        self.phases, self.phase_words = PhaseBar(), Words()
        self.form = Form(
            draft.store,
            ("model.freezing", "loop.epochs", "optimizer.lr", "loop.batch_size"),
            frozenset("nbutycs"),
        )
        self.other = Words(tone=WARNING)
        self.use_button = QPushButton("Use the s&uggestion")
        self.use_button.setAutoDefault(False)
        self.measuring = Waiting(draft.plan, "Measuring a step")
        self.time = Words()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("The settings as text")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)
        self.save_button, self.copy_button = QPushButton("&Save as a file…"), QPushButton("Cop&y")
        self.saved, self._wrong = Words(tone=MUTED), Words(tone=ERROR)
        self._lay_out()
        self.save_button.clicked.connect(self._on_save)
        self.copy_button.clicked.connect(self._on_copy)
        self.use_button.clicked.connect(draft.use_advice)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(draft.look_at_plan)
        draft.changed.connect(self._on_changed)
        draft.plan.changed.connect(self._show_plan)
        draft.store.errors_changed.connect(self._refresh)

    def _lay_out(self) -> None:
        left = Box(spacing=2, margins=(0, 0, 2, 0))
        for part in (self.phases, self.phase_words, self.time, self.measuring, self._wrong, self.other):
            left.add(part)
        left.box.addWidget(self.use_button, 0, Qt.AlignmentFlag.AlignLeft)
        left.add(self.form)
        left.box.addStretch(1)
        buttons = Box(spacing=2, horizontal=True)
        for button in (self.save_button, self.copy_button):
            button.setAutoDefault(False)
            buttons.add(button)
        buttons.box.addStretch(1)
        head = Words(
            "The same settings as a file: open it here, edit it by hand, or run it without a window.", tone=MUTED
        )
        right = Box(spacing=2)
        for widget, stretch in ((head, 0), (self.text, 1), (buttons, 0), (self.saved, 0)):
            right.add(widget, stretch)
        for words in (self.saved, self._wrong, self.time):
            words.say("")
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(scrolled(left, "The plan", narrowest=80))
        parts.addWidget(right)
        parts.setChildrenCollapsible(False)
        parts.setSizes([600, 450])  # in proportion
        self.column.addWidget(parts, 1)

    def initializePage(self) -> None:
        """Show the plan and measure a step."""
        self.draft.look_at_plan()
        self._refresh()
        self._show_plan()

    def take_focus(self) -> None:
        first = next(self.form.rows()).editor.main
        if first is not None:
            first.setFocus()

    @property
    def why_not(self) -> str:
        return self.draft.store.reason()

    def say_wrong(self, words: str) -> None:
        """Say why the settings were not taken over."""
        self._wrong.say(words)

    @Slot()
    def _on_changed(self) -> None:
        if self.isVisible():
            self._refresh()
            self._timer.start()

    @Slot()
    def _refresh(self) -> None:
        spec, blocks = self.draft.result, self.draft.blocks.value
        self.other.say(self.draft.differences)
        self.use_button.setVisible(not self.other.isHidden())
        self._wrong.say(self.why_not)
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        mono.setPointSizeF(self.font().pointSizeF())
        self.text.setFont(QFont(mono))
        text = dumps(spec)
        if text != self.text.toPlainText():
            place = self.text.verticalScrollBar().value()
            self.text.setPlainText(text)
            self.text.verticalScrollBar().setValue(place)
        self.phases.show_phases(phases(self.draft.model, spec.loop.epochs, blocks or ()))
        self.phase_words.say("\n".join(self.phases.lines()))
        self.completeChanged.emit()

    @Slot()
    def _show_plan(self) -> None:
        self.time.say(self.draft.plan_words())

    @Slot()
    def _on_save(self) -> None:
        self.draft.store.settle()
        path, _ = QFileDialog.getSaveFileName(self, "Save settings", f"{self._folder}/transfer.toml", _FILTER)
        if path:
            self.save_file(Path(path))

    def save_file(self, path: Path) -> None:
        """Write the settings, with .toml behind the name if nothing is."""
        target = path if path.suffix else path.with_suffix(".toml")
        try:
            save(self.draft.result, target)
        except WorkbenchError as error:
            self._say(error.message, ERROR)
            return
        self._folder = str(target.parent)
        self._say(f"Saved in {target}. To run it without a window: python -m workbench.engine {target.name}", MUTED)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._say("Copied.", MUTED)

    def _say(self, words: str, tone: object) -> None:
        self.saved.setForegroundRole(tone)  # type: ignore[arg-type]
        self.saved.say(words)
