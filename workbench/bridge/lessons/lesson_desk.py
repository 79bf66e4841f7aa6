"""The desk of the lessons: which scene is on the stage, with its own playground, and what was measured of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.lessons.plan_desk import PlanDesk
from workbench.bridge.lessons.prediction_desk import PredictionDesk
from workbench.bridge.lessons.scene_player import ScenePlayer
from workbench.bridge.playground.cursor import UPDATES_PER_SECOND
from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.settings_store import SettingsStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.lesson_file import FOLDER, LessonProblem, load_lessons
from workbench.engine.lessons.plan.plan import LessonPlan, PlanScene
from workbench.engine.lessons.plan.record import Comparison, compared
from workbench.engine.lessons.play import Conclusion
from workbench.engine.lessons.starts import moved
from workbench.engine.playground.spec import PlaygroundSpec

#: Seconds in which the balls of a scene roll to the end of their race.
_LENGTH: Final = 10.0


class LessonDesk(QObject):
    """Lives in the GUI thread. Nothing moves and nothing is measured while the page is hidden (``set_shown``).

    ``lesson`` is the one that was chosen, ``scene`` the same as it began on the stage (as its counter-example maybe).
    What hands change is in the stores of ``playground`` and ``settings``, and goes when the scene begins again.
    """

    began = Signal(object)  #: the Lesson that is on the stage now, in its first state
    changed = Signal()  #: seed, what was measured, or whether hands have changed the stage
    listed = Signal()  #: another plan was opened, or the order of the scenes has changed

    def __init__(
        self, playing: Tasks, parent: QObject | None = None, folder: Path = FOLDER, storing: Tasks | None = None
    ) -> None:
        """``storing`` reads and writes files of plans, which must not wait until a scene has been played."""
        super().__init__(parent)
        self._folder = folder
        self.plan = LessonPlan("")
        self._compared: tuple[Conclusion, Comparison] | None = None
        self.lessons: tuple[Lesson, ...] = ()
        self.problems: tuple[LessonProblem, ...] = ()
        self.lesson: Lesson | None = None
        self.scene: Lesson | None = None
        self.settings: SettingsStore[Lesson] | None = None
        self.seed = 0
        self.is_as_changed = False
        self.is_beginning = False  #: a scene is put on the stage: its parts do not belong together yet
        self.predictions = PredictionDesk(self)
        self.player = ScenePlayer(playing, self)
        self.player.changed.connect(self._on_player)
        self.playground = PlaygroundDesk(None, playing, self)
        self.playground.store.changed.connect(self._on_hand)
        self._staged = self.playground.spec
        self.plans = PlanDesk(self, playing, storing or playing)

    def load(self) -> None:
        """Read the files, and put the first lesson on the stage, unless a plan is there already."""
        if self.plan.title:
            return
        lessons, self.problems = load_lessons(self._folder)
        self.show_plan(LessonPlan.lecture(lessons))

    def show_plan(self, plan: LessonPlan, place: int | None = None) -> None:
        """Show the scenes of ``plan``: that at the 0-based ``place``, else the one that is on the stage if it is there,
        else the first."""
        self.plan, self.lessons = plan, plan.lessons
        if place is None and any(each is self.lesson for each in plan.lessons):
            self.listed.emit()
            self.changed.emit()
            return
        self.lesson = self.scene = None
        self.player.clear()
        self.listed.emit()
        if plan.lessons:
            self.choose(plan.lessons[min(place or 0, len(plan.lessons) - 1)].number)
        else:
            self.changed.emit()

    # --- The plan -----------------------------------------------------------------------------------------------

    @property
    def plan_scene(self) -> PlanScene | None:
        """The plan's scene that was chosen."""
        place = self.plan.place_of(self.lesson.number) if self.lesson is not None else None
        return self.plan.scenes[place] if place is not None else None

    @property
    def is_as_planned(self) -> bool:
        """Whether what was measured is the scene as the plan has it, with its seed."""
        scene, conclusion = self.plan_scene, self.player.conclusion
        is_it = scene is not None and conclusion is not None and not conclusion.is_counter
        return is_it and not self.is_as_changed and scene is not None and self.seed == scene.seed

    @property
    def is_measured_as_shown(self) -> bool:
        """Whether what was measured is what is on the stage now."""
        return self.player.conclusion is not None and self.is_as_changed == self.is_changed

    @property
    def comparison(self) -> Comparison | None:
        """What was measured against the record of the plan; None where there is nothing to compare."""
        scene, conclusion = self.plan_scene, self.player.conclusion
        if scene is None or scene.record is None or conclusion is None or not self.is_as_planned:
            return None
        if self.plan.is_lecture or scene.record.picture is conclusion.picture is not None:
            return None  # it is the record itself
        if self._compared is None or self._compared[0] is not conclusion:
            self._compared = conclusion, compared(scene.record, conclusion)
        return self._compared[1]

    # --- Which scene --------------------------------------------------------------------------------------------

    def choose(self, number: int) -> bool:
        """Put the lesson with this number on the stage, with its seed and nothing measured. False if there is none."""
        lesson = next((each for each in self.lessons if each.number == number), None)
        if lesson is None:
            return False
        self.lesson = lesson
        scene = self.plan_scene
        self.seed = scene.seed if scene is not None else 0
        self.restart()
        return True

    def neighbour(self, by: int) -> Lesson | None:
        """The lesson ``by`` places after the chosen one; None beyond either end."""
        numbers = [each.number for each in self.lessons]
        place = numbers.index(self.lesson.number) + by if self.lesson is not None else 0
        return self.lessons[place] if 0 <= place < len(numbers) else None

    @Slot()
    def next(self) -> None:
        """The next scene; the last one stays."""
        self._go(1)

    @Slot()
    def previous(self) -> None:
        """The scene before; the first one stays."""
        self._go(-1)

    def _go(self, by: int) -> None:
        lesson = self.neighbour(by)
        if lesson is not None:
            self.choose(lesson.number)

    # --- Playing ------------------------------------------------------------------------------------------------

    @Slot()
    def play(self) -> None:
        """Let the scene roll from its start, and measure it: as its file has it, or with the values that were changed.

        It waits for predictions no longer.
        """
        if self.lesson is None:
            return
        self.predictions.reveal()
        self.is_as_changed = self.is_changed
        if not self.is_as_changed and self.scene is not self.lesson:  # its counter-example is on the stage
            self.restart()
        scene = self.plan_scene
        if scene is not None and scene.trouble:
            self.player.refuse(scene.trouble)
            return
        self._roll()
        self.player.play(self.shown(), self.seed)

    @Slot()
    def play_counter(self) -> None:
        """The same with its counter-example."""
        if self.lesson is not None and self.lesson.counter is not None:
            self.predictions.reveal()
            self._begin(self.lesson.countered())
            self._roll()
            self.player.play(self.lesson, self.seed, counter=True)

    @Slot()
    def other_seed(self) -> None:
        """Play the scene with the next seed."""
        self.seed += 1
        self.restart()
        self.play()

    @Slot()
    def skip_prediction(self) -> None:
        """Play the scene at once; what was predicted of it is forgotten."""
        self.predictions.clear()
        self.play()

    @Slot()
    def predict_again(self) -> None:
        """The scene as it began, which waits for predictions once more: votes and curve are as they were."""
        self.predictions.hold_again()
        self.restart()

    @Slot(bool)
    def set_predicting(self, on: bool) -> None:
        """Whether scenes wait for predictions before they are played. One that was played begins again to wait."""
        self.predictions.set_on(on)
        if self.predictions.is_holding and (self.player.is_playing or self.player.conclusion is not None):
            self.restart()

    @Slot()
    def restart(self) -> None:
        """The scene as its file has it; nothing is measured yet."""
        if self.lesson is not None:
            self._begin(self.lesson)

    @Slot()
    def cancel(self) -> None:
        """Give up the measurement."""
        self.player.cancel()

    @Slot()
    def play_or_pause(self) -> None:
        """Play the scene; if it has been played, pause the balls or let them roll on."""
        player = self.player
        if not player.is_playing and player.conclusion is None:
            self.play()
        elif self.scene is not None and self.scene.playground is not None:
            self.playground.cursor.play_or_pause()
        elif not player.is_playing:
            self.play()

    # --- The stage ----------------------------------------------------------------------------------------------

    @property
    def is_changed(self) -> bool:
        """Whether hands have changed what is on the stage."""
        settings = self.settings
        return self.playground.spec != self._staged or (settings is not None and settings.spec != self.scene)

    def shown(self) -> Lesson:
        """The lesson as it is on the stage now. Its start is where it lies for seed 0: ``stage`` moves it."""
        assert self.settings is not None, "no lesson was chosen"
        lesson = self.settings.spec
        if lesson.playground is None or self.playground.spec == self._staged:
            return lesson
        (x, y), (right, up) = self.playground.spec.start(), moved((1.0, 1.0), self.seed)
        here = self.playground.spec.edited("start_x", x / right).edited("start_y", y / up)
        return lesson.edited("playground", here)

    def set_shown(self, shown: bool) -> None:
        """The page is shown, or hidden: then a measurement is given up, and the balls rest."""
        if not shown:
            self.player.cancel()
        self.playground.set_shown(shown)

    def _begin(self, scene: Lesson) -> None:
        self.is_beginning = True
        self.player.clear()
        self.scene, self.is_as_changed = scene, False
        race = scene.stage(self.seed).playground
        self._staged = race or PlaygroundSpec()
        cursor = self.playground.cursor
        cursor.pause()
        cursor.go(0)
        cursor.set_speed(self._staged.updates / (_LENGTH * UPDATES_PER_SECOND))
        self.playground.store.begin_with(self._staged)
        self._keep_settings(scene)
        if self.lesson is not None:
            self.predictions.begin(self.lesson)
        self.is_beginning = False
        self.began.emit(scene)
        self.changed.emit()

    def _keep_settings(self, scene: Lesson) -> None:
        if self.settings is None:
            self.settings = SettingsStore(scene, self)
            self.settings.changed.connect(self._on_hand)
        self.settings.begin_with(scene)

    def _roll(self) -> None:
        if self.scene is not None and self.scene.playground is not None:
            self.playground.cursor.restart()
            self.playground.cursor.play()

    @Slot()
    def _on_player(self) -> None:
        if not self.is_beginning:
            if self.player.conclusion is not None:
                self.predictions.conclude(self.player.conclusion)
            self.changed.emit()

    @Slot(object)
    def _on_hand(self, _spec: object) -> None:
        if self.is_beginning:
            return
        if self.player.conclusion is not None and self.shown().quantity.follows_hands:
            self.is_as_changed = self.is_changed
            self.player.play(self.shown(), self.seed, keep=True)
        self.changed.emit()
