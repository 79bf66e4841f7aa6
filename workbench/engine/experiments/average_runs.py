"""Finished runs in one pot: the average of their predictions, measured on the validation examples of the first.

Every member is measured as it was left: its best weights, its own preprocessing, its own settings for test time. A
snapshot is a member by itself: its file stands for it as a folder does for a run.
Classes are matched by name, so two runs may list the same classes in different orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.text import grouped, percent

if TYPE_CHECKING:
    import torch

    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.core.events import Measured
    from workbench.engine.weights.load_weights import WeightsFile
from workbench.engine.core.progress import IsCancelled, Progress
from workbench.engine.run_store.finished_runs import _WEIGHTS, FinishedRun, _members, opened


class PotCancelled(Exception):
    """The work was no longer wanted."""


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
        line = f"{member.run.name:{width}}  {_figures(member.measured)}  {grouped(member.run.parameters):>10}"
        lines.append(f"{line}  {member.note}".rstrip())
    lines.append(f"{'Mean member':{width}}  {percent(result.mean_member, 2):>8}")
    lines.append(
        f"{'Average of the predictions':{width}}  {_figures(result.averaged)}  {grouped(result.parameters):>10}"
    )
    return "\n".join([*lines, f"{grouped(result.averaged.n)} validation examples of the first run"])


def _figures(measured: Measured) -> str:
    return f"{percent(measured.accuracy, 2):>8}  {grouped(measured.loss, 4):>7}"


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
