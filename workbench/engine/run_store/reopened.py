"""The folder of a run that is to go on, with the settings that it goes on with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.core.events import Edit
from workbench.engine.run_store.resumable import places, run_spec
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Resume, Which
from workbench.engine.spec.experiment import ExperimentSpec, live_paths, plain
from workbench.engine.spec.toml import load

#: Settings of the machine: another one may go on, though its last bits may differ.
_MACHINE = ("loop.threads", "loop.device", "loop.precision", "loop.memory_format", "loop.processes")


def reopened(
    path: Path, changes: Sequence[tuple[str, Any]] = (), which: Which = "last"
) -> tuple[ExperimentSpec, RunFolder, Resume]:
    """What ``train`` needs to go on with the run in ``path``: settings, folder, start.

    ``changes`` are live settings with their new values; or the place of the data, if it was moved; or of the machine.
    Raises WorkbenchError, SpecError.
    """
    spec, note = run_spec(path)
    edits, moved = [], False
    for name, value in changes:
        if name in live_paths(spec):
            edits.append(Edit(name, value))
            continue
        moved = moved or name in places(spec)
        if name not in (*places(spec), *_MACHINE):
            words = f"{name} cannot change in a run that goes on; fork the run to change it."
            raise SpecError([Problem(name, words)])
        spec = spec.edited(name, value)
    folder = RunFolder.existing(path, spec)
    if moved:
        note = f"{note} The data are read from their new place.".strip()
        folder.settings_now = load(path / "spec.toml").edited("data.source", plain(spec.data.source))
    return spec, folder, Resume(which, tuple(edits), note)
