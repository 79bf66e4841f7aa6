"""The data that a scene needs and a plan does not hold: recognised by a hash, found on this computer, or named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import Final

from workbench.engine.catalog.path_settings import resolved, typed_path
from workbench.engine.core.app_folders import home
from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.lesson_file import files_of
from workbench.engine.lessons.plan.plan import Need, PlanScene

#: Maximum number of remembered places.
_MOST: Final = 200
#: Maximum size of a list of places in bytes.
_MOST_BYTES: Final = 1 << 20
_DATA: Final = "data.source."


def name_of(text: str) -> str:
    """The last part of a path that was typed; of Windows too."""
    return PureWindowsPath(typed_path(text)).name


def is_plain_name(name: str) -> bool:
    """Whether ``name`` is a name and no path."""
    return bool(name) and name not in (".", "..") and not set(name) & set("/\\:\0~") and len(name) <= 255


def parted(lesson: Lesson, data_mark: str = "") -> tuple[Lesson, tuple[Need, ...]]:
    """``lesson`` with only the names of the files and folders of its experiment, and what it needs.

    ``data_mark`` is that of its data. Raises WorkbenchError for a file that cannot be read, or is named by a run of it.
    """
    spec = lesson.experiment
    if spec is None:
        return lesson, ()
    needs: list[Need] = []
    for setting, text in files_of(spec):
        if not _is_path(text):
            continue  # a name that the program knows
        place = resolved(text)
        needs.append(Need(setting, place.name, data_mark if setting.startswith(_DATA) else hash_of(place), str(place)))
    for run in lesson.runs:
        if any(_is_path(text) for path in run.edits for text in _texts(run.edits[path])):
            raise WorkbenchError(
                f"“{run.name}” names a file of its own; in a plan all runs of a scene share their data."
            )
    return named(lesson, needs), tuple(needs)


def named(lesson: Lesson, needs: Sequence[Need]) -> Lesson:
    """``lesson`` with the names instead of the places."""
    for need in needs:
        lesson = lesson.edited(f"experiment.{need.setting}", need.name)
    return lesson


def placed(lesson: Lesson, needs: Sequence[Need]) -> Lesson:
    """``lesson`` with the places that were found."""
    for need in needs:
        if need.place:
            lesson = lesson.edited(f"experiment.{need.setting}", need.place)
    return lesson


def found(scene: PlanScene, beside: Path | None, known: Mapping[str, str]) -> PlanScene:
    """``scene`` with the places of what it needs: those ``known`` by their marks, or in the folder ``beside``."""

    def place_of(need: Need) -> str:
        candidates = [known.get(need.mark, "") if need.mark else "", str(beside / need.name) if beside else ""]
        return next((each for each in candidates if each and Path(each).exists()), "")

    return with_places(scene, place_of)


def with_places(scene: PlanScene, place_of: Callable[[Need], str]) -> PlanScene:
    """``scene`` with what it needs at the places that ``place_of`` says; empty: not found."""
    needs = tuple(replace(need, place=place_of(need)) for need in scene.needs)
    return replace(scene, needs=needs, lesson=placed(named(scene.lesson, needs), needs)) if needs else scene


def hash_of(path: Path) -> str:
    """The SHA-256 of a file. Raises WorkbenchError."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                found.update(chunk)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.") from None
    return found.hexdigest()


def _is_path(text: str) -> bool:
    typed = typed_path(text)
    return len(Path(typed).parts) > 1 or bool(Path(typed).suffix) or Path(typed).is_absolute()


def _texts(value: object) -> Sequence[str]:
    if isinstance(value, str):
        return (value,) if "/" in value or "\\" in value else ()
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, (list, tuple)) else ()


# --- Where data lie on this computer ----------------------------------------------------------------------------------


def places_file() -> Path:
    """The file of the known places."""
    return home() / "data-places.json"


def known_places() -> dict[str, str]:
    """Where data lie on this computer, by their marks; what cannot be read is not known."""
    try:
        with places_file().open("rb") as file:
            table = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    known = table.items() if isinstance(table, dict) else ()
    return {mark: place for mark, place in known if isinstance(mark, str) and isinstance(place, str)}


def remember(needs: Sequence[Need]) -> None:
    """Remember where these lie. Raises WorkbenchError if that cannot be written."""
    new = {need.mark: need.place for need in needs if need.mark and need.place}
    if not new:
        return
    known = {**{mark: place for mark, place in known_places().items() if mark not in new}, **new}
    places_file().parent.mkdir(parents=True, exist_ok=True)
    write_whole(places_file(), json.dumps(dict(list(known.items())[-_MOST:]), indent=1).encode())
