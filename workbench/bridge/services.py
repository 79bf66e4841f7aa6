"""The objects without a widget that live as long as the application: threads, stores, background jobs."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from workbench.bridge.data.browse_data import Browsing
from workbench.bridge.data.check_data import Checking
from workbench.bridge.data.corrections_desk import CorrectionsDesk
from workbench.bridge.data.download_data import Downloading
from workbench.bridge.data.open_data import Opening
from workbench.bridge.data.understand_data import DataUnderstanding
from workbench.bridge.decay_now import DecayNow
from workbench.bridge.gradient_check import CheckGradient
from workbench.bridge.gradient_noise import MeasureNoise
from workbench.bridge.keep_run import KeepRun
from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.bridge.lr_finder import LrFinder
from workbench.bridge.pace import Pace
from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.previews import Previews
from workbench.bridge.process.crash import LOG, CrashReporter
from workbench.bridge.process.interpreter import InterpreterSettings
from workbench.bridge.process.shutdown import Shutdown
from workbench.bridge.process.watchdog import Watchdog
from workbench.bridge.run_maker import kept_before
from workbench.bridge.runner import Runner
from workbench.bridge.runs.lost_run import FindLostRun
from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.runs.way_back import FindWayBack
from workbench.bridge.sanity_checks import SanityChecks
from workbench.bridge.session import Session
from workbench.bridge.setting_names import error_words
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.step_back import StepsBack
from workbench.bridge.threads.background import Task, TaskFailure, Tasks
from workbench.bridge.use.explain_desk import ExplainDesk
from workbench.bridge.use.export_desk import ExportDesk
from workbench.bridge.use.inspect_desk import InspectDesk
from workbench.bridge.use.small_pictures import SmallPictures
from workbench.bridge.use.use_desk import UseDesk
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.store import DataStore
from workbench.engine.nn.preload_torch import load_torch_libraries
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load, save


class Services(QObject):
    """Created once, in the GUI thread, for one window. ``start`` is called first, ``finish`` last.

    ``home`` is the folder for the log and the last settings; ``greeting`` a sentence to show at the start, or empty.
    """

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.home = home
        self.log_file = home / "workbench.log"
        self.greeting = ""
        self.crash = CrashReporter()
        self.watchdog = Watchdog(self.crash)
        self.interpreter = InterpreterSettings()
        self.runner = Runner()
        self.tasks = Tasks()
        # Threads of their own: a check of a hundred thousand pictures takes minutes, a download hours, and a removed
        # drive hangs. The previews must not wait for any of them.
        self.inspecting, self.thumbnails, self.fetching, self.shelving = Tasks(), Tasks(), Tasks(), Tasks()
        self.store = SpecStore(self._last_spec())
        self.loaded = DataStore()
        self.session = Session(self.store, self.runner, self.loaded)
        self.keep_run = KeepRun(self.session, self.tasks)
        self.retracing = Tasks()  # a run that is trained once more takes as long as it took
        self.run_desk = RunDesk(self.session, self.shelving, self, self.tasks, self.retracing)
        self.lost_run = FindLostRun(self.shelving, self)
        self.decay_now = DecayNow(self.session)
        self.steps_back, self.pace = StepsBack(self.session), Pace(self.runner)
        self.way_back = FindWayBack(self.session, self.shelving)
        self.lr_finder = LrFinder(self.session, self.tasks)
        self.sanity = SanityChecks(self.session, self.tasks)
        self.gradient_check = CheckGradient(self.session, self.tasks)
        self.gradient_noise = MeasureNoise(self.session, self.tasks)
        self.previews = Previews(self.store, self.tasks, self.loaded)
        self.previews.data_ready.connect(self.session.data_was_read)
        self.opening = Opening(self.store, self.inspecting, self.loaded)
        corrections = CorrectionsDesk(self.inspecting, self)  # shared: undo reverts the most recent change of any view
        self.browsing = Browsing(self.store, self.previews, self.inspecting, self.thumbnails, self.loaded, corrections)
        self.checking = Checking(self.store, self.previews, self.inspecting, self.loaded)
        self.checking.rewritten.connect(self.browsing.read_anew)
        self.browsing.changed.connect(self.checking.data_changed)
        self.understanding = DataUnderstanding(self.store, self.inspecting, self.loaded)
        self.checking.rewritten.connect(self.understanding.look_again)
        self.browsing.changed.connect(self.understanding.look_again)
        self.previews.failed.connect(self.understanding.on_failed)
        self.playground = PlaygroundDesk(home, self.tasks, self)
        self.playing = Tasks()  # of a scene takes up to a minute, for which no preview can wait
        self.lessons = LessonDesk(self.playing, self, storing=self.shelving)
        plans = self.lessons.plans
        plans.told.connect(self.run_desk.told)
        self.run_desk.scene_wanted.connect(plans.add_run)
        self.run_desk.race.scene_wanted.connect(plans.add_race)
        # Of single pictures; of folders and labelled data; of occlusion, which takes seconds.
        self.using, self.judging, self.explaining = Tasks(), Tasks(), Tasks()
        self.use = UseDesk(self.session, self.using, self.judging, self)
        self.explain = ExplainDesk(self.use, self.explaining, self.judging, self.loaded, self)
        self.small_pictures = SmallPictures(self.thumbnails, self)
        self.exporting = Tasks()  # takes minutes; an inspection must not wait for it
        self.export = ExportDesk(self.session, self.using, self.exporting, self.loaded, self)
        self.inspect = InspectDesk(self.session, self.judging, corrections, self.loaded, self)
        self.downloading = Downloading(self.store, self.fetching)
        self.downloading.arrived.connect(self.previews.data_changed)
        self.downloading.arrived.connect(self.checking.check)
        threads = [self.tasks, self.inspecting, self.thumbnails, self.fetching, self.shelving, self.playing]
        threads += [self.using, self.judging, self.explaining, self.exporting, self.retracing]
        ends = (
            self.run_desk.worker.shutdown,
            self.runner.shutdown,
            self.playground.shutdown,
            self.lessons.playground.shutdown,
        )
        self.shutdown = Shutdown([*ends, *(thread.shutdown for thread in threads)], _is_torch_missing)
        self.torch_loading: Task | None = None

    def start(self) -> None:
        """Install the error hooks and interpreter settings; load torch in the background."""
        self.crash.install(self.log_file)
        self.greeting = self.greeting or self.crash.log_error
        self.interpreter.start()
        self.watchdog.start()
        self.runner.finished.connect(self.interpreter.collect_all)
        self.session.began.connect(self._on_began)
        self.session.check_place()
        self.torch_loading = self.tasks.submit("Loading PyTorch", _load_torch)
        self.torch_loading.done.connect(self._on_torch_loaded)
        self.torch_loading.done.connect(self.lost_run.look)
        self.previews.start()
        self.understanding.start()
        self.checking.start()
        self.run_desk.worker.start()

    def finish(self) -> None:
        """Save the spec and restore the process's hooks and settings. Call it after the threads have ended."""
        self.remember()
        if self.session.unsaved is not None:  # nobody is left to choose a place
            LOG.warning("%s", kept_before(self.session.unsaved, runs_folder()).message)
        self.session.finish()
        self.previews.finish()
        self.understanding.finish()
        self.checking.finish()
        self.watchdog.stop()
        self.interpreter.stop()
        self.crash.uninstall()

    def remember(self) -> None:
        """Save the current spec and that of the playground for the next start. A failure is only logged."""
        self.playground.remember()
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            save(self.store.spec, self._last_path())
        except (OSError, WorkbenchError) as error:
            LOG.warning("The settings could not be saved for the next start: %s", error)

    def _last_path(self) -> Path:
        return self.home / "last.toml"

    def _last_spec(self) -> ExperimentSpec:
        if not self._last_path().exists():
            return ExperimentSpec()
        try:
            return load(self._last_path())
        except WorkbenchError as error:
            # The file is kept under another name, so that the user loses nothing.
            kept = self._last_path().with_suffix(".unreadable.toml")
            with contextlib.suppress(OSError):
                self._last_path().replace(kept)
            where = f" and are kept in {kept}" if kept.exists() else ""
            self.greeting = (
                f"The settings of the last session could not be read{where}: {error_words(ExperimentSpec(), error)}"
            )
            return ExperimentSpec()

    @Slot(object)
    def _on_began(self, history: object) -> None:
        self.remember()  # a later crash or power cut must not lose the settings

    @Slot(object)
    def _on_torch_loaded(self, result: object) -> None:
        self.interpreter.freeze_after_import()


def _is_torch_missing() -> bool:
    """Whether the import of torch and of the loop that needs it has not ended: nothing was trained yet."""
    return not hasattr(sys.modules.get("workbench.engine.train"), "train_loop")


def _load_torch(progress: object, cancelled: object) -> None:
    load_torch_libraries()
    import workbench.engine.train  # noqa: F401


__all__ = ["Services", "TaskFailure"]
