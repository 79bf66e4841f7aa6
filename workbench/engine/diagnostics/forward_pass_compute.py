"""The passes behind ``look_inside``: one example through the network of a spec, in training and in test mode.

In both, batch norm uses its running statistics, as always at test time: one example is not a batch, and the two sides
then differ only in what was dropped.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.preprocessing import Standardizer
from workbench.engine.core.seal import is_intact
from workbench.engine.data.examples import chunks
from workbench.engine.data.split import Indices, measured_part
from workbench.engine.diagnostics.forward_pass import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_LAYERS,
    MAX_MAPS,
    MAX_ROWS,
    MAX_SIDE,
    MAX_UNITS,
    NOTHING_ACTS,
    SMALL_SIDE,
    TOO_LARGE,
    Inside,
    Layer,
    Side,
)
from workbench.engine.nn.stochastic_layers import (
    DropConnect,
    Dropout,
    FractionalMaxPool,
    StochasticDepth,
    stochastic_layers,
)
from workbench.engine.report.model_summary import materialize, memory_of, reasons, unfilled
from workbench.engine.spec.experiment import ExperimentSpec

#: Endings of layers' names that repeat what is shown anyway.
_ENDINGS: Final = ("_act", "_dropout", "_pool")


def passed(
    spec: ExperimentSpec, dataset: Dataset, train: Indices, chosen: Indices, number: int, roll: int, weights: str
) -> Inside:
    """See ``look_inside``; ``chosen[number]`` is the example."""
    with reasons(dataset):
        module = unfilled(spec, dataset)
        layers = stochastic_layers(module)
        if not layers or memory_of(module) > MAX_BYTES:
            return Inside(reason=TOO_LARGE if layers else NOTHING_ACTS)
        saved = _filled(module, spec, weights)
        standardizer = saved or _statistics.of(spec, dataset, train)
        one = chosen[number : number + 1]
        with torch.inference_mode():
            x = standardizer.apply_(_raw(dataset, one))
            test, test_logits = _watch(module, x)
            for layer in layers:
                layer.train()
                layer.at(spec.loop.seed, roll)
            training, logits = _watch(module, x)
    hidden = _hidden(training)
    found = [_layer(name, seen, test[name]) for name, seen in training.items() if name not in hidden]
    found = _with_branches(found)
    shown = found[: MAX_LAYERS - 1]
    return Inside(
        (*shown, Layer("answer", "answer", _shares(logits), _shares(test_logits))),
        _picture(dataset, one),
        dataset.classes,
        int(dataset.labels[one[0]]),
        number,
        len(chosen),
        saved is not None,
        len(found) - len(shown),
    )


# --- The network ------------------------------------------------------------------------------------------------


def _filled(module: nn.Module, spec: ExperimentSpec, weights: str) -> Standardizer | None:
    """Give ``module`` the weights of a file and return its statistics; the initial weights and None if they do not fit.

    The module was built on the meta device, so no weights were drawn from torch's global generator.
    """
    materialize(module)
    saved = _loaded(weights)
    if saved is not None:
        standardizer = Standardizer(saved.pop("preprocessing.mean"), saved.pop("preprocessing.inverse_std"))
        own = module.state_dict()
        if {name: t.shape for name, t in own.items()} == {name: t.shape for name, t in saved.items()}:
            module.load_state_dict(saved)
            return standardizer
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.modules.batchnorm._BatchNorm):
                part.reset_running_stats()
        spec.model.fill(module, spec.loop.seed)
    return None


def _loaded(weights: str) -> dict[str, Tensor] | None:
    """The tensors of a run's weights file; None if there is none. A run may be writing: the file is always complete."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    if not weights:
        return None
    try:
        if is_intact(Path(weights)) is False:
            return None
        saved: dict[str, Tensor] = load(Path(weights).read_bytes())
    except (OSError, SafetensorError):
        return None
    return saved if "preprocessing.mean" in saved and "preprocessing.inverse_std" in saved else None


