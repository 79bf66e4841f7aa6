"""The SHA-256 of a run's files: what each should hold, and what was written of it last."""

from __future__ import annotations

import hashlib
from pathlib import Path


class Digests:
    """By the path of each file below the run's folder."""

    def __init__(self) -> None:
        #: Of what each file should hold.
        self.wanted: dict[str, str] = {}
        #: Of what was written, which is older where the last write has failed.
        self.written: dict[str, str] = {}

    def differing(self, folder: Path) -> list[Path]:
        """The files that do not hold what they should; each is read."""
        return [folder / name for name, digest in sorted(self.wanted.items()) if digest_of(folder / name) != digest]


def digest_of(path: Path) -> str:
    """The SHA-256 of a file; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
