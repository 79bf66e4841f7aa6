"""Plans as files: one JSON text with the scenes, their settings, edits and seeds, and what was recorded of them.

A file holds no path of the computer that wrote it and nothing that is run. It is bounded before it is parsed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.core.text import quoted, size_text
from workbench.engine.core.toml_table import wrong_version
from workbench.engine.lessons.lesson_file import files_of, lesson_of
from workbench.engine.lessons.plan.needs import found, known_places, named, parted
from workbench.engine.lessons.plan.plan import LessonPlan, PlanScene
from workbench.engine.lessons.plan.schema import NeedTable, PlanTable, RecordTable, SceneTable
from workbench.engine.spec.editable import checked, plain

#: Maximum size of a plan's file in bytes.
MAX_BYTES: Final = 16_000_000
#: Maximum nesting depth of tables, and their maximum number.
_MOST_DEPTH: Final = 64
_MOST_TABLES: Final = 200_000
SUFFIX: Final = ".plan"
_WHAT: Final = "lesson plan"
_MARK: Final = b'"lesson plan"'


def is_plan(path: Path) -> bool:
    """Whether a file begins as a plan does; it may be damaged all the same."""
    try:
        with path.open("rb") as file:
            head = file.read(200)
    except OSError:
        return False
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _MARK in head


def dumps(plan: LessonPlan) -> bytes:
    """The plan as the bytes of a file. Raises WorkbenchError if it is larger than a plan may be, or names files that
    cannot be read."""
    table = PlanTable(
        format="lesson plan",
        version=PlanTable.version_read,
        title=plan.title,
        note=plan.note,
        scenes=tuple(_scene_table(scene) for scene in plan.scenes),
    )
    data = json.dumps(table.model_dump(mode="json"), indent=1, ensure_ascii=False, allow_nan=False).encode()
    if len(data) > MAX_BYTES:
        words = f"The plan has {size_text(len(data))}; a plan has at most {size_text(MAX_BYTES)}."
        raise WorkbenchError(f"{words} Remove a scene of a long run.")
    return data


def save(plan: LessonPlan, path: Path) -> None:
    """Write a plan completely or not at all. Raises WorkbenchError with the reason."""
    write_whole(path, dumps(plan))


def _scene_table(scene: PlanScene) -> SceneTable:
    lesson, needs = (named(scene.lesson, scene.needs), scene.needs) if scene.needs else parted(scene.lesson)
    return SceneTable(
        lesson=_without_none(plain(lesson)),
        seed=scene.seed,
        needs=tuple(NeedTable(setting=need.setting, name=need.name, mark=need.mark) for need in needs),
        record=RecordTable.of(scene.record) if scene.record is not None else None,
    )


def _without_none(value: Any) -> Any:
    """Plain data as a file has it: settings that are off are left out, as in TOML."""
    if isinstance(value, dict):
        return {name: _without_none(child) for name, child in value.items() if child is not None}
    return [_without_none(child) for child in value] if isinstance(value, (list, tuple)) else value


# --- Reading ----------------------------------------------------------------------------------------------------------


def load(path: Path, beside: Path | None = None) -> LessonPlan:
    """Read a plan; what its scenes need is looked for beside it, in the folder ``beside``, and where it is known to be.

    Raises WorkbenchError if it cannot be read, SpecError with every problem.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.") from None
    return loads(data, path.absolute().parent, beside)


def loads(data: bytes, folder: Path, beside: Path | None = None) -> LessonPlan:
    """The plan in the bytes of a file of ``folder``. Raises SpecError; nothing is taken in part."""
    table = _table(data)
    wrong = wrong_version(table.get("version"), PlanTable.version_read, _WHAT)
    if wrong is not None:
        raise SpecError([wrong])
    read = checked(lambda: PlanTable.model_validate(table))
    known = known_places() if any(scene.needs for scene in read.scenes) else {}
    scenes, problems = list[PlanScene](), list[Problem]()
    for number, each in enumerate(read.scenes, 1):
        try:
            scene = _scene(each, folder)
            scene = found(scene, folder, known)
            scenes.append(found(scene, beside, known) if beside is not None and scene.missing else scene)
        except SpecError as error:
            problems += [Problem(f"scene {number}: {p.path}".rstrip(": "), p.message) for p in error.problems]
        except ValueError as error:
            problems.append(Problem(f"scene {number}", f"its record is damaged: {error}"))
    if problems:
        raise SpecError(problems)
    return LessonPlan(read.title, note=read.note).arranged(scenes)


def _scene(table: SceneTable, folder: Path) -> PlanScene:
    needs = tuple(each.need() for each in table.needs)
    lesson = lesson_of(table.lesson, folder, [need.setting for need in needs])
    spec = lesson.experiment
    settings = dict(files_of(spec)) if spec is not None else {}
    for need in needs:
        if need.setting not in settings:
            raise SpecError(
                [Problem("needs", f"names {quoted(need.setting)}, which is no file or folder of this scene")]
            )
    record = table.record.record() if table.record is not None else None
    if record is not None and len(record.numbers) != 1 + len(lesson.also):
        raise SpecError([Problem("record", "has another number of measured numbers than the scene")])
    return PlanScene(named(lesson, needs), table.seed, needs, record)


def _table(data: bytes) -> dict[str, Any]:
    """The JSON table that ``data`` is. Raises SpecError with a sentence."""
    if len(data) > MAX_BYTES:
        raise _refused(f"This file is larger than {size_text(MAX_BYTES)}; no {_WHAT} is that large")
    if data[:4] == b"PK\x03\x04":
        raise _refused(f"This is an archive; a {_WHAT} is not packed")
    try:
        text = data.decode("utf-8-sig")
        if text.count("[") + text.count("{") > _MOST_TABLES:
            raise ValueError("it has too many tables")
        table = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        _refuse_depth(table)
    except UnicodeDecodeError:
        raise _refused(f"This is not a {_WHAT}: it is not a text file in UTF-8") from None
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string")
        words = (
            "it ends too early, so that it was cut off or not copied whole"
            if is_cut
            else f"{error.msg} in line {error.lineno}"
        )
        raise _refused(f"This is not a readable {_WHAT}: {words}") from None
    except (ValueError, RecursionError) as error:
        raise _refused(f"This is not a readable {_WHAT}: {error}") from None
    if not isinstance(table, dict) or table.get("format") != "lesson plan":
        raise _refused(f"This is not a {_WHAT}")
    return table


def _refused(words: str) -> SpecError:
    return SpecError([Problem("", f"{words}.")])


def _refuse_depth(table: Any) -> None:
    """Raise ValueError for tables and lists too deep in one another: what walks through them later would not end."""
    level, depth = [table], 0
    while level:
        if depth > _MOST_DEPTH:
            raise ValueError("it is nested too deeply")
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [child for children in inner for child in children if isinstance(child, (dict, list))]
        depth += 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{quoted(double)} is there twice")
    return table


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not a number of JSON")
