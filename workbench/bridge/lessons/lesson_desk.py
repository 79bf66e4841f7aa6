"""The desk of the lessons: which scene is on the stage, with its own playground, and what was measured of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.lessons.scene_player import ScenePlayer
from workbench.bridge.playground.cursor import UPDATES_PER_SECOND
from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.settings_store import SettingsStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.lesson_file import FOLDER, LessonProblem, load_lessons
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

    def __init__(self, playing: Tasks, parent: QObject | None = None, folder: Path = FOLDER) -> None:
        super().__init__(parent)
        self._folder = folder
        self.lessons: tuple[Lesson, ...] = ()
        self.problems: tuple[LessonProblem, ...] = ()
        self.lesson: Lesson | None = None
        self.scene: Lesson | None = None
        self.settings: SettingsStore[Lesson] | None = None
        self.seed = 0
        self.is_as_changed = False
        self.is_beginning = False  #: a scene is put on the stage: its parts do not belong together yet
        self.player = ScenePlayer(playing, self)
        self.player.changed.connect(self._on_player)
        self.playground = PlaygroundDesk(None, playing, self)
        self.playground.store.changed.connect(self._on_hand)
        self._staged = self.playground.spec

    def load(self) -> None:
        """Read the files, and put the first lesson on the stage."""
        self.lessons, self.problems = load_lessons(self._folder)
        if self.lessons:
            self.choose(self.lessons[0].number)

    # --- Which scene --------------------------------------------------------------------------------------------

    def choose(self, number: int) -> bool:
        """Put the lesson with this number on the stage, with seed 0 and nothing measured. False if there is none."""
        lesson = next((each for each in self.lessons if each.number == number), None)
        if lesson is None:
            return False
        self.lesson, self.seed = lesson, 0
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
        """Let the scene roll from its start, and measure it: as its file has it, or as hands have changed it."""
        if self.lesson is None:
            return
        self.is_as_changed = self.is_changed
        if not self.is_as_changed and self.scene is not self.lesson:  # its counter-example is on the stage
            self.restart()
        self._roll()
        self.player.play(self.shown(), self.seed)

    @Slot()
    def play_counter(self) -> None:
        """The same with its counter-example."""
        if self.lesson is not None and self.lesson.counter is not None:
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
            self.changed.emit()

    @Slot(object)
    def _on_hand(self, _spec: object) -> None:
        if self.is_beginning:
            return
        if self.player.conclusion is not None and self.shown().quantity.follows_hands:
            self.is_as_changed = self.is_changed
            self.player.play(self.shown(), self.seed, keep=True)
        self.changed.emit()
