"""Text: a line, a folder or file with a button, a note of several lines, and lists of sizes and numbers."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QFontMetrics
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QPushButton, QSizePolicy, QWidget

from workbench.engine.catalog.settings import Setting
from workbench.views.form.editors.base import Editor, SettingRef
from workbench.views.widgets.basics import Box
from workbench.views.widgets.number_field import PAUSE_MS, Gesture, LineField
from workbench.views.widgets.number_parser import numbers_from, numbers_text, sizes_from, sizes_text


class TextEditor(Editor):
    """One line of text; a folder or a file can be chosen with a button as well."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self._gesture = Gesture()
        self.field = LineField(row)
        self.field.settled.connect(self._on_settled)
        ref.store.settle_requested.connect(self.field.settle)
        self.name(self.field)
        self.main = self.below = self.field
        if setting.knob.role in ("folder", "file"):
            self.below = self._with_button(row)

    def _with_button(self, row: QWidget) -> QWidget:
        self.button = QPushButton("Choose…", row)
        self.button.clicked.connect(self._on_choose)
        self.name(self.button, "choose")
        box = Box(row, spacing=2, horizontal=True)
        box.add(self.field, 1)
        box.add(self.button)
        return box

    def refresh(self) -> None:
        if not self.is_wrong:
            self.field.show_text(self.ref.value or "")

    @Slot(str)
    def _on_settled(self, text: str) -> None:
        self.submit(None if self.setting.optional and not text else text, self._gesture.continues())

    @Slot()
    def _on_choose(self) -> None:
        """Open the dialog without blocking; it deletes itself when closed."""
        dialog = QFileDialog(self.field.window(), f"Choose: {self.setting.knob.label}", self.field.text())
        folder = self.setting.knob.role == "folder"
        dialog.setFileMode(QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.open()

    @Slot(str)
    def _on_chosen(self, path: str) -> None:
        self.field.forget()
        self.submit(path)


class NoteField(QPlainTextEdit):
    """Several lines of plain text, submitted after a pause and on focus loss."""

    settled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pending = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.settle)
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._on_changed)
        self.setFixedHeight(QFontMetrics(self.font()).height() * 5)

    def show_text(self, text: str) -> None:
        """Show a text from the store, unless the user is typing."""
        if not self._pending and text != self.toPlainText():
            blocked = self.blockSignals(True)
            self.setPlainText(text)
            self.blockSignals(blocked)

    @Slot()
    def settle(self) -> None:
        """Submit typed text, if there is any."""
        if self._pending:
            self._pending = False
            self._pause.stop()
            self.settled.emit(self.toPlainText())

    @Slot()
    def _on_changed(self) -> None:
        self._pending = True
        self._pause.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.settle()
        super().focusOutEvent(event)


class NoteEditor(Editor):
    """A text of several lines."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self._gesture = Gesture()
        self.field = NoteField(row)
        self.field.settled.connect(self._on_settled)
        ref.store.settle_requested.connect(self.field.settle)
        self.name(self.field)
        self.main = self.below = self.field

    def refresh(self) -> None:
        self.field.show_text(self.ref.value)

    @Slot(str)
    def _on_settled(self, text: str) -> None:
        self.submit(text, self._gesture.continues())


class ListField(LineField):
    """A line that asks for the width of its text, so that no number of a list is cut at an end."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        metrics = self.fontMetrics()
        text = metrics.horizontalAdvance(self.text()) + metrics.horizontalAdvance("0000")
        return QSize(max(hint.width(), min(text, 2 * hint.width())), hint.height())

    def show_text(self, text: str) -> None:
        """Show a text from the store, from its beginning."""
        before = self.text()
        super().show_text(text)
        if self.text() != before:
            self.setCursorPosition(0)
            self.updateGeometry()


class SizesEditor(Editor):
    """A list of whole numbers typed as ``128, 64``."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self._gesture = Gesture()
        self.field = ListField(row)
        self.field.setPlaceholderText("none")
        self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field.settled.connect(self._on_settled)
        ref.store.settle_requested.connect(self.field.settle)
        self.name(self.field)
        self.main = self.beside = self.field

    def refresh(self) -> None:
        self.field.patient = self.is_live_now
        if not self.is_wrong and not (self.field.hasFocus() and self._typed() == self.ref.value):
            self.field.show_text(self._written())

    def _read(self, text: str) -> tuple[float, ...]:
        return sizes_from(text, self.setting.knob)

    def _written(self) -> str:
        return sizes_text(self.ref.value or ())

    def _typed(self) -> tuple[float, ...] | None:
        try:
            return self._read(self.field.text())
        except ValueError:
            return None

    @Slot(str)
    def _on_settled(self, text: str) -> None:
        try:
            self.submit(self._read(text), self._gesture.continues())
        except ValueError as error:
            self.refuse(str(error))


class NumbersEditor(SizesEditor):
    """A list of numbers typed as ``0.1, 0.2``."""

    def _read(self, text: str) -> tuple[float, ...]:
        return numbers_from(text, self.setting.knob)

    def _written(self) -> str:
        return numbers_text(self.ref.value or ())
