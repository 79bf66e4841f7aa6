"""What the menus open: dialogs, folders, and boxes with help."""

from __future__ import annotations

import platform
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox

import workbench
from workbench.bridge.services import Services
from workbench.bridge.use.network_slot import NetworkChoice
from workbench.engine.core.app_folders import runs_folder
from workbench.views.evaluation.evaluation_dialog import EvaluationDialog
from workbench.views.insight.gradient_noise_dialog import GradientNoiseDialog
from workbench.views.insight.sanity_dialog import SanityDialog
from workbench.views.learning_rate.lr_finder_dialog import LrFinderDialog
from workbench.views.runs.path_dialog import PathDialog
from workbench.views.use.export_dialog import ExportDialog
from workbench.views.widgets.banner import Banner
from workbench.views.widgets.open_folder import make_and_open_folder
from workbench.views.widgets.theme import theme
from workbench.views.window.actions import ENTRIES

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow


class Commands(QObject):
    """Opens what needs no part of the window. Dialogs are made when they are first wanted."""

    data_wanted = Signal(object)  #: open these paths as the data: a tuple of Path

    def __init__(self, window: QMainWindow, services: Services, banner: Banner) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._banner = banner
        self.lr_finder_dialog: LrFinderDialog | None = None
        self.sanity_dialog: SanityDialog | None = None
        self.noise_dialog: GradientNoiseDialog | None = None
        self.evaluation_dialog: EvaluationDialog | None = None
        self.export_dialog: ExportDialog | None = None

    @property
    def slots(self) -> dict[str, Callable[[], None]]:
        """What the menus' actions do, by name."""
        return {
            "show_runs": self.show_runs,
            "show_run": self.show_run,
            "fork": self.fork,
            "scene": self.add_scene,
            "evaluate": self.evaluate,
            "export": self.export,
            "find_rate": self.find_rate,
            "sanity": self.check_sanity,
            "gradient_noise": self.show_gradient_noise,
            "path": self.show_path,
            "keys": self.keys,
            "log": self.show_log,
            "about": self.about,
        }

    @Slot()
    def show_runs(self) -> None:
        """Open the runs folder in the file manager."""
        self._show_folder(runs_folder())

    @Slot()
    def show_run(self) -> None:
        """Open the latest run's folder."""
        self._show_folder(Path(self._services.session.folder) if self._services.session.folder else runs_folder())

    @Slot()
    def fork(self) -> None:
        """Ask where to branch off the latest run: at its last step to begin with."""
        self.fork_at(self._services.session.history.steps.count)

    @Slot()
    def add_scene(self) -> None:
        """Add the latest run to the lesson plan."""
        desk = self._services.run_desk
        if desk.on_train_page is not None:
            desk.scene_wanted.emit(desk.on_train_page, desk.name_on_train_page)

    @Slot(int)
    def fork_at(self, step: int) -> None:
        """Ask with which settings the latest run is to be branched off after ``step`` steps."""
        session = self._services.session
        if session.folder:
            self._services.run_desk.ask_fork(Path(session.folder), step)

    @Slot()
    def show_log(self) -> None:
        """Open the folder with the log."""
        self._show_folder(self._services.log_file.parent)

    def _show_folder(self, folder: Path) -> None:
        trouble = make_and_open_folder(folder)
        if trouble:
            self._banner.say(trouble)

    @Slot()
    def find_rate(self) -> None:
        """Open the range test; made when it is first wanted."""
        if self.lr_finder_dialog is None:
            self.lr_finder_dialog = LrFinderDialog(
                self._services.lr_finder, self._services.store, theme(), self._window
            )
        self.lr_finder_dialog.show()
        self.lr_finder_dialog.activateWindow()

    @Slot()
    def check_sanity(self) -> None:
        """Open the sanity checks; made when they are first wanted."""
        if self.sanity_dialog is None:
            self.sanity_dialog = SanityDialog(self._services.sanity, self._services.store, self._window)
        self.sanity_dialog.show()
        self.sanity_dialog.activateWindow()

    @Slot()
    def show_path(self) -> None:
        """Show the path of the last run's weights over the loss around it."""
        folder = Path(self._services.session.folder)
        PathDialog(self._services.run_desk.path, folder, "this run", self._window).open()

    @Slot()
    def show_gradient_noise(self) -> None:
        """Open the gradient noise; made when it is first wanted."""
        if self.noise_dialog is None:
            self.noise_dialog = GradientNoiseDialog(self._services.gradient_noise, theme(), self._window)
        self.noise_dialog.show()
        self.noise_dialog.activateWindow()

    @Slot()
    def evaluate(self) -> None:
        """Open the evaluation of saved weights; made when it is first wanted."""
        if self.evaluation_dialog is None:
            tasks, store = self._services.tasks, self._services.store
            self.evaluation_dialog = EvaluationDialog(tasks, store, runs_folder(), self._window)
            self.evaluation_dialog.data_wanted.connect(self.data_wanted)
        if self.evaluation_dialog.isVisible():
            self.evaluation_dialog.raise_()
        self.evaluation_dialog.show()
        self.evaluation_dialog.activateWindow()

    @Slot()
    def export(self) -> None:
        """Take the current run away, or the network that was chosen last."""
        self.show_export(self._services.export.slot.choice or NetworkChoice())

    @Slot(object)
    def show_export(self, choice: NetworkChoice) -> None:
        """Open the export of a network; made when it is first wanted."""
        if self.export_dialog is None:
            self.export_dialog = ExportDialog(self._services.export, self._window)
        self.export_dialog.network.choose(choice)
        self.export_dialog.show()
        self.export_dialog.activateWindow()

    @Slot()
    def keys(self) -> None:
        """List all keyboard shortcuts."""
        rows = [(", ".join(entry.keys), entry.text.replace("&", "")) for entry in ENTRIES if entry.keys]
        self._show_box("Keyboard shortcuts", "".join(_row(*row) for row in rows).join(("<table>", "</table>")))

    @Slot()
    def about(self) -> None:
        """Versions."""
        from importlib.metadata import version

        libraries = "\n".join(f"{name} {version(name)}" for name in ("torch", "PySide6-Essentials", "pyqtgraph"))
        text = f"Training Workbench {workbench.__version__}\nPython {platform.python_version()}\n{libraries}"
        self._show_box("About", text)

    def _show_box(self, title: str, text: str) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(title)
        box.setText(text)
        box.finished.connect(box.deleteLater)
        box.open()


def _row(keys: str, words: str) -> str:
    return f"<tr><td style='padding-right: 2em'>{escape(keys)}</td><td>{escape(words)}</td></tr>"
