"""A banner for errors, warnings and notes, with buttons for what the user can do. It replaces message boxes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.views.widgets.basics import fitting, plain_tip
from workbench.views.widgets.borrowed_focus import BorrowedFocus
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.folded_words import FoldedWords
from workbench.views.widgets.theme import ERROR, WARNING, rhythm

#: Number of characters of a message; a longer one would leave no room for what is below it.
_MOST_SHOWN = 600

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A button of the banner: its text and its action. The banner closes when it is pressed.

    It has no mnemonic: the banner is above every page, and each page has letters of its own; see ``take_focus``.
    """

    text: str
    act: Callable[[], object]


class Banner(QFrame):
    """Shows one message at a time; a new one replaces the old one. Hidden without a message."""

    said = Signal(bool)  #: whether there is a message now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._row = QHBoxLayout()
        column.addLayout(self._row)
        self._below = QWidget(self)  # beside the text several buttons, or a wide one, would leave it no room in Large
        self._flow = FlowLayout(self._below, rhythm(self, 1))
        column.addWidget(self._below)
        self._mark = QLabel()
        self._mark.setTextFormat(Qt.TextFormat.PlainText)
        self._text = FoldedWords()
        self._text.setAccessibleName("Message")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setText("×")
        self._close.setAccessibleName("Close this message")
        self._close.setToolTip("Close this message")
        self._close.setAutoRaise(True)
        self._close.clicked.connect(self.clear)
        self._more = QToolButton()
        self._more.setAutoRaise(True)
        self._more.setCheckable(True)
        self._more.toggled.connect(self._on_more)
        self._more.hide()
        self._on_more(False)
        self._text.cut_changed.connect(self._more.setVisible)
        self._row.addWidget(self._mark)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._more)
        self._row.addWidget(self._close)
        self._buttons: list[_OfferButton] = []
        self._focus = BorrowedFocus(self)
        self.code = ""
        self.hide()

    @property
    def message(self) -> str:
        """The present message; empty if hidden."""
        return self._text.text() if not self.isHidden() else ""

    @property
    def offers(self) -> tuple[QPushButton, ...]:
        """The buttons shown now."""
        return tuple(self._buttons)

    def say(self, text: str, severity: Severity = "info", offers: tuple[Offer, ...] = (), code: str = "") -> None:
        """Show ``text`` (one or two plain sentences) with buttons. ``code`` lets ``retract`` find it again."""
        self.clear()
        self.code = code
        margin = rhythm(self, 1)
        self._row.setContentsMargins(2 * margin, margin, margin, margin)
        self._row.setSpacing(2 * margin)
        self._mark.setText({"info": "Note", "warning": "Warning", "error": "Error"}[severity])
        role = {"info": self.foregroundRole(), "warning": WARNING, "error": ERROR}[severity]
        self._mark.setForegroundRole(role)
        self._text.setForegroundRole(role)
        self._more.setChecked(False)
        self._text.setText(fitting(text, _MOST_SHOWN))
        self._text.setToolTip(plain_tip(text) if len(text) > _MOST_SHOWN else "")
        self._buttons = [_OfferButton(offer, self) for offer in offers]
        width = (self.parentWidget() or self).width()
        is_below = len(offers) > 1 or any(3 * button.sizeHint().width() > width for button in self._buttons)
        for button in self._buttons:
            if is_below:
                self._flow.addWidget(button)
            else:
                self._row.insertWidget(self._row.count() - 2, button)
        self._below.setContentsMargins(2 * margin, 0, margin, margin)
        self._below.setVisible(is_below)
        self.show()
        self.said.emit(True)

    def say_error(self, text: str, details: str = "", code: str = "", offers: tuple[Offer, ...] = ()) -> None:
        """Show an error; ``details`` (a traceback) are not shown but can be copied."""
        copies = (Offer("Copy details", _Copy(f"{text}\n\n{details}")),) if details else ()
        self.say(text, "error", (*offers, *copies), code)

    def retract(self, code: str) -> None:
        """Remove the message with this code, if it is shown."""
        if self.code == code:
            self.clear()

    @Slot(bool)
    def _on_more(self, opened: bool) -> None:
        self._text.unfold(opened)
        self._more.setText("Less" if opened else "More")
        self._more.setAccessibleName("Fold this message" if opened else "Show the whole message")

    @Slot()
    def take_focus(self) -> None:
        """Give the keys to the first button; Esc, and the end of the message, give them back to where they were."""
        if self.isHidden():
            return
        self._focus.take(self._buttons[0] if self._buttons else self._close)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._focus.give_back()
        else:
            super().keyPressEvent(event)

    @Slot()
    def clear(self) -> None:
        """Remove the message and hide the banner."""
        self._focus.give_back()
        for button in self._buttons:
            self._row.removeWidget(button)
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        self.code = ""
        self.hide()
        self.said.emit(False)


class _OfferButton(QPushButton):
    def __init__(self, offer: Offer, banner: Banner) -> None:
        super().__init__(offer.text.replace("&", "&&"), banner)
        self._offer = offer
        self._banner = banner
        self.clicked.connect(self._on_clicked)

    @Slot()
    def _on_clicked(self) -> None:
        self._banner.clear()
        self._offer.act()


class _Copy:
    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
