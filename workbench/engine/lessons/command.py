"""``python -m workbench.engine scene``: plays a lesson without a window and says whether its claim holds."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import aligned, number_text
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.lesson_file import FOLDER, load_lessons
from workbench.engine.lessons.picture import Frame
from workbench.engine.lessons.play import Conclusion, Finding, play


def command(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Play a lesson, or list them. Exit code 1 if the claim does not hold. Raises WorkbenchError for an unknown one."""
    options = _parser().parse_args(arguments)
    lessons, problems = load_lessons(folder)
    for problem in problems:
        mention(str(problem), sys.stderr)
    if options.number is None:
        say("\n".join(_list(lessons)))
        return 0
    lesson = _lesson(lessons, options.number)
    conclusion = finished(play(lesson, options.seed, options.counter), None if options.json else Watch())
    if options.json:
        emit(json.dumps(as_object(lesson, conclusion), indent=2, ensure_ascii=True))
    else:
        say("\n".join(_lines(lesson, conclusion)))
    return 0 if conclusion.holds else 1


def _parser() -> argparse.ArgumentParser:
    about = "Play a scene of the lecture without a window: measure its number and say whether the claim holds."
    parser = argparse.ArgumentParser("python -m workbench.engine scene", description=about)
    which = "its number: 1 to 28 are the claims, 29 and up beyond the lecture; without it all are listed"
    parser.add_argument("number", nargs="?", type=int, metavar="N", help=which)
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="another seed (default %(default)s)")
    parser.add_argument("--counter", action="store_true", help="play the counter-example, whose number must not hold")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


def _list(lessons: Sequence[Lesson]) -> Iterator[str]:
    yield from aligned([(str(lesson.number), _marked(lesson)) for lesson in lessons])


def _marked(lesson: Lesson) -> str:
    return f"{lesson.title} (beyond the lecture)" if lesson.is_beyond_the_lecture else lesson.title


def _lesson(lessons: Sequence[Lesson], number: int) -> Lesson:
    for lesson in lessons:
        if lesson.number == number:
            return lesson
    known = ", ".join(str(lesson.number) for lesson in lessons) or "none"
    raise WorkbenchError(f"There is no scene {number_text(number)}; there are: {known}.")


class Watch:
    """Says on a terminal what is being measured, each thing once."""

    def __init__(self) -> None:
        self._told = ""

    def __call__(self, frame: Frame) -> None:
        if sys.stderr.isatty() and frame.words != self._told:
            self._told = frame.words
            mention(frame.words, sys.stderr)


def _lines(lesson: Lesson, conclusion: Conclusion) -> Iterator[str]:
    yield f"claim     {lesson.number}: {_marked(lesson)}"
    if conclusion.is_counter and lesson.counter is not None:
        yield f"counter   {lesson.counter.words}"
    yield f"measured  {conclusion.main.number}"
    yield f"band      {conclusion.band.text}"
    yield f"holds     {'yes' if conclusion.holds else 'no'}"
    yield from (finding.text for finding in (conclusion.main, *conclusion.also))
    table = conclusion.picture.table if conclusion.picture else None
    if table is not None:
        yield from aligned([table.head, *table.rows])


def as_object(lesson: Lesson, conclusion: Conclusion) -> dict[str, Any]:
    """The conclusion for programs: numbers as numbers, and the texts that the window shows."""
    return {
        "claim": lesson.number,
        "title": lesson.title,
        "beyond_the_lecture": lesson.is_beyond_the_lecture,
        "seed": conclusion.seed,
        "counter": conclusion.is_counter,
        **_finding(conclusion.main),
        "holds": conclusion.holds,
        "also": [_finding(finding) for finding in conclusion.also],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "measured": finding.measured if math.isfinite(finding.measured) else None,
        "number": finding.number,
        "band": [finding.band.low, finding.band.high],
        "holds": finding.holds,
        "text": finding.text,
    }
