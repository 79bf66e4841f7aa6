"""The record of a run from what lies in its folder: settings, log, who holds it, files."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.text import counted
from workbench.engine.core.toml_names import has_long_name
from workbench.engine.core.toml_table import MAX_BYTES
from workbench.engine.run_store.finished_runs import started_at, title_of
from workbench.engine.run_store.resumable import resumable
from workbench.engine.run_store.run_lock import Holder, holder_of
from workbench.engine.shelf.about import read_about
from workbench.engine.shelf.log_summary import LogSummary
from workbench.engine.shelf.record import RunRecord, Status
from workbench.engine.spec.experiment import ExperimentSpec, plain, spec_from_plain
from workbench.engine.spec.toml import load


def read_record(folder: Path) -> RunRecord | None:
    """The record of the run in ``folder`` as it is now; None if there is no run. Raises OSError if it vanishes."""
    record = record_without_holder(folder)
    return None if record is None else with_holder(record)


def record_without_holder(folder: Path) -> RunRecord | None:
    """The record by its files alone: a run that is being trained is "lost" in it, as it has no end yet."""
    if not (folder / "spec.toml").is_file() and not (folder / "events.jsonl").is_file():
        return None
    log = LogSummary(folder)
    settings, spec, trouble = _settings(folder, log)
    if not log.started and spec is None and not trouble:
        return None
    about, untold = read_about(folder)
    status, reason = _end(log)
    return RunRecord(
        folder=folder,
        status=status,
        reason=reason,
        problem=" ".join(filter(None, (trouble, log.problem, untold))),
        about=about,
        started=_started(folder),
        settings=settings,
        epoch=log.epoch,
        epochs=_epochs(settings, log),
        step=log.step,
        seconds=log.seconds,
        best=log.best,
        last=log.last,
        averaged=log.averaged,
        members=log.members,
        test=log.test,
        sparkline=log.sparkline,
        changes=tuple(log.changes),
        change_count=log.change_count,
        size=size_of(folder),
        obstacle=_obstacle(folder),
        **_names(spec, folder),
        **_start(log.started),
    )


def with_holder(record: RunRecord) -> RunRecord:
    """``record`` with what changes without a trace in its files: who trains it now, and so whether it can go on."""
    holder = holder_of(record.folder)
    if holder is None and record.folder.name.startswith("member-"):
        holder = holder_of(record.folder.parent)
    return record if holder is None else replace(record, **_held(holder))


def _held(holder: Holder) -> dict[str, Any]:
    words = f"{'Paused' if holder.is_paused else 'Being trained'} by {holder.words}."
    return {"status": "paused" if holder.is_paused else "running", "reason": words, "obstacle": words}


def _end(log: LogSummary) -> tuple[Status, str]:
    if not log.ended:
        where = f"after {counted(log.step, 'step')}" if log.step else "before its first evaluation"
        return "lost", f"It ended without a last word {where}: the program was killed, or has crashed."
    message = log.ended["message"]
    if log.ended["reason"] == "failed":
        return ("diverged" if log.ended.get("code") == "diverged" else "failed"), message
    return ("stopped" if log.ended["reason"] == "stopped" else "finished"), message


def _settings(folder: Path, log: LogSummary) -> tuple[Mapping[str, Any], ExperimentSpec | None, str]:
    """Settings as plain data, validated where this version knows them all, and a sentence where it does not.

    The log has the settings that were trained; the file may have been edited since.
    """
    said = log.started.get("spec")
    if isinstance(said, dict):
        try:
            return said, spec_from_plain(said), ""
        except SpecError as error:
            return said, None, f"Its settings are not all known here: {error.problems[0]}."
    try:
        spec = load(folder / "spec.toml")
        return plain(spec), spec, ""
    except WorkbenchError as error:
        words = error.problems[0] if isinstance(error, SpecError) else error.message
        is_ours = log.started or _looks_like_ours(folder)
        return {}, None, f"The settings cannot be read: {words}" if is_ours else ""


def _looks_like_ours(folder: Path) -> bool:
    """Whether a file of settings that is not valid is one of ours all the same: of a newer version, or damaged."""
    try:
        text = (folder / "spec.toml").read_text(encoding="utf-8-sig")[:MAX_BYTES]
        table = {} if has_long_name(text) else tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return (folder / "checkpoints").is_dir() or (folder / "steps.bin").is_file()
    return "version" in table and "data" in table and "model" in table


def _names(spec: ExperimentSpec | None, folder: Path) -> dict[str, Any]:
    if spec is None:
        return {"title": folder.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")}
    return {
        "title": title_of(spec),
        "data": f"{spec.data.source.title} {spec.data.source.brief()}".strip(),
        "model": f"{spec.model.title} {spec.model.brief()}".strip(),
        "optimizer": f"{spec.optimizer.title} {spec.optimizer.brief()}".strip(),
    }


def _start(started: Mapping[str, Any]) -> dict[str, Any]:
    """What RunStarted says beside the settings; a number that is none is left out."""
    names = {"train_size": int, "val_size": int, "parameters": int, "device": str, "parent": str, "parent_step": int}
    found = {name: started[name] for name, kind in names.items() if isinstance(started.get(name), kind)}
    if not found.get("parent"):
        found.pop("parent_step", None)
    classes = started.get("classes")
    return {**found, "classes": len(classes)} if isinstance(classes, list) else found


def _epochs(settings: Mapping[str, Any], log: LogSummary) -> int:
    """The epochs that are planned; they can be changed while the run is training."""
    changed = [change.new for change in log.changes if change.path == "loop.epochs"]
    planned = changed[-1] if changed else (settings.get("loop") or {}).get("epochs", 0)
    return planned if isinstance(planned, int) else 0


def _started(folder: Path) -> datetime:
    try:
        return started_at(folder)
    except (OSError, ValueError, OverflowError):
        return datetime.fromtimestamp(folder.stat().st_mtime)


def _obstacle(folder: Path) -> str:
    """Why the run cannot be gone on with, as going on says it; empty if it can."""
    try:
        found = resumable(folder)
    except WorkbenchError as error:
        return error.message
    return found if isinstance(found, str) else ""


def size_of(folder: Path) -> int:
    """The bytes of all files below ``folder``; links are not followed."""
    total = 0
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:  # it is being written or removed just now
            continue
    return total
