"""What the menus do: each action's slot, and which actions are possible now."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

import workbench
from workbench.bridge.runner import State
from workbench.bridge.services import Services
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.presets import presets
from workbench.engine.spec.toml import load, save
from workbench.views.evaluation.evaluation_dialog import EvaluationDialog
from workbench.views.learning_rate.lr_finder_dialog import RangeDialog
from workbench.views.widgets.banner import Banner, Severity
from workbench.views.widgets.theme import theme
from workbench.views.window.actions import ENTRIES, MENUS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

_FILTER = "Settings (*.toml);;All files (*)"


class Commands(QObject):
    """Files, undo, presets and help. Running is the session's business; looks are the workspace's."""

    def __init__(self, window: QMainWindow, services: Services, actions: Mapping[str, QAction], banner: Banner) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._actions = actions
        self._banner = banner
        self._folder = str(Path.home())
        self.range_dialog: RangeDialog | None = None
        self.evaluation_dialog: EvaluationDialog | None = None
        session, store = services.session, services.store
        slots = {
            "open": self.open,
            "save": self.save,
            "show_runs": self.show_runs,
            "show_run": self.show_run,
            "quit": window.close,
            "undo": store.undo,
            "redo": store.redo,
            "defaults": self.defaults,
            "train": session.train,
            "pause": session.pause_or_resume,
            "step": session.step_one,
            "stop": session.stop,
            "restart": session.restart,
            "clear_ghost": session.clear_ghost,
            "evaluate": self.evaluate,
            "decay": services.steering.decay,
            "save_schedule": services.steering.save_as_schedule,
            "find_rate": self.find_rate,
            "keys": self.keys,
            "log": self.show_log,
            "about": self.about,
        }
        for name, slot in slots.items():
            actions[name].triggered.connect(slot)
        for changed in (
            store.reason_changed,
            store.can_undo_changed,
            store.can_redo_changed,
            services.runner.state_changed,
        ):
            changed.connect(self._on_changed)
        for changed in (services.previews.failed, services.previews.data_ready, services.checking.changed):
            changed.connect(self._on_data)
        store.changed.connect(self._on_data)
        store.marks_changed.connect(self._on_changed)
        services.steering.changed.connect(self._on_changed)
        services.steering.told.connect(self._on_told)
        session.ghost_changed.connect(self._on_ghost)
        actions["clear_ghost"].setEnabled(False)
        self._on_changed()

    def fill_menus(self) -> dict[str, QMenu]:
        """Build the menu bar from the table of actions; presets stand in the File menu."""
        menus = {title: self._window.menuBar().addMenu(f"&{title}") for title in MENUS}
        for entry in ENTRIES:
            if entry.line_before:
                menus[entry.menu].addSeparator()
            menus[entry.menu].addAction(self._actions[entry.name])
            if entry.name == "save":
                self._add_presets(menus["File"])
        for menu in menus.values():
            menu.setToolTipsVisible(True)
        return menus

    def _add_presets(self, menu: QMenu) -> None:
        submenu = menu.addMenu("&Presets")
        submenu.setToolTipsVisible(True)
        for preset in presets():
            action = submenu.addAction(preset.title.replace("&", "&&"))
            action.setToolTip(preset.note)
            action.setData(str(preset.path))
        submenu.triggered.connect(self._on_preset)

    @Slot(object)
    def _on_preset(self, action: QAction) -> None:
        self.open_file(Path(str(action.data())))
        note = self._services.store.spec.note
        if note and not self._banner.message:
            self._banner.say(f"{self._services.store.spec.title}. {' '.join(note.split())}", code="preset")

    @Slot()
    def open(self) -> None:
        """Ask for a settings file and load it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open settings", self._folder, _FILTER)
        if chosen:
            self.open_file(Path(chosen))

    def open_file(self, path: Path) -> None:
        """Load a settings file; a bad one changes nothing and every problem in it is listed."""
        self._banner.clear()
        try:
            spec = load(path)
        except SpecError as error:
            self._banner.say_error(f"{path.name} was not opened:\n{error}", code="open")
            return
        except WorkbenchError as error:
            self._banner.say_error(error.message, code="open")
            return
        self._folder = str(path.parent)
        self._services.store.load(spec)

    @Slot()
    def save(self) -> None:
        """Ask for a file and write the settings into it."""
        self._services.store.settle()
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Save settings", f"{self._folder}/experiment.toml", _FILTER
        )
        if chosen:
            self.save_file(Path(chosen))

    def save_file(self, path: Path) -> None:
        """Write the settings, with .toml behind the name if nothing is."""
        target = path if path.suffix else path.with_suffix(".toml")
        try:
            save(self._services.store.spec, target)
        except WorkbenchError as error:
            self._banner.say_error(error.message, code="save")
            return
        self._folder = str(target.parent)
        self._services.store.set_reset_point(self._services.store.spec)
        self._banner.say(f"Settings saved in {target}.", code="save")

    @Slot()
    def defaults(self) -> None:
        """The default experiment; undo brings the old settings back."""
        self._banner.clear()
        self._services.store.load(ExperimentSpec())

    @Slot()
    def show_runs(self) -> None:
        """Open the runs folder in the file manager."""
        self._show_folder(runs_folder())

    @Slot()
    def show_run(self) -> None:
        """Open the latest run's folder."""
        self._show_folder(Path(self._services.session.folder) if self._services.session.folder else runs_folder())

    @Slot()
    def show_log(self) -> None:
        """Open the folder with the log."""
        self._show_folder(self._services.log_file.parent)

    def _show_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._banner.say_error(f"Cannot make {folder}: {error.strerror or error}.")
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._banner.say(f"No file manager answers here. The folder is {folder}")

    @Slot()
    def find_rate(self) -> None:
        """Open the range test; made when it is first wanted."""
        if self.range_dialog is None:
            self.range_dialog = RangeDialog(self._services.range_tester, self._services.store, theme(), self._window)
        self.range_dialog.show()
        self.range_dialog.activateWindow()

    @Slot()
    def evaluate(self) -> None:
        """Open the evaluation of saved weights; made when it is first wanted."""
        if self.evaluation_dialog is None:
            tasks, store = self._services.tasks, self._services.store
            self.evaluation_dialog = EvaluationDialog(tasks, store, runs_folder(), self._window)
        if self.evaluation_dialog.isVisible():
            self.evaluation_dialog.raise_()
        self.evaluation_dialog.show()
        self.evaluation_dialog.activateWindow()

    @Slot()
    def keys(self) -> None:
        """List every key."""
        rows = [(", ".join(entry.keys), entry.text.replace("&", "")) for entry in ENTRIES if entry.keys]
        self._tell("Keys", "".join(_row(*row) for row in rows).join(("<table>", "</table>")))

    @Slot()
    def about(self) -> None:
        """Versions."""
        from importlib.metadata import version

        libraries = "\n".join(f"{name} {version(name)}" for name in ("torch", "PySide6-Essentials", "pyqtgraph"))
        self._tell(
            "About", f"Training Workbench {workbench.__version__}\nPython {platform.python_version()}\n{libraries}"
        )

    def _tell(self, title: str, text: str) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(title)
        box.setText(text)
        box.finished.connect(box.deleteLater)
        box.open()

    @Slot(object, str)
    def _on_ghost(self, history: object, title: str) -> None:
        self._actions["clear_ghost"].setEnabled(history is not None)

    @Slot(str, str)
    def _on_told(self, message: str, severity: Severity) -> None:
        self._banner.say(message, severity, code="steering")

    @Slot()
    @Slot(object)
    def _on_changed(self, _news: object = None) -> None:
        store, runner = self._services.store, self._services.runner
        reason, state = store.reason(), runner.state
        active = runner.is_active
        self._enable("undo", store.can_undo)
        self._enable("redo", store.can_redo)
        self._enable("train", not reason and not active, reason or ("A run is still training." if active else ""))
        self._tell_of_data()
        self._enable("restart", active and not reason and state is not State.STOPPING, reason)
        self._enable("pause", state in (State.RUNNING, State.STARTING, State.PAUSED, State.PAUSING))
        self._enable("step", state in (State.RUNNING, State.PAUSED, State.PAUSING))
        self._enable("stop", active and state is not State.STOPPING, runner.waiting_for)
        steering = self._services.steering
        self._enable("decay", steering.can_decay, "Lowers the learning rate of a run; there is none now.")
        self._actions["decay"].setText(f"&Decay here: rate × {steering.factor:g}")
        self._actions["decay"].setIconText("Decay")
        self._enable("save_schedule", not steering.why_not_save, steering.why_not_save)
        self._enable("show_run", bool(self._services.session.folder))

    @Slot(object)
    @Slot(str, str)
    @Slot()
    def _on_data(self, _news: object = None, _words: str = "") -> None:
        self._tell_of_data()

    def _tell_of_data(self) -> None:
        """Train stays possible where only the data is at fault: it reads the files again, which may be mended."""
        entry = next(each for each in ENTRIES if each.name == "train")
        action, why_not = self._actions["train"], self._services.checking.why_not_train
        if not action.isEnabled():
            return
        keys = f" ({entry.keys[0]})"
        again = f"Training cannot start like this: {why_not}\nTrain reads the data again{keys}."
        action.setToolTip(again if why_not else entry.help + keys)

    def _enable(self, name: str, possible: bool, why_not: str = "") -> None:
        action, entry = self._actions[name], next(e for e in ENTRIES if e.name == name)
        action.setEnabled(possible)
        keys = f" ({entry.keys[0]})" if entry.keys else ""
        action.setToolTip(why_not if why_not and not possible else entry.help + keys)


def _row(keys: str, words: str) -> str:
    return f"<tr><td style='padding-right: 2em'>{escape(keys)}</td><td>{escape(words)}</td></tr>"