class _Statistics:
    """Keeps the statistics that were fitted last: another random draw does not read the whole training split again."""

    def __init__(self) -> None:
        self._asked: tuple[object, ...] = ()
        self._inputs: Callable[[], object] = lambda: None
        self._found = Standardizer(torch.zeros(()), torch.ones(()))

    def of(self, spec: ExperimentSpec, dataset: Dataset, train: Indices) -> Standardizer:
        """Those of ``spec``'s preprocessing on the training split."""
        preprocessing = spec.model.preprocessing(spec)
        asked = (spec.data, preprocessing)
        if self._asked != asked or self._inputs() is not dataset.inputs:
            measured = measured_part(train, dataset.measured_on, spec.data.split_seed)
            self._found = preprocessing.fit(_raw(dataset, part) for part in chunks(measured))
            self._asked, self._inputs = asked, weakref.ref(dataset.inputs)
        return self._found


_statistics = _Statistics()


def _raw(dataset: Dataset, part: Indices) -> Tensor:
    chosen = torch.from_numpy(dataset.inputs[part])
    return chosen.float().div_(255.0) if chosen.dtype == torch.uint8 else chosen


def _picture(dataset: Dataset, one: Indices) -> npt.NDArray[np.uint8] | None:
    chosen = dataset.inputs[one[0]]
    if chosen.ndim != 3:
        return None
    return np.ascontiguousarray(np.broadcast_to(chosen, (3, *chosen.shape[1:])).transpose(1, 2, 0))


# --- What is seen -----------------------------------------------------------------------------------------------


class _Seen:
    """What a layer did in one pass: its kind, all of its values, and which it kept."""

    def __init__(self, layer: nn.Module, x: Tensor, y: Tensor) -> None:
        self.layer = layer
        self.kept: Tensor | None = None
        self.rows: tuple[int, ...] = ()
        self.columns: tuple[int, ...] = ()
        active = layer.training
        if isinstance(layer, Dropout):
            self.values = y[0].clone()
            self.kept = layer.kept(x)[0].bool() if active and layer.p else None
        elif isinstance(layer, DropConnect):
            self.values = layer.weight.detach().clone()
            self.kept = layer.kept().bool() if active and layer.p else None
        elif isinstance(layer, FractionalMaxPool):
            self.values = x[0, _liveliest(x[0])].clone()
            across, down = layer.offsets(x[:1])[0].tolist()
            self.rows = tuple(layer.starts(x.shape[2], down))
            self.columns = tuple(layer.starts(x.shape[3], across))
        elif isinstance(layer, StochasticDepth):
            self.values = torch.tensor([1.0 - layer.p])
            self.kept = layer.kept(x).flatten().bool() if active and layer.p else None
        else:
            self.values = y[0].clone()


def _liveliest(maps: Tensor) -> int:
    """The feature map (of C, H, W) with the largest spread: an empty one shows nothing."""
    return int(maps.flatten(1).std(1, unbiased=False).argmax())


def _watch(module: nn.Module, x: Tensor) -> tuple[dict[str, _Seen], Tensor]:
    """What the random layers and the activations do in a pass of ``x``, in order, and the logits (1, K)."""
    seen: dict[str, _Seen] = {}

    def note(name: str) -> Callable[..., None]:
        def hook(layer: nn.Module, inputs: Any, output: Any) -> None:
            seen[name] = _Seen(layer, inputs[0], output)

        return hook

    watched = {layer.name: layer for layer in stochastic_layers(module)}
    acts = {name: layer for name, layer in module.named_modules() if name.endswith("_act") and "." not in name}
    handles = [layer.register_forward_hook(note(name)) for name, layer in (acts | watched).items()]
    try:
        logits: Tensor = module(x)
    finally:
        for handle in handles:
            handle.remove()
    return seen, logits


def _hidden(seen: dict[str, _Seen]) -> set[str]:
    """Activations with dropout behind them, which shows the same units, and maps of which nothing is dropped."""
    acts = {name: layer for name, layer in seen.items() if name.endswith("_act")}
    return {n for n, s in acts.items() if s.values.dim() > 1 or f"{n.removesuffix('_act')}_dropout" in seen}


