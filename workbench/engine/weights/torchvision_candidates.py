"""Proposals among torchvision's classifiers: the number of weights without the head tells them apart at once.

torchvision states it for each of its networks, so that one or a few have to be built and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import isqrt, prod
from typing import TYPE_CHECKING, get_args

from workbench.engine.catalog.models.torchvision_classifier import Name, TorchvisionClassifier
from workbench.engine.weights.candidate import Guess
from workbench.engine.weights.head_variants import with_own_head

if TYPE_CHECKING:
    from torch import Tensor, nn

#: Number of networks of the nearest sizes that are compared.
TRIED = 4
IMAGENET_CLASSES = 1000
_SIDE = 224
_BIG = {"inception_v3": 299}
_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
#: Second classifiers that help in training alone; these networks are built without.
_AUXILIARY = re.compile(r"^(AuxLogits|aux1|aux2)\.")
#: Names that torchvision itself reads under newer ones.
_RENAMED = (
    (re.compile(r"^(features\.denseblock.*denselayer\d+\.(?:norm|conv))\.([12]\.)"), r"\1\2"),
    (re.compile(r"(\.mlp)\.linear_1\."), r"\1.0."),
    (re.compile(r"(\.mlp)\.linear_2\."), r"\1.3."),
)


def classifiers(tensors: Mapping[str, Tensor]) -> Iterator[Guess]:
    """Those of torchvision whose size is nearest, and whose names are much like the file's."""
    given = set(_own_names(tensors).values())
    near = _nearest(tensors)[:TRIED]
    yield from _guesses([n for n in near if 2 * len(given & set(_names(n))) >= len(_names(n))], tensors)


def relatives(tensors: Mapping[str, Tensor]) -> Iterator[Guess]:
    """All of the family whose smallest network has most names of tensors in common with the file, whatever is missing.

    Some seconds: up to one network of each family is built.
    """
    given = set(_own_names(tensors).values())
    families: dict[str, list[str]] = {}
    for name in sorted(get_args(Name), key=_counts().__getitem__):
        families.setdefault(_family(name), []).append(name)
    best = max(families.values(), key=lambda members: len(given & set(_names(members[0]))))
    yield from _guesses(best, tensors)


def _family(name: str) -> str:
    """The module of torchvision that has the network: ``resnet`` for ResNets, ResNeXts and wide ones."""
    from torchvision import models

    return str(models.get_model_builder(name).__module__)


def _own_names(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """Names in the file to those in our modules."""
    return {name: f"net.{_renamed(name.removeprefix('net.'))}" for name in tensors if not _AUXILIARY.match(name)}


def _guesses(members: Iterable[str], tensors: Mapping[str, Tensor]) -> Iterator[Guess]:
    """The ``members`` with as many classes as the head in the file has."""
    names = _own_names(tensors)
    for name in members:
        wanted = _names(name)
        head = _head(name)
        ours, found = with_own_head(tensors, names, wanted, head)
        back = {our: theirs for theirs, our in ours.items()}
        classes = tensors[back[head]].shape[0] if head in back and tensors[back[head]].dim() else found
        extra = [each for each in tensors if _AUXILIARY.match(each)]
        notes = ("The second classifiers that help in training (aux) are left aside.",) if extra else ()
        yield Guess(
            _model(name),
            int(classes or IMAGENET_CLASSES),
            (3, *_side(name, tensors, back)),
            ours | dict.fromkeys(extra, ""),
            (),
            notes,
            head,
        )


def _nearest(tensors: Mapping[str, Tensor]) -> list[str]:
    """The networks by how far their number of weights without the head is from the file's."""
    kept = {n: t for n, t in tensors.items() if not n.endswith(_STATISTICS) and not _AUXILIARY.match(n)}
    matrices = [tensor for tensor in kept.values() if tensor.dim() >= 2]
    if not matrices:
        return []
    head = matrices[-1]
    rows, columns = head.shape[0], prod(head.shape[1:])
    body = sum(tensor.numel() for tensor in kept.values()) - rows * (columns + 1)
    with_head = _counts()
    return sorted(with_head, key=lambda name: abs(with_head[name] - IMAGENET_CLASSES * (columns + 1) - body))


@cache
def _counts() -> dict[str, int]:
    """The number of parameters of every classifier with 1000 classes."""
    from torchvision import models

    made = {}
    for name in get_args(Name):
        made[name] = int(next(iter(models.get_model_weights(name))).meta["num_params"])
    made["inception_v3"] = 23_834_568  # torchvision counts its second classifier, which is not built here
    return made


@cache
def _built(name: str) -> nn.Module:
    import torch

    from workbench.engine.nn.layer_insertion import LayerInsertion

    side = _BIG.get(name, _SIDE)
    with torch.device("meta"):
        return _model(name).build((3, side, side), IMAGENET_CLASSES, LayerInsertion())


@cache
def _names(name: str) -> tuple[str, ...]:
    return tuple(n for n in _built(name).state_dict() if not n.endswith("num_batches_tracked"))


@cache
def _head(name: str) -> str:
    """The last matrix of the network, whose rows are the classes."""
    return [n for n, p in _built(name).named_parameters() if p.dim() >= 2][-1]


def _model(name: str) -> TorchvisionClassifier:
    return TorchvisionClassifier.model_validate({"name": name})


def _side(name: str, tensors: Mapping[str, Tensor], back: Mapping[str, str]) -> tuple[int, int]:
    """Pictures' sides; a vision transformer's follow from its table of positions."""
    side = _BIG.get(name, _SIDE)
    positions = tensors.get(back.get("net.encoder.pos_embedding", ""))
    if name.startswith("vit_") and positions is not None and positions.dim() == 3:
        side = max(1, isqrt(positions.shape[1] - 1)) * int(name.rpartition("_")[2])
    return side, side


def _renamed(name: str) -> str:
    for pattern, new in _RENAMED:
        name = pattern.sub(new, name)
    return name
