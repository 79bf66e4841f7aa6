"""Plans in the window: arranged with undo, opened and saved, runs and races added, the handout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.process.crash import LOG
from workbench.bridge.threads.background import Task, TaskFailure, Tasks, Work
from workbench.bridge.threads.progress import as_task, simply
from workbench.bridge.undo_stack import UndoStack
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted
from workbench.engine.lessons.lesson_file import load_lessons
from workbench.engine.lessons.plan.file import SUFFIX, load, save
from workbench.engine.lessons.plan.handout import save_handout
from workbench.engine.lessons.plan.needs import hash_of, remember, with_places
from workbench.engine.lessons.plan.own import scene_of_race, scene_of_run
from workbench.engine.lessons.plan.plan import LessonPlan, PlanScene, is_same_scene
from workbench.engine.lessons.plan.record import Record
from workbench.engine.lessons.plan.replay import recorded_all
from workbench.engine.race.spec import RaceSpec
from workbench.engine.run_store.history import History

if TYPE_CHECKING:
    from workbench.bridge.lessons.lesson_desk import LessonDesk

#: Maximum number of undoable changes.
_MOST: Final = 100


class PlanDesk(QObject):
    """Changes the plan that ``desk`` shows. Lives in the GUI thread.

    Every change can be undone, also the opening of another plan. The lecture itself is never changed: editing it makes
    a copy.
    """

    changed = Signal()  #: what can be undone, or what is being done
    told = Signal(str, str)  #: a sentence for the user, and "info", "warning" or "error"
    opened_path = Signal(object)  #: the Path of a plan that was opened or saved
    shown_wanted = Signal()  #: the plan should be shown

    def __init__(self, desk: LessonDesk, playing: Tasks, storing: Tasks) -> None:
        super().__init__(desk)
        self._desk, self._playing, self._storing = desk, playing, storing
        self._changes: UndoStack[LessonPlan] = UndoStack(_MOST)
        #: Contents of the plan's file; None before it was saved or opened.
        self._kept: LessonPlan | None = None
        self.path: Path | None = None
        #: Description of the current work for the user; empty if there is none.
        self.doing = ""
        self._job: Task | None = None
        desk.player.changed.connect(self._on_player)

    @property
    def plan(self) -> LessonPlan:
        """The plan that is shown."""
        return self._desk.plan

    @property
    def is_unsaved(self) -> bool:
        """Whether it is not as in its file."""
        return not self.plan.is_lecture and self.plan is not self._kept

    @property
    def is_missing_data(self) -> bool:
        """Whether the scene on the stage needs data that were not found."""
        scene = self._desk.plan_scene
        return scene is not None and bool(scene.missing)

    @property
    def can_cancel(self) -> bool:
        """Whether what is being done can be given up."""
        return self._job is not None

    @property
    def place(self) -> int | None:
        """The 0-based place of the scene on the stage; None of an empty plan."""
        lesson = self._desk.lesson
        return self.plan.place_of(lesson.number) if lesson is not None else None

    # --- Changes ------------------------------------------------------------------------------------------------

    def put(self, plan: LessonPlan, place: int | None = None) -> None:
        """Show another plan, or this one changed, with the scene at ``place``; can be undone."""
        if plan is not self.plan:
            self._changes.record(self.plan)
            self._show(plan, place)

    def _show(self, plan: LessonPlan, place: int | None = None) -> None:
        self._desk.show_plan(plan, place)
        self.changed.emit()

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to be undone."""
        return self._changes.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is one to be made again."""
        return self._changes.can_redo

    @Slot()
    def undo(self) -> None:
        """Take the last change back."""
        if self.can_undo:
            self._restore(self._changes.undo(lambda _: self.plan))

    @Slot()
    def redo(self) -> None:
        """Make it again."""
        if self.can_redo:
            self._restore(self._changes.redo(lambda _: self.plan))

    def _restore(self, plan: LessonPlan) -> None:
        here = self._desk.lesson
        same = (at for at, each in enumerate(plan.lessons) if here is not None and is_same_scene(each, here))
        self._show(plan, next(same, self.place))

    def _tried(self, change: Callable[[], LessonPlan], place: int | None) -> None:
        try:
            self.put(change(), place)
        except WorkbenchError as error:
            self.told.emit(error.message, "error")

    def move(self, place: int, to: int) -> None:
        """Move the scene at ``place`` to ``to``, or to the nearest place that there is."""
        to = max(0, min(to, len(self.plan.scenes) - 1))
        self._tried(lambda: self.plan.moved(place, to), to)

    def move_by(self, by: int) -> None:
        """Move the scene on the stage down by this number of places; up if negative."""
        if self.place is not None:
            self.move(self.place, self.place + by)

    @Slot()
    def remove(self) -> None:
        """Take the scene on the stage out of the plan; its run is kept."""
        place = self.place
        if place is not None:
            self._tried(lambda: self.plan.without(place), min(place, max(0, len(self.plan.scenes) - 2)))

    def reword(self, title: str, question: str, notes: str) -> str:
        """Give the scene on the stage other words; returns why not, empty if it has them."""
        place = self.place
        if place is None:
            return "There is no scene."
        try:
            self.put(self.plan.worded(place, title, question, notes), place)
        except WorkbenchError as error:
            return error.message
        return ""

    def rename(self, title: str) -> None:
        """Give the plan another title."""
        self._tried(lambda: self.plan.titled(title), self.place)

    @Slot()
    def begin(self) -> None:
        """A new plan without scenes."""
        self.path = None
        self.put(LessonPlan("My lesson"))

    @Slot()
    def show_lecture(self) -> None:
        """The program's own plan."""
        self.path = None
        self.put(LessonPlan.lecture(load_lessons()[0]))

    # --- The user's scenes ------------------------------------------------------------------------------------

    @Slot(object, str)
    def add_run(self, folder: Path, title: str) -> None:
        """Add the run in ``folder`` as the last scene."""
        self._read(f"Reading the run “{title}”", lambda: _remembered(scene_of_run(folder, title)), self._added)

    @Slot(object, object)
    def add_race(self, race: RaceSpec, histories: tuple[History, ...]) -> None:
        """Add a race that has ended as the last scene."""
        self._read("Reading the race", lambda: _remembered(scene_of_race(race, histories)), self._added)

    @Slot()
    def add_shown(self) -> None:
        """Add the scene once more as it is on the stage, with the values that were changed there."""
        scene = self._desk.plan_scene
        if scene is not None:
            conclusion = self._desk.player.conclusion
            is_measured = conclusion is not None and not conclusion.is_counter and self._desk.is_measured_as_shown
            record = Record.of(conclusion) if is_measured and conclusion is not None else None
            self._added(replace(scene, lesson=self._desk.shown(), seed=self._desk.seed, record=record))

    def _added(self, scene: PlanScene) -> None:
        self._desk.load()
        self._tried(lambda: self.plan.with_scenes(scene), len(self.plan.scenes))
        where = f"scene {len(self.plan.scenes)} of “{self.plan.title}”"
        self.told.emit(f"Added as {where}. Save the plan on the Lessons page: Plan ▸ Save.", "info")

    def find_data(self, path: Path) -> None:
        """Read what the scene on the stage needs, and was not found, from ``path``."""
        scene, place = self._desk.plan_scene, self.place
        if scene is None or place is None or not scene.missing:
            return
        wanted = scene.missing[0]
        if not wanted.setting.startswith("data.source.") and wanted.mark and hash_of(path) != wanted.mark:
            self.told.emit(f"{path.name} is another file: its hash is not {wanted.mark[:12]}…", "error")
            return
        found = with_places(scene, lambda need: str(path) if need.setting == wanted.setting else need.place)
        self.put(self.plan.with_scene(place, found), place)
        self._read("Remembering the place", lambda: remember(found.needs), lambda _nothing: None)

    # --- Files --------------------------------------------------------------------------------------------------

    def keep_unsaved(self, folder: Path) -> None:
        """Write a plan that is not as in its file into ``folder``, where *Open recent* finds it: the program ends."""
        if not self.is_unsaved or not self.plan.scenes:
            return
        path = folder / f"unsaved{SUFFIX}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            save(self.plan, path)
        except (OSError, WorkbenchError) as error:
            LOG.warning("The lesson plan could not be kept: %s", error)
        else:
            self.opened_path.emit(path)

    @Slot(object)
    def open(self, path: Path) -> None:
        """Open the plan in a file; a bad one changes nothing, and its problems are emitted."""

        def opened(plan: LessonPlan) -> None:
            self.path, self._kept = path, plan
            self.put(plan, 0)
            self.opened_path.emit(path)
            self.shown_wanted.emit()
            missing = sum(bool(scene.missing) for scene in plan.scenes)
            if missing:
                words = f"{counted(missing, 'scene')} of this plan need data that are not on this computer"
                self.told.emit(f"{words}: each says which, and what to do.", "warning")

        self._read(f"Opening {path.name}", lambda: load(path), opened, f"{path.name} was not opened")

    def save(self, path: Path) -> None:
        """Write the plan into a file; a name without an ending gets one."""
        target = path if path.suffix else path.with_suffix(SUFFIX)
        plan = self.plan.arranged(self.plan.scenes) if self.plan.is_lecture else self.plan

        def saved(_nothing: object) -> None:
            self.path = target
            if self.plan is plan:
                self._kept = plan
            self.opened_path.emit(target)
            unrecorded = sum(scene.record is None for scene in plan.scenes)
            more = (
                f" {counted(unrecorded, 'scene')} without a record: play them, then save again." if unrecorded else ""
            )
            self.told.emit(f"Plan saved in {target}.{more}", "info")
            self.changed.emit()

        self._read(f"Saving {target.name}", lambda: save(plan, target), saved)

    def write_handout(self, path: Path) -> None:
        """Write the handout of the plan as it is."""
        plan = self.plan
        target = path if path.suffix else path.with_suffix(".html")
        self._read("Writing the handout", lambda: save_handout(plan, target), lambda _: self.told.emit(
            f"Handout saved in {target}. Open it in a browser to read or print it.", "info"
        ))  # fmt: skip

    @property
    def unrecorded(self) -> int:
        """How many scenes have no record, and could be played."""
        return sum(scene.record is None and not scene.trouble for scene in self.plan.scenes)

    def play_missing(self) -> None:
        """Play every scene that has no record, one after the other, in the background."""
        plan = self.plan

        def done(found: tuple[tuple[int, Record], ...]) -> None:
            for place, record in found:
                if place < len(self.plan.scenes) and self.plan.scenes[place].lesson is plan.scenes[place].lesson:
                    self._desk.show_plan(self.plan.recorded(place, record))
            self.told.emit(f"{counted(len(found), 'scene')} played and recorded.", "info")

        self._begin(self._playing, "Playing the scenes", as_task(lambda: recorded_all(plan)), done)

    @Slot()
    def cancel(self) -> None:
        """Give up playing all scenes."""
        if self._job is not None:
            self._job.cancel()

    def _read(self, words: str, compute: Callable[[], Any], done: Callable[[Any], object], failed: str = "") -> None:
        self._begin(self._storing, words, simply(compute), done, failed)

    def _begin(self, tasks: Tasks, words: str, work: Work, done: Callable[[Any], object], failed: str = "") -> None:
        task = tasks.submit(words, work)
        answer = _Answer(self, task, done, failed)
        if tasks is self._playing:
            self._job = task
            task.progressed.connect(answer.on_progress)
        self.doing = words
        self.changed.emit()

    def finished_doing(self) -> None:
        """Nothing is being done any more."""
        self.doing, self._job = "", None
        self.changed.emit()

    @Slot()
    def _on_player(self) -> None:
        """What is measured of a scene without a record, as the plan has it, becomes its record."""
        place, conclusion = self.place, self._desk.player.conclusion
        if place is None or conclusion is None or not self._desk.is_as_planned:
            return
        if self.plan.scenes[place].record is None:
            self._desk.show_plan(self.plan.recorded(place, Record.of(conclusion)))


class _Answer(QObject):
    """Hands the result of a task to ``done`` in the GUI thread, and its failure to the user."""

    def __init__(self, desk: PlanDesk, task: Task, done: Callable[[Any], object], failed: str) -> None:
        super().__init__(desk)
        self._desk, self._done, self._failed = desk, done, failed
        task.done.connect(self.on_done)
        task.failed.connect(self.on_failed)
        task.cancelled.connect(self.on_cancelled)

    @Slot(object)
    def on_done(self, result: object) -> None:
        """Hand it on."""
        self._end()
        self._done(result)

    @Slot(object)
    def on_failed(self, failure: TaskFailure) -> None:
        """Say it."""
        self._end()
        words = f"{self._failed}: {failure.message}" if self._failed else failure.message
        self._desk.told.emit(words, "error")

    @Slot()
    def on_cancelled(self) -> None:
        """Nothing is handed on."""
        self._end()

    @Slot(float, str)
    def on_progress(self, _share: float, words: str) -> None:
        """How far it is."""
        self._desk.doing = words
        self._desk.changed.emit()

    def _end(self) -> None:
        self._desk.finished_doing()
        self.deleteLater()


def _remembered(scene: PlanScene) -> PlanScene:
    remember(scene.needs)
    return scene
