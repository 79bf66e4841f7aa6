"""Playing the scenes of a plan: one with its comparison, or all that have no record yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading, finished
from workbench.engine.lessons.picture import Frame
from workbench.engine.lessons.plan.plan import LessonPlan, PlanScene
from workbench.engine.lessons.plan.record import Comparison, Record, compared
from workbench.engine.lessons.play import Conclusion, play


@dataclass(frozen=True)
class Played:
    """One scene that was played: what was measured, how it compares with the record; or ``trouble`` why it was not."""

    scene: PlanScene
    conclusion: Conclusion | None
    comparison: Comparison | None
    trouble: str = ""
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether its numbers are in their bands, and are those of the record where there is one."""
        is_same = self.comparison is None or self.comparison.same
        return self.conclusion is not None and self.conclusion.holds and is_same


def played(scene: PlanScene, watch: Callable[[Frame], object] | None = None) -> Played:
    """Play one scene with its seed. ``watch`` gets the frames; what it raises is passed on."""
    if scene.trouble:
        return Played(scene, None, None, scene.trouble)
    began = time.monotonic()
    try:
        conclusion = finished(play(scene.lesson, scene.seed), watch)
    except WorkbenchError as error:
        return Played(scene, None, None, error.message, time.monotonic() - began)
    comparison = compared(scene.record, conclusion) if scene.record is not None else None
    return Played(scene, conclusion, comparison, "", time.monotonic() - began)


def recorded_all(plan: LessonPlan) -> Job[tuple[tuple[int, Record], ...]]:
    """Play every scene that has no record, and give the records with the 0-based places; what cannot be played is left
    out."""
    places = [place for place, scene in enumerate(plan.scenes) if scene.record is None and not scene.trouble]
    found: list[tuple[int, Record]] = []
    for done, place in enumerate(places):
        record = yield from _recorded(plan.scenes[place], done, len(places))
        if record is not None:
            found.append((place, record))
    return tuple(found)


def _recorded(scene: PlanScene, done: int, total: int) -> Generator[Loading, None, Record | None]:
    """The record of a scene; None if it cannot be played."""
    playing = play(scene.lesson, scene.seed)
    try:
        while True:
            try:
                frame = next(playing)
            except StopIteration as end:
                return Record.of(end.value)
            except WorkbenchError:
                return None
            share = frame.done / frame.total if frame.total else 0.0
            yield Loading(round(100 * (done + share)), 100 * total, f"Scene {scene.lesson.number}: {frame.words}")
    finally:
        playing.close()
