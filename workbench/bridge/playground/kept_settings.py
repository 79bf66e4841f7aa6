"""The playground's settings over a restart: one small JSON file in the program's folder."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.playground.spec import PlaygroundSpec, playground_from_plain
from workbench.engine.spec.editable import plain

NAME = "playground.json"
_VERSION = 1
_MOST_BYTES = 256 * 1024


def write_settings(home: Path, spec: PlaygroundSpec) -> None:
    """Keep ``spec`` in the folder ``home``. Raises OSError or WorkbenchError if it cannot be written."""
    home.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"version": _VERSION, **plain(spec)}, indent=1, allow_nan=False)
    write_whole(home / NAME, text.encode())


def read_settings(home: Path) -> tuple[PlaygroundSpec, str]:
    """The kept settings, and a sentence for the user if they could not be read (the default is given then).

    Such a file is kept under another name, so that nothing is lost.
    """
    file = home / NAME
    if not file.exists():
        return PlaygroundSpec(), ""
    try:
        return _read(file), ""
    except (OSError, ValueError, RecursionError, WorkbenchError) as error:
        kept = file.with_suffix(".unreadable.json")
        with contextlib.suppress(OSError):
            file.replace(kept)
        where = f" and are kept in {kept}" if kept.exists() else ""
        why = error.message if isinstance(error, WorkbenchError) else str(error)
        return PlaygroundSpec(), f"The settings of the playground could not be read{where}: {why}"


def _read(file: Path) -> PlaygroundSpec:
    if file.stat().st_size > _MOST_BYTES:
        raise SpecError([Problem("", "The file is too large.")])
    table = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(table, dict) or table.pop("version", None) != _VERSION:
        raise SpecError([Problem("", "The file is of another version of the program.")])
    return playground_from_plain(table)
