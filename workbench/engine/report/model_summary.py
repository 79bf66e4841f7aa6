"""What the previews show: examples through the real pipeline, the layers of the network, the data in numbers.

Plain data comes out. torch is imported inside the functions that compute. All of it may run beside a training run in
another thread: nothing here touches torch's global generator or its thread count.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.augmentations import Mixing
from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.base import Watch, finished
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import permutation
from workbench.engine.core.text import grouped
from workbench.engine.data.loading import checked_loading
from workbench.engine.data.split import Indices, Split, batch_borders, split
from workbench.engine.nn.layer_insertion import Parts

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec.experiment import ExperimentSpec

#: So many epochs of each example stand beside its original on a contact sheet.
VARIANTS = 4
#: More points than these are not drawn.
MAX_POINTS = 2_000
#: Models with more bytes of weights are not run to learn the shapes of their outputs.
MAX_MEASURED = 2**30

Bytes = npt.NDArray[np.uint8]


# --- The contact sheet ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Training examples as the model will see them, one row an example, the original first.

    ``pictures`` is uint8 (rows × columns, H, W, 3), row by row. Column j ≥ 1 is the 0-based epoch ``epochs[j - 1]``.
    ``names`` has the class of each row. ``notes`` say where labels may change. ``mixtures`` has words for each picture
    if labels are mixed, such as ``70 % 3, 30 % 8``. An empty sheet has a ``reason``.
    """

    pictures: Bytes
    columns: int
    epochs: tuple[int, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    reason: str = ""
    mixtures: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """The number of examples."""
        return len(self.names)


def contact_sheet(spec: ExperimentSpec, count: int, roll: int) -> Sheet:
    """``count`` training examples of different classes, as they are and as in the epochs from ``roll`` on.

    The pictures are exactly those that a run of ``spec`` trains on in these epochs, before standardization.
    Raises WorkbenchError if the data cannot be loaded or split.
    """
    if not spec.augmentations:
        return _empty("No augmentation is on, so the model sees every picture as it is. Add one above to see it here.")
    if not spec.data.source.is_image:
        return _empty("Augmentation changes pictures, and this data set has points. It is not used.")
    from workbench.engine.report.augmented_pictures import pictures_of

    dataset = loaded(spec.data.source)
    train = split(dataset, spec.data).train
    chosen = of_different_classes(dataset, train, count)
    epochs = tuple(range(roll, roll + VARIANTS))
    said = ((a.title, a.note_for(dataset.shape[0])) for a in spec.augmentations)
    notes = dict.fromkeys(f"{title}: {note}" for title, note in said if note)
    names = tuple(dataset.classes[label] for label in dataset.labels[chosen])
    pictures, mixtures = pictures_of(spec, dataset, train, chosen, epochs)
    return Sheet(pictures, 1 + len(epochs), epochs, names, tuple(notes), mixtures=mixtures)


def sheet_depends_on(spec: ExperimentSpec) -> tuple[object, ...]:
    """The settings that a contact sheet shows: two specs with equal ones have equal sheets."""
    mixes = any(isinstance(augmentation, Mixing) for augmentation in spec.augmentations)
    batches = (spec.loop.batch_size, spec.optimizer.full_batch) if mixes else ()
    return spec.data, spec.augmentations, spec.loop.seed, *batches


def _empty(reason: str) -> Sheet:
    return Sheet(np.empty((0, 0, 0, 3), np.uint8), 0, (), (), (), reason)


def of_different_classes(dataset: Dataset, train: Indices, count: int) -> Indices:
    """``count`` of ``train``, from as many classes as possible and spread over them; fewer if there are fewer."""
    labels = dataset.labels[train]
    by_class = np.argsort(labels, kind="stable")
    present, starts, sizes = np.unique(labels[by_class], return_index=True, return_counts=True)
    rank = np.empty(len(train), np.int64)
    rank[by_class] = np.arange(len(train)) - np.repeat(starts, sizes)
    in_turn = train[np.lexsort((labels, rank))]
    if count >= len(present):
        return in_turn[:count]
    return in_turn[np.linspace(0, len(present) - 1, count).round().astype(np.int64)]


# --- The model --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One layer: its path in the model, torch's name of its kind, the output of one example, its own parameters.

    ``output`` is empty if the layer's output is not known. ``trainable`` of its parameters learn; ``memory`` is bytes
    of its own parameters and buffers and of its outputs for one training batch.
    """

    name: str
    type: str
    output: tuple[int, ...]
    parameters: int
    trainable: int = 0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class ModelTable:
    """The layers of a network in order. ``memory`` is bytes of parameters and buffers, ``activations`` bytes of one
    example's layer outputs, ``batch`` the examples of a training batch."""

    rows: tuple[ModelRow, ...]
    parameters: int
    trainable: int
    memory: int
    activations: int
    batch: int = 1


def model_table(spec: ExperimentSpec) -> ModelTable:
    """The network of ``spec`` for its real input shape and classes; outputs only below MAX_MEASURED bytes of weights.

    It is built on torch's meta device, which needs no memory and draws no random numbers, and then run once with
    weights of any value: running it on the meta device would first import sympy, which takes seconds.
    Raises WorkbenchError with a sentence if the data cannot be loaded or the model does not fit it.
    """
    dataset = loaded(spec.data.source)
    with reasons(dataset):
        module = unfilled(spec, dataset)
        outputs = _outputs(module, dataset.shape) if memory_of(module) <= MAX_MEASURED else {}
    return _table(module, outputs, spec.loop.batch_size)


def unfilled(spec: ExperimentSpec, dataset: Dataset) -> nn.Module:
    """The network of ``spec`` on the meta device, in eval mode. Raises WorkbenchError for what the form refuses."""
    import torch

    _refuse_problems(spec)
    with torch.device("meta"):
        return spec.model.build(dataset.shape, len(dataset.classes), Parts(spec.regularization)).eval()


@contextmanager
def reasons(dataset: Dataset) -> Iterator[None]:
    """What torch says of a model that does not fit the data, as a WorkbenchError with a sentence."""
    try:
        yield
    except WorkbenchError:
        raise
    except (RuntimeError, ValueError, TypeError) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        text = f"The model cannot be built for {shape_text(dataset.shape)} inputs: {why}."
        raise WorkbenchError(text, "model") from error


def _refuse_problems(spec: ExperimentSpec) -> None:
    for problem in spec.problems():
        if problem.severity == "error" and problem.path.split(".")[0] in ("model", "regularization"):
            raise WorkbenchError(f"{_label(spec, problem.path)} {problem.message}.", problem.path)


def _label(spec: ExperimentSpec, path: str) -> str:
    try:
        return spec.knob_at(path).label
    except KeyError:
        return spec.knob_at(path.split(".")[0]).label


def _outputs(module: nn.Module, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The output shape of each layer for one input of ``shape``; ``module`` is left with weights of any value."""
    import torch

    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            first = output[0] if isinstance(output, tuple) else output
            if isinstance(first, torch.Tensor):
                shapes[name] = tuple(first.shape[1:])

        return hook

    for name, layer in _layers(module):
        layer.register_forward_hook(note(name))
    with torch.inference_mode():
        materialize(module)
        module(torch.zeros(1, *shape))
    return shapes


def materialize(module: nn.Module) -> None:
    """Move ``module`` from the meta device into memory. ``Module.to_empty`` does the same, but imports sympy first."""
    import torch

    for part in module.modules():
        for name, weight in list(part.named_parameters(recurse=False)):
            memory = torch.empty(weight.shape, dtype=weight.dtype)
            setattr(part, name, torch.nn.Parameter(memory, weight.requires_grad))
        for name, buffer in list(part.named_buffers(recurse=False)):
            setattr(part, name, torch.empty(buffer.shape, dtype=buffer.dtype))


def memory_of(module: nn.Module) -> int:
    """Bytes of parameters and buffers."""
    return sum(t.numel() * t.element_size() for t in (*module.parameters(), *module.buffers()))


def _layers(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """What has parameters of its own or no parts."""
    for name, layer in module.named_modules():
        if next(layer.children(), None) is None or next(layer.parameters(recurse=False), None) is not None:
            yield name, layer


def _table(module: nn.Module, outputs: dict[str, tuple[int, ...]], batch: int) -> ModelTable:
    rows = tuple(_row(name, layer, outputs.get(name, ()), batch) for name, layer in _layers(module))
    parameters = list(module.parameters())
    return ModelTable(
        rows,
        sum(p.numel() for p in parameters),
        sum(p.numel() for p in parameters if p.requires_grad),
        memory_of(module),
        4 * sum(int(np.prod(shape)) for shape in outputs.values()),
        batch,
    )


def _row(name: str, layer: nn.Module, output: tuple[int, ...], batch: int) -> ModelRow:
    own = list(layer.parameters(recurse=False))
    weights = sum(t.numel() * t.element_size() for t in (*own, *layer.buffers(recurse=False)))
    return ModelRow(
        name,
        type(layer).__name__,
        output,
        sum(p.numel() for p in own),
        sum(p.numel() for p in own if p.requires_grad),
        weights + (4 * batch * int(np.prod(output)) if output else 0),
    )


# --- The data ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Examples of a 2-D set: ``places`` float32 (N, 2), ``labels`` int64 (N,), ``held_back`` bool (N,) (validation)."""

    places: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    held_back: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class DataSummary:
    """The data of a spec in numbers. ``class_train`` and ``class_val`` count each class of ``classes``.

    ``memory`` is bytes of the inputs. ``points`` are at most MAX_POINTS of the used examples of a 2-D set, else None.
    """

    title: str
    train: int
    val: int
    train_eval: int
    classes: tuple[str, ...]
    class_train: tuple[int, ...]
    class_val: tuple[int, ...]
    shape: tuple[int, ...]
    memory: int
    notes: tuple[str, ...] = ()
    points: Points | None = None

    @property
    def sentence(self) -> str:
        """In one line, e.g. ``Digits: 1 438 training / 359 validation examples, 10 classes, 8×8 gray, 0.1 MB``."""
        kinds = f"{grouped(len(self.classes))} {'class' if len(self.classes) == 1 else 'classes'}"
        counts = f"{grouped(self.train)} training / {grouped(self.val)} validation examples"
        return f"{self.title}: {counts}, {kinds}, {shape_text(self.shape)}, {size_text(self.memory)}"

    def steps_per_epoch(self, batch_size: int) -> int:
        """Steps of one epoch of this data."""
        return len(batch_borders(self.train, batch_size)) - 1


def data_summary(spec: ExperimentSpec, watch: Watch | None = None) -> DataSummary:
    """Count what ``spec.data`` gives. Raises WorkbenchError if the data cannot be loaded or split.

    ``watch`` is told how far the reading is, and ends it by raising.
    """
    dataset = loaded(spec.data.source, watch)
    parts = split(dataset, spec.data)
    return DataSummary(
        title=spec.data.source.title,
        train=len(parts.train),
        val=len(parts.val),
        train_eval=len(parts.train_eval),
        classes=dataset.classes,
        class_train=_counts(dataset, parts.train),
        class_val=_counts(dataset, parts.val),
        shape=dataset.shape,
        memory=dataset.inputs.nbytes,
        notes=dataset.notes,
        points=_points(dataset, parts) if dataset.shape == (2,) else None,
    )


def _counts(dataset: Dataset, part: Indices) -> tuple[int, ...]:
    return tuple(np.bincount(dataset.labels[part], minlength=len(dataset.classes)).tolist())


def _points(dataset: Dataset, parts: Split) -> Points:
    used = np.concatenate([parts.train, parts.val])
    shown = np.sort(permutation(len(used), 0, 0)[:MAX_POINTS])
    held_back = np.arange(len(used)) >= len(parts.train)
    return Points(dataset.inputs[used[shown]], dataset.labels[used[shown]], held_back[shown])


# --- Shared -----------------------------------------------------------------------------------------------------


#: Sets of fewer bytes stay for the previews while a run has its own copy.
KEEP_BELOW = 8 * 2**20


class _Shelf:
    """Keeps the data set that was loaded last, so that a preview after the first takes no time."""

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._kept: tuple[DataSource, Dataset] | None = None
        self._keep_below: float = float("inf")

    def get(self, source: DataSource, watch: Watch | None = None) -> Dataset:
        with self._loading:
            kept = self._kept
            if kept is not None and kept[0] == source:
                return kept[1]
            del kept
            self._kept = None  # before loading: two big sets need not fit into memory together
            self._keep_below = float("inf")
            dataset = _load(source, watch)
            if dataset.inputs.nbytes < self._keep_below:
                self._kept = (source, dataset)
            return dataset

    def clear(self, smaller_than: int = 0) -> None:
        """Let the set go unless its inputs are smaller than this many bytes; one that is being loaded too.

        Waits for nothing: the window calls it while another thread may read from a slow drive.
        """
        kept = self._kept
        self._keep_below = smaller_than
        if kept is not None and kept[1].inputs.nbytes >= smaller_than:
            self._kept = None


_shelf = _Shelf()


def loaded(source: DataSource, watch: Watch | None = None) -> Dataset:
    """The examples of ``source``; those of the last source are kept. Raises WorkbenchError.

    ``watch`` is told how far the reading is, and ends it by raising.
    """
    return _shelf.get(source, watch)


def make_room() -> None:
    """Let a large set go, because a run is about to load its own: it would be in memory twice."""
    _shelf.clear(KEEP_BELOW)


def forget_data() -> None:
    """Load anew next time: files may have changed."""
    _shelf.clear()


def _load(source: DataSource, watch: Watch | None) -> Dataset:
    try:
        dataset: Dataset = finished(checked_loading(source), watch)
        return dataset
    except MemoryError:
        raise WorkbenchError("The data set does not fit into the memory that is free.", "data.source") from None


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape in words: ``8×8 gray``, ``32×32 colour``, ``2-D points``."""
    if len(shape) == 3:
        channels, height, width = shape
        return f"{width}×{height} {'gray' if channels == 1 else 'colour'}"
    return f"{int(np.prod(shape))}-D points"


def size_text(size: int) -> str:
    """Bytes in the unit that fits: ``820 bytes``, ``56 kB``, ``0.1 MB``, ``2.4 GB``."""
    if size < 1_000:
        return f"{size} bytes"
    if size < 100_000:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:,.1f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"
