"""``checkpoints/manifest.json``: the SHA-256 of a run's files of weights, and the step of each checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.run_store.digests import digest_of
from workbench.engine.run_store.steps_file import Figures

NAME = "manifest.json"


def write_manifest(
    folder: Path, hashes: Mapping[str, str], step: int, steps: Mapping[str, int], figures: Figures | None = None
) -> None:
    """Write the SHA-256 of the run's files by their paths below ``folder``, and the ``steps`` of its checkpoints.

    ``step`` is that of the last one, ``figures`` what is known of the rows of its steps. Older states of the program
    kept the hash of ``last.pt`` alone.
    Raises WorkbenchError.
    """
    named = {Path(name).name: sha256 for name, sha256 in hashes.items()}
    said: dict[str, object] = {**named, "step": step, "steps": dict(steps)}
    if figures is not None:
        said["figures"] = figures._asdict()
    write_whole(folder / "checkpoints" / NAME, json.dumps(said).encode())


def run_folder_of(path: Path) -> Path:
    """The run folder in which the file ``path`` of weights lies, if it lies in one."""
    return path.parent.parent if path.parent.name == "checkpoints" else path.parent


def steps_of(folder: Path) -> dict[str, int]:
    """The step of each checkpoint of the run in ``folder`` by its file's name, as far as the manifest says it."""
    said = _read(folder)
    steps = said.get("steps", {"last.pt": said.get("step")})
    if not isinstance(steps, dict):
        return {}
    return {name: step for name, step in steps.items() if type(step) is int}


def figures_of(folder: Path) -> Figures | None:
    """What the manifest says of the rows of the steps; None if it says nothing, as those of older states."""
    said = _read(folder).get("figures")
    if not isinstance(said, dict) or {type(said.get(name)) for name in Figures._fields} != {int}:
        return None
    return Figures(said["size"], said["crc"])


def hashes_of(folder: Path) -> dict[str, str]:
    """The SHA-256 that the manifest has, by the files' paths below ``folder``."""
    said = {name: each for name, each in _read(folder).items() if isinstance(each, str)}
    return {f"checkpoints/{name}" if name.endswith(".pt") else name: each for name, each in said.items()}


def agrees(path: Path, sha256: str) -> bool | None:
    """Whether the manifest of its run folder has ``sha256`` for the file ``path``; None if it says nothing.

    A crash may have come between a file and the manifest: then the hash there is that of the file before.
    """
    said = _read(run_folder_of(path)).get(path.name)
    if not isinstance(said, str):
        return None
    previous = path.parent / "previous.pt"
    is_older = path.name == "last.pt" and previous.is_file() and digest_of(previous) == said
    return None if is_older else said == sha256


def _read(folder: Path) -> dict[str, object]:
    """What the manifest says; nothing if it is not there or damaged."""
    try:
        said = json.loads((folder / "checkpoints" / NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
