"""Settings as files: opened, saved, taken from a preset or from the defaults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMainWindow

from workbench.bridge.spec_store import SpecStore
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.lessons.plan.file import SUFFIX, is_plan
from workbench.engine.race.file import is_race
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.presets import FOLDER as PRESETS
from workbench.engine.spec.toml import load, save
from workbench.views.widgets.banner import Banner

FILTER = "Settings (*.toml);;All files (*)"
_OPENED = f"Settings, races and lesson plans (*.toml *{SUFFIX});;All files (*)"


class SettingsFiles(QObject):
    """Reads files into the store and writes it to files; the banner says what went wrong."""

    race_wanted = Signal(object)  #: the Path of a race file that should be opened
    plan_wanted = Signal(object)  #: the Path of a lesson plan that should be opened
    race_played = Signal(object)  #: the Path of one that should begin at once
    opened_path = Signal(object)  #: the Path of a settings file that was opened or saved

    def __init__(self, window: QMainWindow, store: SpecStore, banner: Banner) -> None:
        super().__init__(window)
        self._window, self._store, self._banner = window, store, banner
        self._folder = str(Path.home())
        store.changed.connect(self._on_spec)

    @property
    def slots(self) -> dict[str, Callable[[], None]]:
        """What the menus' actions do, by name."""
        return {"open": self.open, "save": self.save, "defaults": self.defaults}

    @Slot(object)
    def open_preset(self, action: QAction) -> None:
        """Load the preset whose path is the action's data, and say what to look at in it; a race begins at once."""
        path = Path(str(action.data()))
        if is_race(path):
            self._banner.clear()
            self.race_played.emit(path)
            return
        self.open_file(path)
        spec = self._store.spec
        if spec.note and not self._banner.message:
            self._banner.say(f"{spec.title}. {' '.join(spec.note.split())}", code="preset")

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        """What a preset says does not concern other data."""
        if not spec.note:
            self._banner.retract("preset")

    @Slot()
    def open(self) -> None:
        """Ask for a settings file and load it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open settings", self._folder, _OPENED)
        if chosen:
            self.open_file(Path(chosen))

    def open_file(self, path: Path) -> None:
        """Load a settings file; a bad one changes nothing and every problem in it is listed."""
        self._banner.clear()
        if is_plan(path):
            self.plan_wanted.emit(path)
            return
        if is_race(path):
            self.race_wanted.emit(path)
            return
        try:
            spec = load(path)
        except SpecError as error:
            self._banner.say_error(f"{path.name} was not opened:\n{self._store.words_of(error)}", code="open")
            return
        except WorkbenchError as error:
            self._banner.say_error(error.message, code="open")
            return
        self._folder = str(path.parent)
        self._store.load(spec)
        if path.parent != PRESETS:
            self.opened_path.emit(path)

    @Slot()
    def save(self) -> None:
        """Ask for a file and write the settings into it."""
        self._store.settle()
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Save settings", f"{self._folder}/experiment.toml", FILTER
        )
        if chosen:
            self.save_file(Path(chosen))

    def save_file(self, path: Path) -> None:
        """Write the settings; a name without an ending gets .toml."""
        target = with_toml(path)
        try:
            save(self._store.spec, target)
        except WorkbenchError as error:
            self._banner.say_error(error.message, code="save")
            return
        self._folder = str(target.parent)
        self.opened_path.emit(target)
        self._store.set_reset_point(self._store.spec)
        self._banner.say(f"Settings saved in {target}.", code="save")

    @Slot()
    def defaults(self) -> None:
        """Load the default experiment; undo brings the old settings back."""
        self._banner.clear()
        self._store.load(ExperimentSpec())


def with_toml(path: Path) -> Path:
    """``path``, with .toml behind a name that has no ending."""
    return path if path.suffix else path.with_suffix(".toml")
