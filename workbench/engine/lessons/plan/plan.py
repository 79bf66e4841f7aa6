"""A lesson plan: scenes in an order, each with its seed and what was recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted
from workbench.engine.lessons.lesson import MOST, Lesson
from workbench.engine.lessons.plan.record import Record

LECTURE: Final = "The lecture"
#: Maximum number of characters of a title, and of the other texts of a scene.
MOST_TITLE, MOST_TEXT, MOST_NOTES = 200, 1_000, 20_000


@dataclass(frozen=True, slots=True)
class Need:
    """Data that a plan does not hold: the file or folder that the experiment's ``setting`` (``data.source.folder``)
    names.

    ``name`` is the last part of its path, ``mark`` says which data it is wherever it lies: see ``mark_of``, of a file
    of weights its SHA-256. ``place`` is where it was found on this computer; empty: it was not. It is never written
    into a file.
    """

    setting: str
    name: str
    mark: str = ""
    place: str = ""


@dataclass(frozen=True)
class PlanScene:
    """One scene of a plan. ``record`` is what was measured of it with ``seed``; None: nothing yet."""

    lesson: Lesson
    seed: int = 0
    needs: tuple[Need, ...] = ()
    record: Record | None = None

    @property
    def missing(self) -> tuple[Need, ...]:
        """What it needs and was not found."""
        return tuple(need for need in self.needs if not need.place)

    @property
    def trouble(self) -> str:
        """Why it cannot be played, as a sentence that says what to do; empty if it can."""
        if not self.missing:
            return ""
        named = " and ".join(f"“{need.name}”{f' (hash {need.mark})' if need.mark else ''}" for need in self.missing)
        words = f"This scene was made with {named}, which is not on this computer or was moved."
        return f"{words} Put a copy beside the plan's file, or say where it is: Plan ▸ Find data…"


@dataclass(frozen=True)
class LessonPlan:
    """``scenes`` have their numbers by their places, from 1; those of the lecture itself have their own numbers."""

    title: str
    scenes: tuple[PlanScene, ...] = ()
    note: str = ""
    is_lecture: bool = False

    @classmethod
    def lecture(cls, lessons: Sequence[Lesson]) -> LessonPlan:
        """The scenes of the program as one plan among others."""
        return cls(LECTURE, tuple(PlanScene(lesson) for lesson in lessons), is_lecture=True)

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """The lessons of the scenes."""
        return tuple(scene.lesson for scene in self.scenes)

    def place_of(self, number: int) -> int | None:
        """The 0-based place of the scene with this number; None if there is none."""
        numbers = [lesson.number for lesson in self.lessons]
        return numbers.index(number) if number in numbers else None

    # --- Changes: each gives another plan, which is no longer the lecture ---------------------------------------

    def arranged(self, scenes: Sequence[PlanScene]) -> LessonPlan:
        """The plan with these scenes, numbered by their places. Raises WorkbenchError if they are too many."""
        if len(scenes) > MOST:
            raise WorkbenchError(f"A plan has at most {counted(MOST, 'scene')}: remove one, or begin another plan.")
        title = f"{self.title} (own)" if self.is_lecture else self.title
        numbered = tuple(replace(scene, lesson=_numbered(scene.lesson, n)) for n, scene in enumerate(scenes, 1))
        return replace(self, title=title, scenes=numbered, is_lecture=False)

    def with_scenes(self, *scenes: PlanScene) -> LessonPlan:
        """``scenes`` are added at the end. Raises WorkbenchError if there are too many."""
        return self.arranged((*self.scenes, *scenes))

    def moved(self, place: int, to: int) -> LessonPlan:
        """The plan with the scene at the 0-based index ``place`` moved to the index ``to``."""
        scenes = list(self.scenes)
        scenes.insert(to, scenes.pop(place))
        return self.arranged(scenes) if to != place else self

    def without(self, place: int) -> LessonPlan:
        """The plan without the scene at the 0-based index ``place``."""
        return self.arranged([scene for at, scene in enumerate(self.scenes) if at != place])

    def with_scene(self, place: int, scene: PlanScene) -> LessonPlan:
        """``scene`` in the place of another."""
        return self.arranged([scene if at == place else each for at, each in enumerate(self.scenes)])

    def worded(self, place: int, title: str, question: str, notes: str) -> LessonPlan:
        """The scene at ``place`` with other words. Raises SpecError where they are empty."""
        scene = self.scenes[place]
        lesson = scene.lesson.edited("title", title[:MOST_TITLE]).edited("question", question[:MOST_TEXT])
        lesson = lesson.edited("notes", notes[:MOST_NOTES])
        return self.with_scene(place, replace(scene, lesson=lesson)) if lesson != scene.lesson else self

    def titled(self, title: str) -> LessonPlan:
        """The plan with another title; without one it keeps its own."""
        words = " ".join(title.split())[:MOST_TITLE]
        return replace(self.arranged(self.scenes), title=words) if words and words != self.title else self

    def recorded(self, place: int, record: Record) -> LessonPlan:
        """What was measured of the scene at ``place`` is kept with it; the plan stays the lecture if it is that."""
        scenes = tuple(replace(each, record=record) if at == place else each for at, each in enumerate(self.scenes))
        return replace(self, scenes=scenes)


def _numbered(lesson: Lesson, number: int) -> Lesson:
    claim = lesson.number if lesson.claim is None else lesson.claim
    return lesson if lesson.number == number and lesson.claim == claim else lesson.edited("number", number).edited(
        "claim", claim
    )  # fmt: skip


def is_same_scene(one: Lesson, other: Lesson) -> bool:
    """Whether two lessons differ in their numbers at most."""
    return one is other or one.model_copy(update={"number": other.number, "claim": other.claim}) == other
