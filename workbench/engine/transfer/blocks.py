"""The blocks of a network that is used again, as plain data for a window."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.catalog.models.transfer import Transfer
    from workbench.engine.transfer.net import TransferNet
    from workbench.engine.transfer.stages import Stage

_LEAVES = {"Linear": "fully connected", "BatchNorm1d": "batch norm", "BatchNorm2d": "batch norm"} | {
    "MaxPool2d": "max pooling",
    "AvgPool2d": "mean pooling",
    "AdaptiveAvgPool2d": "mean over the pixels",
    "LayerNorm": "layer norm",
    "LayerNorm2d": "layer norm",
    "FeatureScale": "standardized features",
    "Dropout": "dropout",
}
#: Layers that are not mentioned.
_SILENT = ("Identity", "Flatten", "Permute", "Sequential")
_COINED = (
    {
        "MBConv": "MBConv",
        "FusedMBConv": "fused MBConv",
        "CNBlock": "ConvNeXt block",
        "AnyStage": "RegNet stage",
    }
    | {
        "MaxVitBlock": "MaxViT block",
        "EncoderBlock": "transformer block",
        "SwinTransformerBlockV2": "Swin block",
        "SwinTransformerBlock": "Swin block",
        "PatchMergingV2": "patch merging",
        "Fire": "fire module",
    }
    | {  # of timm
        "BatchNormAct2d": "batch norm",
        "Block": "transformer block",
        "ConvNeXtStage": "ConvNeXt stage",
        "NormMlpClassifierHead": "norm",
        "PatchEmbed": "patch embedding",
        "SelectAdaptivePool2d": "mean over the pixels",
    }
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block. ``number`` counts from 1 at the input and is what the settings mean; the head is the last.

    ``name`` is its path in the network, ``words`` say what is in it. ``memory`` is the bytes of what it computes for
    one picture, which training must keep; ``shape`` is what comes out of it for one picture. ``norm`` tells whether it
    has norm layers, ``rate`` the share of the run's learning rate that it has, ``frozen`` whether it is in the first
    epoch, ``thaws`` from which epoch on it learns (0-based; None: never).
    """

    number: int
    name: str
    words: str
    parameters: int
    memory: int
    shape: tuple[int, ...]
    norm: bool
    is_head: bool
    rate: float
    frozen: bool
    thaws: int | None


def blocks_of(model: Transfer, shape: tuple[int, ...], classes: int, epochs: int = 1) -> tuple[Block, ...]:
    """The blocks of ``model`` for pictures of ``shape``, from the input to the head.

    Reads the weights. Raises WorkbenchError with a sentence if they are missing or do not fit.
    """
    from workbench.engine.nn.layer_insertion import LayerInsertion
    from workbench.engine.transfer.building import build

    network = build(model, shape, classes, LayerInsertion())
    stages = network.stages()
    sizes, shapes = _measured(network, stages, shape)
    count = len(stages) - 1
    return tuple(
        Block(
            number,
            stage.name.removeprefix("net.").removeprefix("net."),
            _words(stage.modules),
            sum(p.numel() for _, p in stage.tensors()),
            sizes[number - 1],
            shapes[number - 1],
            _has_norm(stage),
            number > count,
            model.rate_of(number, count),
            number in model.frozen_in(0, count),
            next((e for e in range(epochs) if number not in model.frozen_in(e, count)), None),
        )
        for number, stage in enumerate(stages, 1)
    )


def _measured(
    network: TransferNet, stages: Sequence[Stage], shape: tuple[int, ...]
) -> tuple[list[int], list[tuple[int, ...]]]:
    """The bytes of activations and the shape of the output of each stage for one picture."""
    import torch

    sizes, shapes = [0] * len(stages), [()] * len(stages)  # type: list[int], list[tuple[int, ...]]

    def on_leaf(index: int, output: object) -> None:
        if isinstance(output, torch.Tensor):
            sizes[index] += output.numel() * output.element_size()

    def on_stage(index: int, output: object) -> None:
        if isinstance(output, torch.Tensor):
            shapes[index] = tuple(output.shape[1:])

    handles = []
    for index, stage in enumerate(stages):
        for module in stage.modules:
            handles.append(module.register_forward_hook(lambda _m, _i, out, index=index: on_stage(index, out)))
            for leaf in (m for m in module.modules() if not any(True for _ in m.children())):
                if type(leaf).__name__ in _SILENT or getattr(leaf, "inplace", False):
                    continue
                handles.append(leaf.register_forward_hook(lambda _m, _i, out, index=index: on_leaf(index, out)))
    with torch.no_grad():
        network.eval()(torch.zeros(1, *shape))
    for handle in handles:
        handle.remove()
    return sizes, shapes


def _has_norm(stage: Stage) -> bool:
    from workbench.engine.transfer.stages import norms_in

    return bool(norms_in(stage.modules))


def _words(modules: Sequence[nn.Module]) -> str:
    said: list[str] = []
    for words in (each for module in modules for each in _of_module(module)):
        if words and words not in said:
            said.append(words)
    return ", ".join(said)


def _of_module(module: nn.Module) -> Iterator[str]:
    """What ``module`` is in words: a layer by what it does, a row of equal blocks by their number and kind."""
    children = list(module.children())
    kind = type(module).__name__
    if not children:
        yield _leaf(module)
    elif kind in ("Sequential", "ModuleList") and children and all(any(True for _ in c.children()) for c in children):
        kinds = [_plain(type(child).__name__) for child in children]
        first = kinds[0]
        yield f"{len(kinds)} × {first}" if len(kinds) > 1 else first
    elif kind in ("Sequential", "ModuleList", "Conv2dNormActivation", "SimpleStemIN", "BasicConv2d"):
        for child in children:
            yield from _of_module(child)
    else:
        yield _plain(kind)


def _leaf(module: nn.Module) -> str:
    kind = type(module).__name__
    if kind in _SILENT:
        return ""
    size = getattr(module, "kernel_size", None)
    if kind == "Conv2d" and isinstance(size, tuple):
        return f"convolution {size[0]}×{size[1]}"
    return _LEAVES.get(kind, kind if kind.isupper() or kind in ("ReLU", "ReLU6", "SiLU") else _plain(kind))


def _plain(kind: str) -> str:
    """``InvertedResidual`` as ``inverted residual``."""
    if kind in _COINED:
        return _COINED[kind]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", kind.lstrip("_")).lower()
