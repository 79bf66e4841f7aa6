"""Own files of weights are compared with their hash at every read; where one is damaged the others are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workbench.engine.core.seal import is_intact
from workbench.engine.run_store.manifest import agrees, run_folder_of
from workbench.engine.weights.file_format import refuse

#: What a run folder may have instead of a damaged file, the most useful first.
_INSTEAD = ("best.safetensors", "last.safetensors", "checkpoints/last.pt", "checkpoints/previous.pt")


def refuse_altered(path: Path, sha256: str) -> None:
    """Raise WorkbenchError if ``path``, whose hash is ``sha256``, is not as this program wrote it.

    Files of others and those of older states have no hash of their own and pass. Raises OSError.
    """
    intact = is_intact(path)
    if intact is None:
        intact = agrees(path, sha256)
    if intact is False:
        what = "is damaged: it is not what this program wrote (its SHA-256 is another)"
        refuse(path, what, _advice(path))


def _advice(path: Path) -> str:
    instead = next(_others(path), None)
    return f"Use {instead} instead." if instead is not None else "Copy it again from its run folder, or use another."


def _others(path: Path) -> Iterator[Path]:
    """The undamaged files of the same run."""
    folder = run_folder_of(path)
    for other in (folder / name for name in _INSTEAD):
        try:
            if other != path and other.is_file() and is_intact(other):
                yield other
        except OSError:
            continue
