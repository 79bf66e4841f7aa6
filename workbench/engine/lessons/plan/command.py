"""``python -m workbench.engine plan FILE``: plays every scene of a lesson plan and compares it with its record."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import counted, duration
from workbench.engine.lessons.command import Watch, as_object
from workbench.engine.lessons.lesson_file import load_lessons
from workbench.engine.lessons.plan.file import load, save
from workbench.engine.lessons.plan.handout import save_handout
from workbench.engine.lessons.plan.plan import LessonPlan, PlanScene
from workbench.engine.lessons.plan.record import Record
from workbench.engine.lessons.plan.replay import Played, played

#: The name of the program's own plan, where a file is asked for.
LECTURE: Final = "lecture"


def command(arguments: Sequence[str]) -> int:
    """Exit code 0: every scene holds and is as recorded; 1: one does not, or cannot be played; 2: the file is no plan.
    Raises WorkbenchError."""
    options = _parser().parse_args(arguments)
    try:
        plan = _plan(options.file, options.data)
    except SpecError as error:
        for problem in error.problems:
            mention(f"{options.file}: {problem}", sys.stderr)
        return 2
    numbers = options.scene or [scene.lesson.number for scene in plan.scenes if not options.handout or _is_new(scene)]
    unknown = [number for number in numbers if plan.place_of(number) is None]
    if unknown:
        raise WorkbenchError(f"The plan has no scene {unknown[0]}.")
    with redirect_stdout(sys.stderr) if options.json else nullcontext():
        all_played = list(_all(plan, numbers, options.json))
        plan = _with_records(plan, all_played, is_new=options.record is not None)
        if options.record is not None:
            save(plan.arranged(plan.scenes), options.record)
            mention(f"Plan with its records written to {options.record}.")
        if options.handout is not None:
            save_handout(plan, options.handout)
            mention(f"Handout written to {options.handout}.")
    if options.json:
        emit(json.dumps(_object(plan, all_played), indent=2, ensure_ascii=True))
    else:
        say(_summary(all_played))
    return 0 if all(each.holds for each in all_played) else 1


def _parser() -> argparse.ArgumentParser:
    about = (
        "Play every scene of a lesson plan without a window, and say whether its numbers hold and are those that were "
        "recorded: to the last bit, or the first step that differs."
    )
    parser = argparse.ArgumentParser("python -m workbench.engine plan", description=about)
    parser.add_argument("file", metavar="FILE", help=f"the file of the plan, or “{LECTURE}” for the program's own")
    which = "play these scenes only, by their numbers in the plan"
    parser.add_argument("--scene", type=int, nargs="+", metavar="N", help=which)
    where = "a folder with the data of own scenes; they are also looked for beside the plan"
    parser.add_argument("--data", type=Path, metavar="FOLDER", help=where)
    parser.add_argument(
        "--record", type=Path, metavar="OUT", help="write the plan with what was measured now as record"
    )
    page = (
        "write a page for the class: pictures, numbers, questions, room for notes; scenes with a record are not played"
    )
    parser.add_argument("--handout", type=Path, metavar="OUT.html", help=page)
    parser.add_argument("--json", action="store_true", help="print one JSON object, and all else to stderr")
    return parser


def _plan(file: str, data: Path | None) -> LessonPlan:
    if file != LECTURE or Path(file).exists():
        return load(Path(file), data)
    lessons, problems = load_lessons()
    for problem in problems:
        mention(str(problem), sys.stderr)
    return LessonPlan.lecture(lessons)


def _is_new(scene: PlanScene) -> bool:
    return scene.record is None


def _all(plan: LessonPlan, numbers: Sequence[int], quiet: bool) -> Iterator[Played]:
    for number in numbers:
        place = plan.place_of(number)
        assert place is not None, "unknown ones were refused"
        found = played(plan.scenes[place], None if quiet else Watch())
        for line in _lines(found):
            say(line)
        yield found


def _lines(found: Played) -> Iterator[str]:
    lesson = found.scene.lesson
    if found.conclusion is None:
        yield f"{lesson.number:>2}  not played  {lesson.title}"
        yield f"    {found.trouble}"
        return
    verdict = "holds         " if found.conclusion.holds else "does not hold "
    yield f"{lesson.number:>2}  {verdict} {duration(found.seconds)}  {lesson.title}"
    yield from (f"    {finding.text}" for finding in (found.conclusion.main, *found.conclusion.also))
    yield f"    {found.comparison.words if found.comparison is not None else 'Nothing was recorded of it.'}"


def _summary(every: Sequence[Played]) -> str:
    hold = sum(each.conclusion is not None and each.conclusion.holds for each in every)
    same = [each.comparison.same for each in every if each.comparison is not None]
    words = f"{counted(len(every), 'scene')}: {hold} hold"
    recorded = f", {sum(same)} of {len(same)} recorded are the same to the last bit" if same else ""
    missing = sum(each.conclusion is None for each in every)
    return f"{words}{recorded}{f', {missing} were not played' if missing else ''}. {duration(_seconds(every))}."


def _seconds(every: Sequence[Played]) -> float:
    return sum(each.seconds for each in every)


def _with_records(plan: LessonPlan, every: Sequence[Played], is_new: bool) -> LessonPlan:
    """The plan with what was measured now: of scenes without a record, with ``is_new`` of all."""
    for each in every:
        place = plan.place_of(each.scene.lesson.number)
        if each.conclusion is not None and place is not None and (is_new or each.scene.record is None):
            plan = plan.recorded(place, Record.of(each.conclusion))
    return plan


def _object(plan: LessonPlan, every: Sequence[Played]) -> dict[str, Any]:
    return {
        "title": plan.title,
        "holds": all(each.holds for each in every),
        "seconds": round(_seconds(every), 2),
        "scenes": [_scene_object(each) for each in every],
    }


def _scene_object(found: Played) -> dict[str, Any]:
    lesson, comparison = found.scene.lesson, found.comparison
    head = {"number": lesson.number, "title": lesson.title, "own": lesson.is_own, "seconds": round(found.seconds, 2)}
    if found.conclusion is None:
        return {**head, "played": False, "trouble": found.trouble}
    recorded = None if comparison is None else {
        "same": comparison.same,
        "first_step": comparison.step,
        "run": comparison.run or None,
        "words": comparison.words,
    }  # fmt: skip
    return {**head, "played": True, **as_object(lesson, found.conclusion), "recorded": recorded}
