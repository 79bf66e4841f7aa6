"""Reading lessons from their folder: a file that cannot be used is said, and the others are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel

from workbench.engine.catalog.path_settings import resolved, typed_path
from workbench.engine.catalog.settings import settings_of
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.core.text import counted, quoted
from workbench.engine.core.toml_table import read_text, table_of, wrong_version
from workbench.engine.lessons.lesson import Lesson, run_specs
from workbench.engine.lessons.quantities import Quantity
from workbench.engine.spec.editable import checked
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import with_paths_from

FOLDER: Final = Path(__file__).parents[3] / "resources" / "lessons"
_WHAT: Final = "lesson"
#: The sections of an experiment that may name files.
_WITH_FILES: Final = ("data.source", "model")


@dataclass(frozen=True, slots=True)
class LessonProblem:
    """Why a file of the folder is no lesson: a sentence about the field at ``path`` (empty for the whole file)."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        field = f"{self.path}: " if self.path else ""
        return f"{self.file}: {field}{self.message}"


def load_lessons(folder: Path = FOLDER) -> tuple[tuple[Lesson, ...], tuple[LessonProblem, ...]]:
    """The lessons of ``folder`` by number, and what is wrong with its other files. A missing folder has none.

    Of two lessons with one number the first by file name is there.
    """
    lessons: dict[int, Lesson] = {}
    problems: list[LessonProblem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            lesson = read_lesson(path)
        except SpecError as error:
            problems += [LessonProblem(path.name, p.path, p.message) for p in error.problems]
            continue
        except WorkbenchError as error:
            problems.append(LessonProblem(path.name, "", error.message))
            continue
        if lessons.setdefault(lesson.number, lesson) is not lesson:
            words = f"another file of the folder has the lesson {quoted(lesson.number)}"
            problems.append(LessonProblem(path.name, "number", words))
    return tuple(lessons[number] for number in sorted(lessons)), tuple(problems)


def read_lesson(path: Path) -> Lesson:
    """The lesson in a file. Raises WorkbenchError if it cannot be read, SpecError with every problem."""
    table = table_of(read_text(path, _WHAT), _WHAT)
    wrong = wrong_version(table.pop("version", 1), Lesson.version, _WHAT)
    if wrong is not None:
        raise SpecError([wrong])
    if "claim" in table:
        raise SpecError([Problem("claim", "is not a known setting")])
    if "counter" not in table:
        raise SpecError([Problem("counter", "is missing")])
    return lesson_of(table, path.parent)


def lesson_of(table: Mapping[str, Any], folder: Path, missing: Collection[str] = ()) -> Lesson:
    """The lesson in a table, whose relative paths are in ``folder``. Raises SpecError with every problem.

    At the paths ``missing`` of the experiment are names of files that may not be there.
    """
    lesson = checked(lambda: Lesson.model_validate(table))
    outside = tuple(_problems_of_files(lesson.experiment, folder))
    if outside:
        raise SpecError(outside)
    if lesson.experiment is not None:
        lesson = lesson.edited("experiment", with_paths_from(folder.absolute(), lesson.experiment))
    problems = tuple(p for p in _problems(lesson, folder) if not any(each in str(p) for each in missing))
    if problems:
        raise SpecError(problems)
    return lesson


def _problems(lesson: Lesson, folder: Path) -> Iterator[Problem]:
    """What is wrong with a lesson whose every field is right by itself."""
    yield from _problems_of_stage(lesson)
    yield from _problems_of_runs(lesson, folder)
    yield from _problems_of_quantity(lesson, lesson.quantity, "quantity")
    for index, path in enumerate(lesson.controls):
        if not is_setting(lesson, path):
            yield Problem(f"controls.{index}", f"names {quoted(path)}, which is not a known setting")
    for index, also in enumerate(lesson.also):
        yield from _problems_of_edits(lesson, also.edits, f"also.{index}.edits", folder)
        yield from _problems_of_quantity(lesson, also.quantity, f"also.{index}.quantity")
    for problem in lesson.predict.problems(lesson.band) if lesson.predict is not None else ():
        yield Problem(f"predict.{problem.path}".rstrip("."), problem.message)
    if lesson.counter is None:
        return
    if not lesson.counter.edits:
        yield Problem("counter.edits", "changes nothing; the counter-example needs at least one other setting")
    yield from _problems_of_edits(lesson, lesson.counter.edits, "counter.edits", folder)


def _problems_of_stage(lesson: Lesson) -> Iterator[Problem]:
    if lesson.playground is not None:
        yield from (Problem(f"playground.{p.path}", p.message) for p in lesson.playground.problems())
    if lesson.experiment is not None:
        found = (p for p in lesson.experiment.problems() if p.severity == "error")
        yield from (Problem(f"experiment.{p.path}", p.message) for p in found)
    elif lesson.runs:
        yield Problem("runs", "change a table [experiment], and the lesson has none")


def _problems_of_runs(lesson: Lesson, folder: Path) -> Iterator[Problem]:
    """Runs whose edits cannot be made, or which could not be trained."""
    for index, run in enumerate(lesson.runs if lesson.experiment is not None else ()):
        place = f"runs.{index}.edits"
        try:
            (named,) = run_specs(cast(ExperimentSpec, lesson.experiment), (run,))
        except SpecError as error:
            yield from (Problem(place, str(problem)) for problem in error.problems)
            continue
        yield from (Problem(place, str(p)) for p in named.spec.problems() if p.severity == "error")
        outside = _problems_of_files(named.spec, folder)
        yield from (Problem(place, f"{p.path.removeprefix('experiment.')}: {p.message}") for p in outside)


def _problems_of_quantity(lesson: Lesson, quantity: Quantity, path: str) -> Iterator[Problem]:
    needs = quantity.needs
    if needs != "curves" and getattr(lesson, needs) is None:
        yield Problem(path, f"{quantity.title} is measured on a table [{needs}], and the lesson has none")
    elif needs == "playground" and lesson.playground and len(lesson.playground.racers) < quantity.racers:
        yield Problem(path, f"{quantity.title} compares {quoted(quantity.racers)} optimizers of the playground")
    elif needs == "experiment" and max(1, len(lesson.runs)) < quantity.needed_runs:
        yield Problem(path, f"{quantity.title} needs {counted(quantity.needed_runs, 'run')}, and the lesson has fewer")


def _problems_of_edits(lesson: Lesson, edits: dict[str, Any], path: str, folder: Path) -> Iterator[Problem]:
    """Edits that cannot be made, or after which the stage cannot be played."""
    try:
        changed = lesson.changed(edits)
    except SpecError as error:
        yield from (Problem(path, str(problem)) for problem in error.problems)
        return
    found = (
        *_problems_of_stage(changed),
        *_problems_of_files(changed.experiment, folder),
        *_problems_of_runs(changed, folder),
    )
    yield from (Problem(path, str(problem)) for problem in found)
    if edits and changed == lesson:
        yield Problem(path, "changes nothing: the settings have these values already")


def is_setting(lesson: Lesson, path: str) -> bool:
    """Whether a setting with a declaration, or an item of a list of them, is at ``path`` of the lesson."""
    try:
        value = lesson.at(path)
        if path.rpartition(".")[2].isdecimal():
            return isinstance(value, BaseModel)
        lesson.knob_at(path)
    except (KeyError, TypeError):
        return False
    return True


def files_of(spec: ExperimentSpec) -> Iterator[tuple[str, str]]:
    """The paths of the settings of ``spec`` that name files or folders, and their texts."""
    for owner in _WITH_FILES:
        part = spec.at(owner)
        for setting in settings_of(type(part)):
            if setting.knob.role in ("file", "folder") and getattr(part, setting.name):
                yield f"{owner}.{setting.name}", getattr(part, setting.name)


def _problems_of_files(spec: ExperimentSpec | None, folder: Path) -> Iterator[Problem]:
    """Files outside ``folder``. A mere word that is no file of it may be a name that the program knows."""
    if spec is None:
        return
    placed = dict(files_of(with_paths_from(folder.absolute(), spec)))
    for path, text in files_of(spec):
        if text == placed[path] and len(Path(typed_path(text)).parts) == 1:
            continue
        try:
            is_inside = resolved(placed[path]).is_relative_to(resolved(str(folder)))
        except WorkbenchError as error:
            yield Problem(f"experiment.{path}", error.message)
            continue
        if not is_inside:
            yield Problem(f"experiment.{path}", f"names {quoted(text)}, which is outside the folder of the lessons")
