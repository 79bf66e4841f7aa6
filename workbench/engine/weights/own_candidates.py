"""Proposals for this program's own networks and the CIFAR ResNets, from the names and shapes of the weights alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isqrt
from typing import TYPE_CHECKING, Any, get_args

from workbench.engine.catalog.models.cifar_resnet import STAGES, CifarResNet
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.weights.candidate import Guess
from workbench.engine.weights.head_variants import with_own_head

if TYPE_CHECKING:
    from torch import Tensor

#: What the CIFAR ResNets were trained on; they take any size.
_CIFAR_SIDE = 32
_CIFAR_HEAD = "linear.weight"
#: Classes of the data set on which they are published, for files without a head.
_CIFAR_CLASSES = 10
_BEND = "The activation cannot be told from weights; ReLU is assumed. The run's settings file beside them would say."
Shapes = dict[str, tuple[int, ...]]


def cifar_resnets(tensors: Mapping[str, Tensor]) -> Iterator[Guess]:
    """The ResNets of He et al. for small pictures, as commonly published (``linear`` or ``fc`` for the head)."""
    shapes = _shapes(tensors)
    first = shapes.get("conv1.weight", ())
    if len(first) != 4 or first[2:] != (3, 3):
        return
    found = [re.match(rf"layer{STAGES}\.(\d+)\.", name) for name in shapes]
    blocks = 1 + max((int(each[1]) for each in found if each), default=-1)
    depth = str(2 * STAGES * blocks + 2)
    if depth in get_args(CifarResNet.model_fields["depth"].annotation):
        body = re.compile(r"(conv1|bn1|layer\d)\.")
        names, outputs = with_own_head(
            tensors, {n: n for n in tensors}, [n for n in tensors if body.match(n)], _CIFAR_HEAD
        )
        classes = next((shapes[theirs][0] for theirs, ours in names.items() if ours == _CIFAR_HEAD), outputs)
        model = CifarResNet.model_validate({"depth": depth, "width": first[0]})
        shape = (first[1], _CIFAR_SIDE, _CIFAR_SIDE)
        yield Guess(model, classes or _CIFAR_CLASSES, shape, names, head=_CIFAR_HEAD)


def mlps(tensors: Mapping[str, Tensor]) -> Iterator[Guess]:
    """Our fully connected networks of any sizes. Points and pictures have the same weights: points are assumed."""
    shapes = _shapes(tensors)
    head = shapes.get("classifier.weight", ())
    if len(head) != 2 or any(len(shape) == 4 for shape in shapes.values()):
        return
    sizes, settings = _layers(shapes, "fc", head[1])
    inputs = shapes["fc1.weight"][1] if sizes else head[1]
    model = {"hidden": sizes, "input_norm": "input_norm.weight" in shapes, **settings}
    notes = (_BEND,) if sizes and "activation" not in settings else ()
    yield Guess(MLP.model_validate(model), head[0], (inputs,), {name: name for name in tensors}, notes=notes)


def small_cnns(tensors: Mapping[str, Tensor]) -> Iterator[Guess]:
    """Our small convolutional networks. Several sizes of picture give the same weights: the smallest is taken."""
    shapes = _shapes(tensors)
    head = shapes.get("classifier.weight", ())
    first = shapes.get("conv1.weight", ())
    if len(head) != 2 or len(first) != 4:
        return
    after = shapes["fc1.weight"][1] if len(shapes.get("fc1.weight", ())) == 2 else head[1]
    hidden, fc = _layers(shapes, "fc", head[1])
    last = next((n for n in range(1, len(shapes) + 1) if f"conv{n + 1}.weight" not in shapes), 1)
    for features in _features(shapes, last):
        channels, settings = _layers(shapes, "conv", features)
        side = isqrt(after // features)
        if side < 1 or side * side * features != after:
            continue
        side *= 2 ** len(channels)
        model = {"channels": channels, "hidden": hidden, "input_norm": "input_norm.weight" in shapes, **fc, **settings}
        yield Guess(
            SmallCNN.model_validate(model),
            head[0],
            (first[1], side, side),
            {name: name for name in tensors},
            notes=(*([_BEND] if "activation" not in settings else []), _side_note(side, len(channels))),
        )


def _side_note(side: int, halvings: int) -> str:
    most = side + 2**halvings - 1
    return f"The size of the pictures cannot be told from weights; {side} pixels a side are assumed (up to {most} fit)."


def _features(shapes: Shapes, last: int) -> list[int]:
    """How many channels may come out of the last convolution: fewer than it computes with maxout."""
    rows = shapes[f"conv{last}.weight"][0]
    return [rows // pieces for pieces in range(1, 17) if rows % pieces == 0]


def _layers(shapes: Shapes, kind: str, out: int) -> tuple[list[int], dict[str, Any]]:
    """The sizes of the layers fc1, fc2, … (or conv1, …), the last of which has ``out`` units, and their settings.

    A layer's units are what the next one takes in, so that maxout shows as more rows than units.
    """
    rows: list[int] = []
    units: list[int] = []
    while len(shapes.get(f"{kind}{len(rows) + 1}.weight", ())) >= 2:
        shape = shapes[f"{kind}{len(rows) + 1}.weight"]
        if rows:
            units.append(shape[1])
        rows.append(shape[0])
    if not rows:
        return [], {}
    units.append(out)
    settings: dict[str, Any] = {"batch_norm": _norm_place(shapes, kind)}
    pieces = rows[0] // max(1, units[0])
    if pieces > 1:
        settings["activation"] = {"kind": "maxout", "pieces": pieces}
    return units, settings


def _norm_place(shapes: Shapes, kind: str) -> str:
    """Behind a layer without a bias stands batch norm; behind one with it, if at all, after the activation."""
    if f"{kind}1_norm.weight" not in shapes:
        return "off"
    return "after" if f"{kind}1.bias" in shapes else "before"


def _shapes(tensors: Mapping[str, Tensor]) -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}