# --- What is shown ----------------------------------------------------------------------------------------------


def _layer(name: str, training: _Seen, test: _Seen) -> Layer:
    layer = training.layer
    title = name.removesuffix(".0").removesuffix(".inside")
    for ending in _ENDINGS:
        title = title.removesuffix(ending)
    if isinstance(layer, FractionalMaxPool):
        note = " over the feature map that varies most"
        corner = (MAX_SIDE, MAX_SIDE)
        note += _corner(training.values)
        return Layer(f"{title} pooling", "pooling", _side(training, corner), _side(test, corner), note=note)
    if isinstance(layer, StochasticDepth):
        kept = training.kept
        dropped = 0 if kept is None else int((~kept).sum())
        return Layer(title, "branches", _side(training, ()), _side(test, ()), 1, dropped)
    kind: Any = "weights" if isinstance(layer, DropConnect) else "units" if training.values.dim() == 1 else "maps"
    maps = MAX_MAPS if max(training.values.shape[-2:]) <= SMALL_SIDE else 1
    limits = {"weights": (MAX_ROWS, MAX_COLUMNS), "units": (MAX_UNITS,), "maps": (maps, MAX_SIDE, MAX_SIDE)}[kind]
    total = training.values.numel()
    dropped = 0 if training.kept is None else int((~training.kept).sum())
    return Layer(
        title, kind, _side(training, limits), _side(test, limits), total, dropped, _shown(training.values, limits)
    )


def _side(seen: _Seen, limits: tuple[int, ...]) -> Side:
    """What is shown of a layer. Regions beyond the corner that is shown are left out."""
    part = tuple(slice(limit) for limit in limits)
    kept = None if seen.kept is None else np.ascontiguousarray(seen.kept[part].numpy())
    values = np.ascontiguousarray(seen.values[part].float().numpy())
    rows = tuple(start for start in seen.rows if start + 2 <= values.shape[-2])
    columns = tuple(start for start in seen.columns if start + 2 <= values.shape[-1])
    return Side(values, kept, rows, columns)


def _shown(values: Tensor, limits: tuple[int, ...]) -> str:
    """A note on what is not shown."""
    if all(side <= limit for side, limit in zip(values.shape, limits, strict=True)):
        return ""
    if values.dim() == 2:
        return f"; shown are the first {min(MAX_ROWS, values.shape[0])} × {min(MAX_COLUMNS, values.shape[1])}"
    if values.dim() == 1:
        return f"; shown are the first {limits[0]}"
    maps = "the first" if limits[0] == 1 else f"the first {limits[0]}"
    return f"; shown: {maps} of {len(values)} maps{_corner(values)}"


def _corner(maps: Tensor) -> str:
    return f", its top left {MAX_SIDE} × {MAX_SIDE}" if max(maps.shape[-2:]) > MAX_SIDE else ""


def _with_branches(layers: list[Layer]) -> list[Layer]:
    """All residual branches as one row, in the place of the first."""
    branches = [layer for layer in layers if layer.kind == "branches"]
    if not branches:
        return layers
    at = layers.index(branches[0])

    def joined(sides: list[Side]) -> Side:
        values = np.concatenate([side.values for side in sides])
        if all(side.kept is None for side in sides):
            return Side(values)
        kept = [np.ones(1, np.bool_) if side.kept is None else side.kept for side in sides]
        return Side(values, np.concatenate(kept))

    row = Layer(
        "Residual branches",
        "branches",
        joined([layer.train for layer in branches]),
        joined([layer.test for layer in branches]),
        len(branches),
        sum(layer.dropped for layer in branches),
    )
    rest = [layer for layer in layers if layer.kind != "branches"]
    return [*rest[:at], row, *rest[at:]]


def _shares(logits: Tensor) -> Side:
    return Side(logits.softmax(1)[0].numpy())
