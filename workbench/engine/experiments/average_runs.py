"""Finished runs in one pot: the average of their predictions, measured on the validation examples of the first.

Every member is measured as it was left: its best weights, its own preprocessing, its own settings for test time. A
snapshot is a member by itself: its file stands for it as a folder does for a run.
Classes are matched by name, so two runs may list the same classes in different orders.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.engine.catalog.datasets.base import Loading, finished
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.report.generalization_gap import percent
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load

if TYPE_CHECKING:
    import torch

    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.core.events import Measured
    from workbench.engine.weights.load_weights import WeightsFile

#: How far the work is, 0 to 1, and a few words; and whether it is no longer wanted.
Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]

#: Weights in the order in which they are looked for.
_WEIGHTS = ("best", "last")
#: The names that a snapshot's weights have, and a run's folder begins with.
_SNAPSHOT = re.compile(r"snapshot-(\d+)\.safetensors")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")


class PotCancelled(Exception):
    """The work was no longer wanted."""


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


@dataclass(frozen=True, slots=True)
class PotMember:
    """One run in the pot, as measured now; ``note`` says what makes its figure doubtful."""

    run: FinishedRun
    measured: Measured
    note: str = ""


@dataclass(frozen=True, slots=True)
class PotResult:
    """What the average of the members' probabilities gives on the same examples."""

    members: tuple[PotMember, ...]
    averaged: Measured

    @property
    def mean_member(self) -> float:
        """The mean of the members' accuracies."""
        return sum(member.measured.accuracy for member in self.members) / len(self.members)

    @property
    def parameters(self) -> int:
        """What the whole pot has to compute for one answer."""
        return sum(member.run.parameters for member in self.members)


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


def average(
    folders: Sequence[Path],
    progress: Progress = lambda fraction, words: None,
    is_cancelled: IsCancelled = lambda: False,
) -> PotResult:
    """Measure every run and the average of all on the validation examples of the first.

    A snapshot's file stands for that snapshot alone, a run's folder for its best weights, an ensemble's folder for its
    members. Raises WorkbenchError with a sentence if they do not go together, and PotCancelled.
    """
    each_once = dict.fromkeys(each.resolve() for folder in folders for each in (_members(folder) or (folder,)))
    runs = [opened(each) for each in each_once]
    if len(runs) < 2:
        raise WorkbenchError("Choose at least two runs: the average of one is itself.")
    for run in runs[1:]:
        _refuse_others(runs[0], run)
    return _Pot(runs, progress, is_cancelled).result()


def table(result: PotResult) -> str:
    """The result as lines of text."""
    width = max(len("Average of the predictions"), *(len(member.run.name) for member in result.members))
    lines = [f"{'Run':{width}}  {'accuracy':>8}  {'loss':>7}  {'parameters':>10}"]
    for member in result.members:
        line = f"{member.run.name:{width}}  {_figures(member.measured)}  {member.run.parameters:>10,}"
        lines.append(f"{line}  {member.note}".rstrip())
    lines.append(f"{'Mean member':{width}}  {percent(result.mean_member, 2):>8}")
    lines.append(f"{'Average of the predictions':{width}}  {_figures(result.averaged)}  {result.parameters:>10,}")
    return "\n".join([*lines, f"{result.averaged.n:,} validation examples of the first run"])


def _figures(measured: Measured) -> str:
    return f"{percent(measured.accuracy, 2):>8}  {measured.loss:>7.4f}"


