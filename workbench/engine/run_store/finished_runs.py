"""Finished runs found on disk, with what they reached."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.progress import IsCancelled
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load

#: Weights in the order in which they are looked for.
_WEIGHTS = ("best", "last")


#: The names that a snapshot's weights have, and a run's folder begins with.
_SNAPSHOT = re.compile(r"snapshot-(\d+)\.safetensors")


_STAMP = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run folder with weights. ``best`` is its validation accuracy, None where nothing was held back.

    ``snapshot`` is the file of one of its snapshots, which is then what is meant, with that one's accuracy.
    """

    folder: Path
    spec: ExperimentSpec
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    parameters: int
    best: float | None
    snapshot: Path | None = None

    @property
    def path(self) -> Path:
        """What names it among others: its folder, or the file of the snapshot."""
        return self.snapshot or self.folder

    @property
    def when(self) -> datetime:
        """When it was started; by its folder's name, or else by its settings, which were written then."""
        for name in (self.folder.name, self.folder.parent.name):
            stamp = _STAMP.match(name)
            if stamp is not None:
                with contextlib.suppress(ValueError):
                    return datetime.strptime(stamp.group(), "%Y-%m-%d_%H-%M-%S")
        return datetime.fromtimestamp((self.folder / "spec.toml").stat().st_mtime)

    @property
    def title(self) -> str:
        """The experiment's title, or its model and optimizer."""
        spec = self.spec
        return spec.title or f"{spec.model.title} {spec.model.brief()}, {spec.optimizer.title}".replace(" ,", ",")

    @property
    def name(self) -> str:
        """The folder's name; a member of an ensemble has its ensemble's before it, a snapshot its run's."""
        is_member = self.folder.name.startswith("member-")
        run = f"{self.folder.parent.name}/{self.folder.name}" if is_member else self.folder.name
        return run if self.snapshot is None else f"{run}/{self.snapshot.stem}"


def opened(path: Path) -> FinishedRun:
    """Look at a run folder, or at a snapshot's file in one; no weights are read.

    Raises WorkbenchError if it is none that has finished.
    """
    number = _SNAPSHOT.fullmatch(path.name)
    if number is not None and path.is_file():
        run = opened(path.parent)
        return replace(run, snapshot=path, best=_of_snapshots(path.parent).get(int(number.group(1))))
    folder = path
    if not any((folder / f"{which}.safetensors").exists() for which in _WEIGHTS):
        raise WorkbenchError(f"{folder} has no weights; only a run that has trained can be averaged.")
    try:
        spec = load(folder / "spec.toml")
    except SpecError as error:
        raise WorkbenchError(f"The settings of {folder} cannot be read: {error.problems[0]}.") from None
    started, best = _from_log(folder)
    return FinishedRun(
        folder, spec, tuple(started["classes"]), tuple(started["input_shape"]), int(started["parameters"]), best
    )


def finished_runs(parent: Path, is_cancelled: IsCancelled = lambda: False) -> tuple[FinishedRun, ...]:
    """The runs kept in ``parent``, newest first, members of ensembles under them; others are left out."""
    found: list[FinishedRun] = []
    folders = sorted((path for path in parent.iterdir() if path.is_dir()), reverse=True) if parent.is_dir() else []
    for folder in folders:
        for each in (folder, *_members(folder)):
            if is_cancelled():
                return tuple(found)
            try:
                found.append(opened(each))
            except WorkbenchError:
                continue
    return tuple(found)


def in_the_pot(parent: Path, is_cancelled: IsCancelled = lambda: False) -> tuple[FinishedRun, ...]:
    """What can be put together: ``finished_runs``, with the snapshots that each has left under it."""
    return tuple(each for run in finished_runs(parent, is_cancelled) for each in (run, *snapshots_of(run)))


def snapshots_of(run: FinishedRun) -> tuple[FinishedRun, ...]:
    """The snapshots that a run has left, in the order in which they were taken."""
    numbered = ((_SNAPSHOT.fullmatch(path.name), path) for path in run.folder.glob("snapshot-*.safetensors"))
    files = sorted((int(number.group(1)), path) for number, path in numbered if number is not None)
    accuracies = _of_snapshots(run.folder) if files else {}
    return tuple(replace(run, snapshot=path, best=accuracies.get(number)) for number, path in files)


def _members(folder: Path) -> tuple[Path, ...]:
    """The members of an ensemble's folder in order; empty for any other."""
    found = [path for path in folder.glob("member-*") if path.is_dir() and path.name[7:].isdigit()]
    return tuple(sorted(found, key=lambda path: int(path.name[7:])))


def _from_log(folder: Path) -> tuple[dict[str, Any], float | None]:
    """How the run began, and its best validation accuracy. Only the lines that say so are parsed."""
    try:
        lines = (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
        started = next(json.loads(line) for line in lines if line.startswith('{"event": "RunStarted"'))
        if not started["classes"]:
            raise ValueError
        bests = [json.loads(line) for line in lines if '"is_best": true' in line]
        return started, bests[-1]["val"]["accuracy"] if bests else None
    except OSError as error:
        raise WorkbenchError(f"Cannot read the log of {folder}: {error.strerror or error}.") from None
    except (StopIteration, ValueError, KeyError, TypeError):
        raise WorkbenchError(f"The log of {folder} does not say what the run was trained on.") from None


def _of_snapshots(folder: Path) -> dict[int, float]:
    """The validation accuracy of each snapshot, by its number; what the log does not say is left out."""
    try:
        lines = (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
        measured = [json.loads(line) for line in lines if line.startswith('{"event": "EnsembleMeasured"')]
        return dict(enumerate(map(float, measured[-1]["members"]), 1)) if measured else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
