"""Which runs can go on, found without loading torch; and the settings of a run that is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from workbench.engine.catalog.settings import settings_of
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import Edited, RunEnded, RunStarted
from workbench.engine.core.text import grouped
from workbench.engine.run_store.checkpoints import FOLDER, NAMES, NEXT
from workbench.engine.run_store.log_cut import read_lines
from workbench.engine.run_store.manifest import steps_of
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec, plain, spec_from_plain
from workbench.engine.spec.toml import load

NOTHING_KEPT: Final = "No state of it was kept to go on from; its settings can be trained again."
#: The end of a log that is searched for its last event (bytes).
_END: Final = 1 << 16


def run_named(name: str, parent: Path | None = None) -> Path:
    """The folder of the run ``name``: a path, or a name below the folder of runs. Raises WorkbenchError."""
    below = (parent or runs_folder()) / name
    for path in (Path(name).expanduser(), below):
        if (path / "spec.toml").is_file() or (path / "events.jsonl").is_file():
            return path
    raise WorkbenchError(f"There is no run {name}: neither this path nor {below} holds one.")


def resumable(folder: Path) -> int | str:
    """After how many steps the run in ``folder`` goes on, or a sentence why it cannot.

    A hint for lists: files are not read whole; a damaged one is passed over when the run goes on.
    """
    if not any((folder / name).is_file() for name in ("spec.toml", "events.jsonl")):
        return f"{folder} holds no run."
    if is_member(folder):
        return f"It is one of several networks that are trained together: {folder.parent.name} goes on as a whole."
    if has_ended(folder):
        words = f"The run has ended: {str(last_event(folder).get('message', '')).rstrip('.')}."
        return f"{words} {'More epochs extend it.' if has_state(folder) else NOTHING_KEPT}"
    there = [name for name in NAMES if name != NEXT and (folder / FOLDER / name).is_file()]
    if there:
        steps = steps_of(folder)
        return next((steps[name] for name in there if name in steps), steps_on_disk(folder))
    if (folder / FOLDER / NEXT).is_file():
        return steps_on_disk(folder)
    if last_event(folder).get("event") == "RunEnded":
        return NOTHING_KEPT
    started = started_as(folder)
    if started is not None and started.parent:
        return f"No state of it was kept; fork {started.parent} again."
    return 0


def how_it_goes_on(goes_on: int | str, name: str = "It") -> str:
    """A sentence for what ``resumable`` has found of the run ``name``; where it cannot go on, it is trained anew."""
    if isinstance(goes_on, str):
        return f"{name} begins anew. {goes_on}"
    return f"{name} goes on from step {grouped(goes_on)}." if goes_on else f"{name} begins again at step 0."


def has_state(folder: Path) -> bool:
    """Whether a state of the run in ``folder`` is there."""
    return any((folder / FOLDER / name).is_file() for name in NAMES)


def is_member(folder: Path) -> bool:
    """Whether it is the folder of one of several networks that are trained together."""
    return folder.name.startswith("member-") and (folder.parent / "spec.toml").is_file()


def has_ended(folder: Path) -> bool:
    """Whether the run in ``folder`` is complete."""
    last = last_event(folder)
    return last.get("event") == "RunEnded" and last.get("reason") == "completed"


def last_event(folder: Path) -> dict[str, Any]:
    """The last whole line of the log as plain data; empty without one."""
    try:
        with (folder / "events.jsonl").open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _END))
            lines = file.read().split(b"\n")[:-1]
        said = json.loads(lines[-1]) if lines else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def end_of(folder: Path) -> RunEnded | None:
    """How the run in ``folder`` has completed or failed; None if its log does not say it, or it was stopped."""
    line = last_event(folder)
    if line.get("event") != "RunEnded" or line.get("reason") == "stopped":
        return None
    return RunEnded(**{name: line[name] for name in line if name in RunEnded.__dataclass_fields__})


def started_as(folder: Path) -> RunStarted | None:
    """How the run in ``folder`` began; None if its log does not say it. Raises WorkbenchError."""
    return next((event for _, event in read_lines(folder, RunStarted) if isinstance(event, RunStarted)), None)


def run_spec(folder: Path) -> tuple[ExperimentSpec, str]:
    """The settings with which the run in ``folder`` began, threads and device as they were resolved; and a sentence
    where its settings file says something else by now. Raises WorkbenchError.
    """
    started, trouble = started_as(folder), ""
    try:
        written: ExperimentSpec | None = load(folder / "spec.toml")
    except (SpecError, WorkbenchError) as error:
        written, trouble = None, f"Its settings file cannot be read ({str(error).splitlines()[0]})."
    if started is None:
        if written is None:
            raise WorkbenchError(f"The settings of {folder} cannot be read. {trouble}")
        return written, ""
    spec = _placed_as(_as_started(started, written), written)
    if written is not None and plain(written) != plain(spec):
        trouble = "Its settings file was changed since."
    resolved = spec.edited("loop.threads", started.threads).edited("loop.device", started.device)
    return resolved, f"{trouble} It goes on with the settings that it began with." if trouble else ""


def places(spec: ExperimentSpec) -> tuple[str, ...]:
    """The paths of the settings that say where the data lies."""
    source = spec.data.source
    found = (each.name for each in settings_of(type(source)) if each.knob.role in ("file", "folder"))
    return tuple(f"data.source.{name}" for name in found)


def _placed_as(spec: ExperimentSpec, written: ExperimentSpec | None) -> ExperimentSpec:
    """``spec`` with its data where ``written`` says: it may have been moved since."""
    if written is not None and written.data.source.kind == spec.data.source.kind:
        for path in places(spec):
            spec = spec.edited(path, written.at(path))
    return spec


def _as_started(started: RunStarted, written: ExperimentSpec | None) -> ExperimentSpec:
    """The settings in the log; those in the file where an older program's log cannot be understood."""
    try:
        return spec_from_plain(_without_tuples(started.spec))
    except SpecError:
        if written is None:
            raise
        return written


def _without_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_tuples(each) for name, each in value.items()}
    return [_without_tuples(each) for each in value] if isinstance(value, (list, tuple)) else value


def edited_spec(folder: Path, step: int | None) -> ExperimentSpec:
    """The settings of the run in ``folder`` after ``step`` steps, live edits included; None: at its end.

    Raises WorkbenchError.
    """
    started = started_as(folder)
    spec = _as_started(started, None) if started is not None else run_spec(folder)[0]
    for _, event in read_lines(folder, Edited):
        if isinstance(event, Edited) and (step is None or event.step < step):
            spec = spec.edited(event.path, event.new)
    return spec


def steps_on_disk(folder: Path) -> int:
    """After how many steps the last row of its figures was written; 0 where none can be read."""
    try:
        first, rows = read_steps_from(folder)
    except WorkbenchError:
        return 0
    return first + len(rows)
