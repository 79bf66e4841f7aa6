"""The cases: a settings file each, what changes while it runs, whether it trains on generated pictures."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPECS = Path(__file__).parent / "specs"


@dataclass(frozen=True, slots=True)
class Case:
    """One run. ``edits`` are live changes: (finished steps, path of the setting, new value), in that order.

    ``equals`` names a case before this one that must give the same digests in the same state.
    """

    name: str
    spec: str
    edits: tuple[tuple[int, str, Any], ...] = ()
    on_pictures: bool = False
    equals: str = ""

    def arguments(self, place: Path, pictures: Path) -> list[str]:
        """The arguments for ``python -m workbench.engine``; ``place`` is a new folder for this case's files."""
        spec = SPECS / f"{self.spec}.toml"
        start = ["--replay", str(self._tape(spec, place / "tape"))] if self.edits else [str(spec)]
        # A JSON text is a TOML text too, whatever the path has in it.
        source = ["--set", f"data.source.folder={json.dumps(str(pictures))}"] if self.on_pictures else []
        return [*start, *source, "--runs", str(place / "kept")]

    def _tape(self, spec: Path, folder: Path) -> Path:
        """A run folder with nothing in it but the settings and the edits: what ``--replay`` repeats."""
        folder.mkdir(parents=True)
        shutil.copy(spec, folder / "spec.toml")
        edits = [
            {"event": "Edited", "step": step, "path": path, "old": None, "new": new} for step, path, new in self.edits
        ]
        (folder / "events.jsonl").write_text("".join(json.dumps(edit) + "\n" for edit in edits), encoding="utf-8")
        return folder


CASES = (
    Case("mlp", "mlp"),
    Case("cnn", "cnn"),
    Case("ensemble-stacked", "ensemble_stacked"),
    Case("ensemble-general", "ensemble_general"),
    Case("transfer-line", "transfer_line"),
    Case("transfer-cached", "transfer_cached"),
    Case("pictures-cold", "pictures", on_pictures=True),
    Case("pictures-warm", "pictures", on_pictures=True, equals="pictures-cold"),
    Case(
        "edited",
        "edited",
        (
            (3, "optimizer.lr", 0.02),
            (9, "regularization.0.p", 0.4),
            (9, "optimizer.momentum", 0.8),
            (17, "loop.epochs", 5),
        ),
    ),
    Case("full-batch", "full_batch"),
    Case("averages", "averages"),
)