class _Pot:
    """Measures runs that go together."""

    def __init__(self, runs: Sequence[FinishedRun], progress: Progress, is_cancelled: IsCancelled) -> None:
        self._runs, self._progress, self._is_cancelled = runs, progress, is_cancelled

    def result(self) -> PotResult:
        from workbench.engine.training.evaluate import averaged, score

        self._progress(0.0, "Loading the data")
        first = self._runs[0]
        dataset, val, labels = self._examples()
        logs = []
        members = []
        for number, run in enumerate(self._runs):
            answers = _in_order(self._answers(run, dataset, val, number), run.classes, first.classes)
            logs.append(answers)
            members.append(PotMember(run, score(answers, labels), _note(first, run)))
        return PotResult(tuple(members), score(averaged(_stacked(logs)), labels))

    def _examples(self) -> tuple[Dataset, Any, torch.Tensor]:
        import torch

        from workbench.engine.data.split import split

        first = self._runs[0]
        dataset: Dataset = finished(first.spec.data.source.loading(), self._watch)
        if dataset.classes != first.classes or dataset.shape != first.shape:
            raise WorkbenchError(f"The data of {first.name} has changed since it was trained; it cannot be measured.")
        val = split(dataset, first.spec.data).val
        if not len(val):
            raise WorkbenchError(f"{first.name} holds nothing back for validation, so there is nothing to measure on.")
        return dataset, val, torch.from_numpy(dataset.labels[val])

    def _watch(self, told: Loading) -> None:
        if self._is_cancelled():
            raise PotCancelled
        self._progress(0.0, told.words)

    def _answers(self, run: FinishedRun, dataset: Dataset, val: Any, number: int) -> torch.Tensor:
        from workbench.engine.catalog.preprocessing import Standardizer
        from workbench.engine.data.examples import Examples
        from workbench.engine.training.evaluate import answers, how_to_test
        from workbench.engine.training.network import build_network

        weights = _weights(run)
        network = build_network(run.spec, run.shape, len(run.classes)).module
        try:
            network.load_state_dict(weights.tensors)
        except RuntimeError:
            raise WorkbenchError(f"The weights of {run.name} do not fit the model in its settings.") from None
        if weights.standardizer is None:
            raise WorkbenchError(f"The weights of {run.name} come without their preprocessing.")
        examples = Examples(dataset, "cpu")
        examples.use(Standardizer(*weights.standardizer))
        work = answers(network.eval(), examples, val, how_to_test(run.spec))
        while True:
            if self._is_cancelled():
                raise PotCancelled
            try:
                done = next(work)
            except StopIteration as finished:
                result: torch.Tensor = finished.value
                return result
            share = (number + done / len(val)) / len(self._runs)
            self._progress(share, f"Measuring {run.name}")


def _weights(run: FinishedRun) -> WeightsFile:
    from workbench.engine.weights.load_weights import read_weights

    path = run.snapshot or next(path for which in _WEIGHTS if (path := run.folder / f"{which}.safetensors").exists())
    weights = read_weights(path, as_saved=True)
    if weights.broken:
        raise WorkbenchError(f"The weights of {run.name} cannot be averaged. {weights.notes[-1]}")
    return weights


def _stacked(logs: list[torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.stack(logs)


def _in_order(logs: torch.Tensor, own: tuple[str, ...], wanted: tuple[str, ...]) -> torch.Tensor:
    """Answers (n, K) with the class ``wanted[k]`` in column k."""
    return logs if own == wanted else logs[:, [own.index(name) for name in wanted]]


def _refuse_others(first: FinishedRun, other: FinishedRun) -> None:
    if sorted(other.classes) != sorted(first.classes):
        differing = sorted(set(first.classes) ^ set(other.classes))[:4]
        which = f": they differ in {', '.join(differing)}" if differing else ""
        raise WorkbenchError(
            f"{other.name} knows other classes than {first.name}{which}. Only runs on the same classes can be averaged."
        )
    if other.shape != first.shape:
        raise WorkbenchError(
            f"{other.name} takes inputs of {_size(other.shape)}, {first.name} of {_size(first.shape)}. "
            "Only runs on inputs of one size can be averaged."
        )


def _note(first: FinishedRun, other: FinishedRun) -> str:
    data, own = first.spec.data, other.spec.data
    if own.source != data.source:
        return "trained on other data"
    same = (own.validation_fraction, own.split_seed) == (data.validation_fraction, data.split_seed)
    return "" if same else "trained on another split: it may have seen some of these examples"


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


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
