"""Finished runs found on disk, with what they reached and the weights that they have saved."""

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

#: A run's own weights, in the order in which they are looked for.
_OWN = ("best", "last")
#: The weights that a run saves besides its own.
_OTHER = re.compile(r"(?:snapshot-(?P<number>\d+)|average-(?P<kind>\w+))\.safetensors")
#: How the name of a run's folder begins.
_STAMP = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run folder with weights. ``best`` is its best validation accuracy (0–1), None if nothing was held back.

    ``other`` is the file of a snapshot or of an average of the weights, if those are meant and not the run's own;
    ``best`` is then their accuracy, as far as the log says it. ``shape`` is that of one input. ``sizes`` are the
    numbers of training and validation examples, ``data_mark`` is ``RunStarted.data_mark``.
    """

    folder: Path
    spec: ExperimentSpec
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    parameters: int
    best: float | None
    other: Path | None = None
    sizes: tuple[int, int] | None = None
    data_mark: str = ""

    @property
    def path(self) -> Path:
        """What names it among others: its folder, or the file of its other weights."""
        return self.other or self.folder

    @property
    def weights(self) -> Path:
        """The file with the weights that are meant: the best ones where there are any, else the last."""
        return self.other or next(path for path in _own_weights(self.folder) if path.exists())

    @property
    def when(self) -> datetime:
        """When it was started."""
        return started_at(self.folder)

    @property
    def title(self) -> str:
        """The experiment's title, or its model and optimizer."""
        return title_of(self.spec)

    @property
    def name(self) -> str:
        """The folder's name; after that of its ensemble for a member, followed by that of its other weights."""
        is_member = self.folder.name.startswith("member-")
        run = f"{self.folder.parent.name}/{self.folder.name}" if is_member else self.folder.name
        return run if self.other is None else f"{run}/{self.other.stem}"


def started_at(folder: Path) -> datetime:
    """When the run in ``folder`` was started; by the folder's name, or else by its settings, which were written then.

    Raises OSError if neither says it.
    """
    for name in (folder.name, folder.parent.name):
        stamp = _STAMP.match(name)
        if stamp is not None:
            with contextlib.suppress(ValueError):
                return datetime.strptime(stamp.group(), "%Y-%m-%d_%H-%M-%S")
    return datetime.fromtimestamp((folder / "spec.toml").stat().st_mtime)


def title_of(spec: ExperimentSpec) -> str:
    """The experiment's title, or its model and optimizer."""
    return spec.title or f"{spec.model.title} {spec.model.brief()}, {spec.optimizer.title}".replace(" ,", ",")


def is_other_weights(path: Path) -> bool:
    """Whether ``path`` is a file named like a run's snapshot or average of the weights."""
    return _OTHER.fullmatch(path.name) is not None and path.is_file()


def opened(path: Path) -> FinishedRun:
    """The run in the folder ``path``, or the snapshot or average with the file ``path``; no weights are read.

    Raises WorkbenchError if it is none that has finished.
    """
    if is_other_weights(path):
        return replace(opened(path.parent), other=path, best=_accuracies(path.parent).get(path.stem))
    if not any(own.exists() for own in _own_weights(path)):
        raise WorkbenchError(_why_no_weights(path))
    try:
        spec = load(path / "spec.toml")
    except SpecError as error:
        raise WorkbenchError(f"The settings of {path} cannot be read: {error.problems[0]}.") from None
    started, best = _from_log(path)
    return FinishedRun(
        path,
        spec,
        tuple(started["classes"]),
        tuple(started["input_shape"]),
        int(started["parameters"]),
        best,
        sizes=_sizes(started),
        data_mark=str(started.get("data_mark", "")),
    )


def finished_runs(parent: Path, is_cancelled: IsCancelled = lambda: False) -> tuple[FinishedRun, ...]:
    """The runs kept in ``parent``, newest first, members of ensembles under them; others are left out."""
    found: list[FinishedRun] = []
    folders = sorted((path for path in parent.iterdir() if path.is_dir()), reverse=True) if parent.is_dir() else []
    for folder in folders:
        for each in (folder, *members(folder)):
            if is_cancelled():
                return tuple(found)
            try:
                found.append(opened(each))
            except WorkbenchError:
                continue
    return tuple(found)


def saved_weights(parent: Path, is_cancelled: IsCancelled = lambda: False) -> tuple[FinishedRun, ...]:
    """``finished_runs``, each followed by its averages and its snapshots: all weights that can be evaluated."""
    return tuple(each for run in finished_runs(parent, is_cancelled) for each in (run, *other_weights(run)))


def other_weights(run: FinishedRun) -> tuple[FinishedRun, ...]:
    """The averages of the weights that a run has saved, then its snapshots in the order in which they were taken."""
    named = ((_OTHER.fullmatch(path.name), path) for path in run.folder.glob("*.safetensors"))
    files = sorted((int(name["number"] or 0), name[0], path) for name, path in named if name is not None)
    accuracies = _accuracies(run.folder) if files else {}
    return tuple(replace(run, other=path, best=accuracies.get(path.stem)) for _, _, path in files)


def members(folder: Path) -> tuple[Path, ...]:
    """The members of an ensemble's folder in order; empty for any other."""
    found = [path for path in folder.glob("member-*") if path.is_dir() and path.name[7:].isdigit()]
    return tuple(sorted(found, key=lambda path: int(path.name[7:])))


def _why_no_weights(path: Path) -> str:
    if (path / "spec.toml").is_file() and not members(path):
        return f"{path.name} has kept no weights yet: a run keeps its first some seconds after its first evaluation."
    return f"{path} has no weights; only a run that has trained can be averaged."


def _own_weights(folder: Path) -> tuple[Path, ...]:
    return tuple(folder / f"{which}.safetensors" for which in _OWN)


def _from_log(folder: Path) -> tuple[dict[str, Any], float | None]:
    """How the run began, and its best validation accuracy. Only the lines that say so are parsed."""
    try:
        lines = _log(folder)
        started = next(json.loads(line) for line in lines if line.startswith('{"event": "RunStarted"'))
        if not started["classes"]:
            raise ValueError
        bests = [json.loads(line) for line in lines if '"is_best": true' in line]
        return started, bests[-1]["val"]["accuracy"] if bests else None
    except OSError as error:
        raise WorkbenchError(f"Cannot read the log of {folder}: {error.strerror or error}.") from None
    except (StopIteration, ValueError, KeyError, TypeError):
        raise WorkbenchError(f"The log of {folder} does not say what the run was trained on.") from None


def _sizes(started: dict[str, Any]) -> tuple[int, int] | None:
    train, held_back = started.get("train_size"), started.get("val_size")
    return (train, held_back) if isinstance(train, int) and isinstance(held_back, int) else None


def _accuracies(folder: Path) -> dict[str, float]:
    """The last validation accuracy of each snapshot and average, by its file's stem; empty if the log is damaged."""
    try:
        lines = _log(folder)
        ensembles = [line for line in lines if line.startswith('{"event": "EnsembleMeasured"')]
        evaluations = [line for line in lines if line.startswith(('{"event": "EpochEnded"', '{"event": "Evaluated"'))]
        found = {}
        for number, accuracy in enumerate(json.loads(ensembles[-1])["members"] if ensembles else (), 1):
            found[f"snapshot-{number}"] = float(accuracy)
        for kind, measured in (json.loads(evaluations[-1]).get("averages", {}) if evaluations else {}).items():
            found[f"average-{kind}"] = float(measured["accuracy"])
        return found
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _log(folder: Path) -> list[str]:
    return (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
