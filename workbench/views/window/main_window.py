"""The main window: an empty frame that paints at once, furnished right after its first picture.

Nothing here uses ``Qt``, whose enumerations take PySide (6.11) 13 ms, a tenth of the time to the first picture.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMessageBox, QWidget

from workbench.views.widgets.fit_on_screen import OnScreen, largest

if TYPE_CHECKING:
    from workbench.views.window.workspace import Workspace


class MainWindow(QMainWindow):
    """Holds the workspace and sees to it that closing loses nothing."""

    furnished = Signal()  #: the workspace is complete; torch may still be loading
    closed = Signal()  #: everything is saved and every thread has ended

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Training Workbench")
        self.resize(QSize(1280, 720).boundedTo(largest(self)))
        self._on_screen = OnScreen(self)
        self.workspace: Workspace | None = None
        self._asking: QMessageBox | None = None
        opening = QLabel("Opening…")
        opening.setIndent((self.width() - opening.sizeHint().width()) // 2)  # in the middle
        opening.installEventFilter(self)
        self.setCentralWidget(opening)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.workspace is None:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self.furnish)
        return super().eventFilter(watched, event)

    @Slot()
    def furnish(self) -> None:
        """Build everything. Imported here, because the first picture must not wait for it."""
        if self.workspace is not None:
            return
        try:
            from workbench.views.window.workspace import Workspace

            self.workspace = Workspace(self)
        except Exception:
            # There is no window yet that could show it: print it and exit, rather than stay empty.
            traceback.print_exc()
            QApplication.exit(1)
            return
        self.workspace.services.shutdown.closed.connect(self._on_everything_ended)
        self.furnished.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.workspace is None or self.workspace.services.shutdown.is_closed:
            event.accept()
            self.closed.emit()
            return
        event.ignore()
        if self.workspace.services.session.is_active and not self.workspace.services.shutdown.has_begun:
            self._ask()
        else:
            self._begin_closing()

    @property
    def has_left_threads(self) -> bool:
        """Whether the shutdown has left threads running, which have nothing to save."""
        return self.workspace is not None and self.workspace.services.shutdown.has_left_threads

    def dispose(self) -> None:
        """Take everything down in order, while the application still exists."""
        if self.workspace is not None:
            self.workspace.dispose()
            self.workspace = None

    @property
    def _question(self) -> str:
        desk = self.workspace.services.run_desk if self.workspace is not None else None
        if desk is not None and desk.search.is_searching:
            return "A search is on. Stop its present run after this step and close? It goes on later from there."
        what = "race" if desk is not None and desk.race.is_racing else "run"
        return f"A {what} is still training. Stop it after this step, save it and close?"

    def _ask(self) -> None:
        if self._asking is not None:
            return
        self._asking = QMessageBox(self)
        self._asking.setWindowTitle("Still training")
        self._asking.setText(self._question)
        self._asking.setIcon(QMessageBox.Icon.Question)
        stop = self._asking.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        stay = self._asking.addButton("Keep training", QMessageBox.ButtonRole.RejectRole)
        self._asking.setDefaultButton(stop)
        self._asking.setEscapeButton(stay)
        self._asking.finished.connect(self._on_answered)
        self._asking.open()

    @Slot(int)
    def _on_answered(self, result: int) -> None:
        asking, self._asking = self._asking, None
        if asking is None:
            return
        accepted = asking.buttonRole(asking.clickedButton()) == QMessageBox.ButtonRole.AcceptRole
        asking.deleteLater()
        if accepted:
            self._begin_closing()

    def _begin_closing(self) -> None:
        if self.workspace is not None:
            self.workspace.say_goodbye()
            self.workspace.services.shutdown.begin()

    @Slot()
    def _on_everything_ended(self) -> None:
        self.close()
