"""The SHA-256 of every file of weights in a run folder, in ``checkpoints/manifest.json``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from workbench.engine.core.atomic_write import write_whole

NAME = "manifest.json"


def write_manifest(folder: Path, hashes: Mapping[str, str], step: int) -> None:
    """Write the SHA-256 of the run's files by their paths below ``folder``. Raises WorkbenchError.

    Older states of the program kept that of ``last.pt`` alone.
    """
    named = {Path(name).name: sha256 for name, sha256 in hashes.items()}
    write_whole(folder / "checkpoints" / NAME, json.dumps({**named, "step": step}).encode())


def run_folder_of(path: Path) -> Path:
    """The run folder in which the file ``path`` of weights lies, if it lies in one."""
    return path.parent.parent if path.parent.name == "checkpoints" else path.parent


def agrees(path: Path, sha256: str) -> bool | None:
    """Whether the manifest of its run folder has ``sha256`` for the file ``path``; None if it says nothing.

    A crash may have come between a file and the manifest: then the hash there is that of the file before.
    """
    try:
        said = json.loads((run_folder_of(path) / "checkpoints" / NAME).read_bytes()).get(path.name)
        if not isinstance(said, str):
            return None
        previous = path.parent / "previous.pt"
        is_older = path.name == "last.pt" and previous.is_file() and _hash_of(previous) == said
    except (OSError, ValueError, AttributeError):
        return None
    return None if is_older else said == sha256


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
