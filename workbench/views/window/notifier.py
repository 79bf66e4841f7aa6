"""Notifications of the desktop: a long run or the queue has ended. Only where there is a tray that shows them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStyle, QSystemTrayIcon, QWidget

from workbench.bridge.services import Services
from workbench.engine.core.events import RunEnded
from workbench.engine.core.text import duration
from workbench.engine.shelf.queue_report import QueueReport

#: The end of a run that has taken longer (seconds) is notified.
LONG_RUN: Final = 300.0
#: The icon leaves the tray after this time (milliseconds).
_SHOWN_MS: Final = 20_000
#: Platforms without a desktop.
_NO_DESKTOP: Final = ("offscreen", "minimal")


class Notifier(QObject):
    """Puts an icon into the tray for as long as its message is shown. ``wanted`` tells that it was clicked."""

    wanted = Signal()

    def __init__(self, window: QWidget, services: Services) -> None:
        super().__init__(window)
        self._window, self._services = window, services
        self._tray: QSystemTrayIcon | None = None
        self._hiding = QTimer(self)
        self._hiding.setSingleShot(True)
        self._hiding.setInterval(_SHOWN_MS)
        self._hiding.timeout.connect(self._hide)
        services.session.ended.connect(self._on_run_ended)
        services.run_desk.worker.reported.connect(self._on_reported)

    @Slot(object)
    def _on_run_ended(self, ended: RunEnded) -> None:
        """A long run; those of the queue are told together at its end."""
        session = self._services.session
        if ended.seconds >= LONG_RUN and session.is_of_form and not self._services.shutdown.has_begun:
            name = self._services.run_desk.name_on_train_page or "The run"
            self.notify(_title(ended), f"{name}, {duration(ended.seconds)}. {ended.message}", ended.reason == "failed")

    @Slot(object, str)
    def _on_reported(self, report: QueueReport, _path: str) -> None:
        self.notify("The queue has ended", f"{report.sentence} {report.about_highest}".rstrip(), False)

    def notify(self, title: str, words: str, is_failure: bool) -> None:
        """Show a notification, where there is a place for it."""
        tray = self._tray_icon()
        if tray is not None:
            kind = QSystemTrayIcon.MessageIcon
            tray.show()
            tray.showMessage(title, words, kind.Warning if is_failure else kind.Information, _SHOWN_MS)
            self._hiding.start()

    def _tray_icon(self) -> QSystemTrayIcon | None:
        if QGuiApplication.platformName() in _NO_DESKTOP or not QSystemTrayIcon.isSystemTrayAvailable():
            return None
        if self._tray is None:
            style = QApplication.style()
            icon = QApplication.windowIcon()
            self._tray = QSystemTrayIcon(
                style.standardIcon(QStyle.StandardPixmap.SP_ComputerIcon) if icon.isNull() else icon, self
            )
            self._tray.setToolTip("Training Workbench")
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(self._on_clicked)
        return self._tray

    @Slot()
    def _on_clicked(self, _reason: object = None) -> None:
        self._hide()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self.wanted.emit()

    @Slot()
    def _hide(self) -> None:
        self._hiding.stop()
        if self._tray is not None:
            self._tray.hide()


def _title(ended: RunEnded) -> str:
    return {"completed": "Training has finished", "stopped": "Training was stopped"}.get(
        ended.reason, "Training has failed"
    )
