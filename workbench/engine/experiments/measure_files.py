"""Files of weights measured on a data set, and the average of their probabilities: ``evaluate FILE … --data SOURCE``.

Every network sees the pictures as it was trained: its own size, colours, mean and spread. Classes are matched by name
where both sides have names, else by their order, and that is said.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.core.text import grouped, percent, plain
from workbench.engine.experiments.data_source import PARTS, Part, load, of_source
from workbench.engine.weights.input_spec import Origin
from workbench.engine.weights.load_weights import WeightsFile
from workbench.engine.weights.open_with_progress import Opened, opening
from workbench.engine.weights.recognise import Recognised

if TYPE_CHECKING:
    import torch
    from torch import nn

    from workbench.engine.catalog.datasets import Dataset, DataSource
    from workbench.engine.core.events import Measured
    from workbench.engine.core.progress import Watch

#: So many pictures at once: what they make on their way then stays in the processor's cache (twice as fast as 512).
CHUNK = 128
#: How far the work is, 0 to 1, and a few words.
Progress = Callable[[float, str], None]
#: Of the file with this number: the share of the examples it has seen, and what came of it at its end.
EachFile = Callable[[int, float, "Outcome | None"], None]


@dataclass(frozen=True, slots=True)
class FileMeasured:
    """One file, as measured now; ``notes`` are sentences on what was assumed."""

    path: Path
    title: str
    parameters: int
    measured: Measured
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileFailed:
    """A file that could not be measured, and why in a sentence."""

    path: Path
    message: str


Outcome = FileMeasured | FileFailed


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All files on the same examples; ``averaged`` is the mean of their probabilities, None for one file alone.

    What could not be measured stands in ``failed``; the average is over the others.
    """

    files: tuple[FileMeasured, ...]
    averaged: Measured | None
    failed: tuple[FileFailed, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A file of weights that can be used: recognised, whole, its preprocessing known."""

    file: WeightsFile
    recognised: Recognised
    origin: Origin


def trained(path: Path, watch: Watch | None = None) -> Trained:
    """Open ``path``. Raises WorkbenchError with a sentence if it cannot be used as it is.

    ``watch`` is told what is waited for, and ends it by raising.
    """
    from workbench.engine.weights.matching import table

    opened: Opened = finished(opening(path), watch)
    file, found, origin = opened
    if found is None:
        raise WorkbenchError(
            f"{path} holds weights of no network that this program knows: its own networks, the CIFAR ResNets and "
            "torchvision's classifiers. Bring another file.",
            "model.weights",
        )
    if not found.is_whole:
        raise WorkbenchError(f"{path} is most like {found.title}, but does not fit.\n{table(found.match)}")
    if file.broken:
        raise WorkbenchError(f"{path} cannot be used. {file.notes[-1]}", "model.weights")
    if origin is None:
        text = f"{path} does not say how its pictures were normalized, and its network is none that is published."
        raise WorkbenchError(f"{text} Use best.safetensors of its run folder.", "model.weights")
    return Trained(file, found, origin)


def evaluate(
    paths: Sequence[Path],
    data: Path | DataSource,
    part: Part = "all",
    progress: Progress = lambda fraction, words: None,
    each_file: EachFile = lambda number, share, outcome: None,
) -> Evaluation:
    """Measure every file in ``paths`` on the examples at (or of) ``data``.

    A file that cannot be measured holds nothing up. Raises WorkbenchError for what is wrong with the data.
    """
    import torch

    from workbench.engine.training.evaluate import averaged, score

    work = _Work(len(paths), data, part, progress, each_file)
    measured: list[FileMeasured] = []
    failed: list[FileFailed] = []
    logs: list[torch.Tensor] = []
    for number, path in enumerate(paths):
        each_file(number, 0.0, None)
        outcome: Outcome
        try:
            outcome, answers = work.measure(number, path)
            measured.append(outcome)
            logs.append(answers)
        except _BadData as error:
            raise error.cause from None
        except WorkbenchError as error:
            outcome = FileFailed(path, error.message)
            failed.append(outcome)
        except (RuntimeError, MemoryError) as error:
            outcome = FileFailed(
                path, f"{path} cannot be computed with: {str(error) or 'the memory does not suffice'}."
            )
            failed.append(outcome)
        each_file(number, 1.0, outcome)
    labels = work.labels
    mean = score(averaged(torch.stack(logs)), labels) if len(logs) > 1 and labels is not None else None
    return Evaluation(tuple(measured), mean, tuple(failed))


class _BadData(Exception):
    """What is wrong is the data's fault: no other file could be measured on it either."""

    def __init__(self, cause: WorkbenchError) -> None:
        super().__init__(cause.message)
        self.cause = cause


class _Work:
    """The examples, and how far the files are with them."""

    def __init__(
        self, count: int, data: Path | DataSource, part: Part, progress: Progress, each_file: EachFile
    ) -> None:
        self.labels: torch.Tensor | None = None
        self._count, self._progress, self._each_file = count, progress, each_file
        self._begun = 0.0
        self._loaded = _Loaded(data, part, lambda told: progress(self._begun, told.words))

    def measure(self, number: int, path: Path) -> tuple[FileMeasured, torch.Tensor]:
        """One file, and its answers. Raises WorkbenchError, or _BadData."""
        import torch

        from workbench.engine.training.evaluate import score

        self._begun = number / self._count
        each = trained(path, lambda told: self._progress(self._begun, told.words))
        dataset = self._dataset(each.origin)
        labels = torch.from_numpy(dataset.labels)
        columns, notes = columns_of(each, dataset.classes)

        def told(share: float) -> None:
            self._each_file(number, share, None)
            self._progress((number + share) / self._count, f"Measuring {path.name}")

        began = time.perf_counter()
        answers = _answers(each, dataset, columns, told)
        network_notes = (*each.file.notes, *each.recognised.notes, *notes)
        figures = score(answers, labels)
        self.labels = labels
        seconds = time.perf_counter() - began
        return FileMeasured(path, _title(each), _count(each), figures, seconds, network_notes), answers

    def _dataset(self, origin: Origin) -> Dataset:
        try:
            dataset = self._loaded.for_(origin)
            _refuse_others(self.labels, dataset)
        except WorkbenchError as error:
            raise _BadData(error) from None
        return dataset


def columns_of(each: Trained, classes: tuple[str, ...]) -> tuple[list[int], tuple[str, ...]]:
    """For each class of the data the network's output, and what was assumed. Raises WorkbenchError."""
    name, own = each.file.path.name, each.origin.classes
    if own and not _are_numbers(own) and not _are_numbers(classes):
        unknown = [c for c in classes if c not in own]
        if unknown:
            known, missing = ", ".join(own[:4]), ", ".join(unknown[:4])
            text = f"{name} does not know {len(unknown)} of the {len(classes)} classes: {missing}."
            raise WorkbenchError(f"{text} It knows {len(own)}: {known}{', …' if len(own) > 4 else ''}.")
        left = len(own) - len(classes)
        among = f"Of the network's {len(own)} classes only the {len(classes)} of the data were asked for."
        return [own.index(c) for c in classes], (among,) if left else ()
    if len(classes) != each.recognised.classes:
        text = f"{name} tells {each.recognised.classes} classes apart, and the data has {len(classes)}"
        raise WorkbenchError(f"{text}; without names on both sides they cannot be matched.")
    return list(range(len(classes))), ("Classes were matched by their order: there are no names on both sides.",)


def average_words(result: Evaluation) -> str:
    """What the average is of: it says so where not every file is in it."""
    total = len(result.files) + len(result.failed)
    return f"Average of {len(result.files)} of {total} files" if result.failed else "Average of the predictions"


def table(result: Evaluation) -> str:
    """The result as lines of text: a line for each file, the average, and what was assumed."""
    lines = []
    if result.files:
        average = average_words(result)
        width = max(len(average), *(len(each.path.name) for each in result.files))
        lines.append(f"{'File':{width}}  {'accuracy':>8}  {'loss':>7}  {'parameters':>11}  network")
        for each in result.files:
            lines.append(
                f"{each.path.name:{width}}  {_figures(each.measured)}  {grouped(each.parameters):>11}  {each.title}"
            )
        if result.averaged is not None:
            total = sum(each.parameters for each in result.files)
            lines.append(f"{average:{width}}  {_figures(result.averaged)}  {grouped(total):>11}")
        seconds = sum(each.seconds for each in result.files)
        lines.append(f"{grouped(result.files[0].measured.n)} examples, float32, {grouped(seconds, 1)} s")
    return "\n".join([*lines, *_gathered(result)])


def command(arguments: Sequence[str]) -> int:
    """``python -m workbench.engine evaluate``: 0, or 2 if a file could not be measured. Raises WorkbenchError."""
    import torch

    from workbench.engine.training.device import cores

    options = _parser().parse_args(arguments)
    if options.pot and len(options.files) < 2:
        raise WorkbenchError("Give at least two files to average: the average of one is itself.")
    torch.set_num_threads(max(1, cores() - 1))  # the rule of a run: two threads on a busy machine can be far slower
    result = evaluate(options.files, options.data, options.part, _line if sys.stderr.isatty() else _nothing)
    if result.files:
        sys.stdout.write(plain(f"{table(result)}\n"))
        sys.stdout.flush()
    for each in result.failed:
        sys.stderr.write(plain(f"Not measured: {each.message}\n"))
    return 2 if result.failed else 0


def _line(fraction: float, words: str) -> None:
    sys.stderr.write(f"\r{words}: {percent(fraction, 0)} " + "\n" * (fraction >= 1))
    sys.stderr.flush()


def _nothing(fraction: float, words: str) -> None:
    pass


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m workbench.engine evaluate", description="Measure files of trained weights on a data set."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="weights: torch's formats or safetensors")
    what = "what the window opens: an .npz file, a CSV table, or a folder that holds one, IDX files or class folders"
    parser.add_argument("--data", required=True, type=Path, metavar="SOURCE", help=what)
    which = "which part of the data, where it keeps parts apart; all is training and validation together"
    parser.add_argument("--part", choices=PARTS, default="all", help=which)
    average = "insist on the average of the predictions, which is printed for several files anyway"
    parser.add_argument("--pot", action="store_true", help=average)
    return parser


class _Loaded:
    """The examples, loaded once for each size of picture that is asked for."""

    def __init__(self, data: Path | DataSource, part: Part, watch: Watch | None = None) -> None:
        self._data, self._part, self._watch = data, part, watch
        self._last: tuple[object, Dataset] | None = None

    def for_(self, origin: Origin) -> Dataset:
        """The examples as ``origin`` wants picture files read; arrays, and a source of its own, come as they are."""
        if not isinstance(self._data, Path):
            self._last = self._last or ("", of_source(self._data, self._part, self._watch))
            return self._last[1]
        side = origin.resize or (max(origin.size) if origin.size else 32)
        colour: Literal["gray", "rgb"] = "gray" if origin.gray else "rgb"
        if self._last is None or self._last[0] != (side, colour):
            self._last = ((side, colour), load(self._data, self._part, side, colour, self._watch))
        return self._last[1]


def _answers(each: Trained, dataset: Dataset, columns: list[int], told: Callable[[float], None]) -> torch.Tensor:
    """The logarithms of the probabilities (n, K) of the data's classes, float64."""
    import numpy as np
    import torch

    from workbench.engine.data.examples import Examples, chunks
    from workbench.engine.training.evaluate import answers

    _refuse_shape(each, dataset)
    network, examples, indices = _as_used(each), Examples(dataset, "cpu"), np.arange(len(dataset.labels))
    made: list[torch.Tensor] = []
    for part in chunks(indices, CHUNK):
        made.append(_finished(answers(network, examples, part)))
        told((int(part[-1]) + 1) / len(indices))
    return torch.cat(made)[:, columns].log_softmax(1)


def _finished(work: Generator[int, None, torch.Tensor]) -> torch.Tensor:
    while True:
        try:
            next(work)
        except StopIteration as finished:
            result: torch.Tensor = finished.value
            return result


def _as_used(each: Trained) -> nn.Module:
    """The network behind its own preprocessing: from values in [0, 1] to logits."""
    from torch import nn

    from workbench.engine.experiments.input_layers import Cropped, Standardized
    from workbench.engine.transfer.net import Front

    origin, network = each.origin, each.recognised.network(each.file.tensors)
    layers: list[nn.Module] = [Cropped(origin.resize, origin.size)] if origin.resize and origin.size else []
    if origin.channels is None or (origin.per_pixel and each.file.standardizer is not None):
        mean, inverse = each.file.standardizer or origin.tensors()
        if origin.channels is not None:
            layers.append(Front(origin.channels, origin.size, (0.0,) * origin.channels, (1.0,) * origin.channels))
        layers.append(Standardized(mean, inverse))
    else:
        layers.append(Front(origin.channels, origin.size, origin.mean, origin.std))
    return nn.Sequential(*layers, network).eval()


def _refuse_shape(each: Trained, dataset: Dataset) -> None:
    wanted = each.recognised.shape if each.origin.size is None else None
    if dataset.is_image != (wanted is None) or (wanted is not None and dataset.shape != wanted):
        has = "pictures" if dataset.is_image else f"points with {dataset.shape[0]} coordinates"
        wants = "pictures" if wanted is None else f"points with {wanted[0]} coordinates"
        raise WorkbenchError(f"{each.file.path.name} was trained on {wants}, and the data has {has}.")


def _refuse_others(labels: torch.Tensor | None, dataset: Dataset) -> None:
    if labels is not None and labels.tolist() != dataset.labels.tolist():
        raise WorkbenchError("The data changed while it was measured; start again.")


def _are_numbers(classes: tuple[str, ...]) -> bool:
    """Whether the classes are only counted, which is no name."""
    return sorted(classes) == sorted(map(str, range(len(classes))))


def _title(each: Trained) -> str:
    return each.recognised.title


def _count(each: Trained) -> int:
    kept = (t for n, t in each.file.tensors.items() if t.is_floating_point() and "running_" not in n)
    return sum(tensor.numel() for tensor in kept)


def _figures(measured: Measured) -> str:
    return f"{percent(measured.accuracy, 2):>8}  {grouped(measured.loss, 4):>7}"


def _gathered(result: Evaluation) -> list[str]:
    """Every note once, with the files that it is about if not all."""
    about: dict[str, list[str]] = {}
    for each in result.files:
        for note in each.notes:
            about.setdefault(note, []).append(each.path.name)
    everyone = len(result.files)
    return [note if len(names) == everyone else f"{', '.join(names)}: {note}" for note, names in about.items()]
