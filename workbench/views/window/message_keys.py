"""One key for what is said above the page: the reason why Train is refused first, then the message."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication

from workbench.views.widgets.banner import Banner
from workbench.views.window.refusal_line import RefusalLine


class MessageKeys(QObject):
    """Gives the keys to the buttons of ``refusal``, and from there, or without it, to those of ``banner``."""

    reachable = Signal(bool)  #: whether there is something to go to

    def __init__(self, refusal: RefusalLine, banner: Banner, parent: QObject) -> None:
        super().__init__(parent)
        self._refusal, self._banner = refusal, banner
        refusal.said.connect(self.tell)
        banner.said.connect(self.tell)

    @Slot()
    def tell(self, _news: object = None) -> None:
        """Say again whether there is something to go to."""
        self.reachable.emit(bool(self._refusal.message or self._banner.message))

    @Slot()
    def go(self) -> None:
        """Go to the next of the two."""
        focused = QApplication.focusWidget()
        is_there = focused is not None and self._refusal.isAncestorOf(focused)
        if self._refusal.message and not (is_there and self._banner.message):
            self._refusal.take_focus()
        else:
            self._banner.take_focus()
