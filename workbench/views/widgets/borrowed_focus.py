"""The focus of the keys, taken by a message above the page and given back to where it was."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class BorrowedFocus:
    """What ``owner`` took the focus from; something outside of it."""

    def __init__(self, owner: QWidget) -> None:
        self._owner = owner
        self._before: QWidget | None = None

    def take(self, target: QWidget) -> None:
        """Give the keys to ``target``, which is in the owner."""
        focused = QApplication.focusWidget()
        if focused is not None and not self._owner.isAncestorOf(focused):
            self._before = focused
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def give_back(self) -> None:
        """Give the keys back to where they were, if they are in the owner."""
        before, self._before = self._before, None
        focused = QApplication.focusWidget()
        if before is not None and isValid(before) and focused is not None and self._owner.isAncestorOf(focused):
            before.setFocus(Qt.FocusReason.OtherFocusReason)
