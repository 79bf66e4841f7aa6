"""What the previews show: examples through the real pipeline, the layers of the network, the data in numbers.

Plain data comes out. torch is imported inside the functions that compute. All of it may run beside a training run in
another thread: nothing here touches torch's global generator or its thread count.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.core.text import shape_text
from workbench.engine.data.store import DataStore

#: Models with more bytes of weights are not run to learn the shapes of their outputs.
MAX_MEASURED = 2**30


# --- The contact sheet ------------------------------------------------------------------------------------------


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


def model_table(spec: ExperimentSpec, data: DataStore | None = None) -> ModelTable:
    """The network of ``spec`` for its real input shape and classes; outputs only below MAX_MEASURED bytes of weights.

    It is built on torch's meta device, which needs no memory and draws no random numbers, and then run once with
    weights of any value: running it on the meta device would first import sympy, which takes seconds.
    Raises WorkbenchError with a sentence if the data cannot be loaded or the model does not fit it.
    """
    dataset = (data or DataStore()).loaded(spec.data.source)
    with reasons(dataset):
        module = unfilled(spec, dataset)
        outputs = _outputs(module, dataset.shape) if memory_of(module) <= MAX_MEASURED else {}
    return _table(module, outputs, spec.loop.batch_size)


def unfilled(spec: ExperimentSpec, dataset: Dataset) -> nn.Module:
    """The network of ``spec`` on the meta device, in eval mode. Raises WorkbenchError for what the form refuses."""
    import torch

    _refuse_problems(spec)
    with torch.device("meta"):
        return spec.model.build(dataset.shape, len(dataset.classes), LayerInsertion(spec.regularization)).eval()


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


# --- Shared -----------------------------------------------------------------------------------------------------
