"""Weights of a network for pictures in the order blue, green, red: turned round to red, green, blue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from workbench.engine.weights.nested_tables import simple

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine.weights.stated import Stated

#: Simplified names with which true says that the network takes blue, green, red.
_TO_BGR: Final = re.compile(r"(^|to|is|use|in)bgr(?!(to|2)rgb)|bgr$|flipchannelorder$")
#: Those with which false says it: pictures are read as blue, green, red, and are not turned round.
_TO_RGB: Final = re.compile(r"(^|bgr)(to|2)rgb$")
_YES: Final = frozenset({"true", "1"})
_NO: Final = frozenset({"false", "0"})
_CHANNELS: Final = 3
#: The weight of a convolution: outputs, inputs, height, width.
_OF_CONVOLUTION: Final = 4
#: The mean of ImageNet by blue, green, red, and how much other programs' figures differ from it.
_IMAGENET_BGR: Final = (0.406, 0.456, 0.485)
_NEAR: Final = 0.005


def says_bgr(name: str, value: object) -> bool:
    """Whether ``name = value`` says that the network takes the order blue, green, red."""
    word, named = str(value).strip().lower(), simple(name.rpartition(".")[2])
    if word == "bgr" or (word in _YES and bool(_TO_BGR.search(named))):
        return True
    return word in _NO and bool(_TO_RGB.search(named))


def says_rgb(name: str, value: object) -> bool:
    """Whether ``name = value`` says that pictures are turned to red, green, blue in whatever order they were read."""
    return str(value).strip().lower() in _YES and bool(_TO_RGB.search(simple(name.rpartition(".")[2])))


def in_rgb(
    tensors: Mapping[str, Tensor], stated: Stated, who: str = "The file"
) -> tuple[dict[str, Tensor], Stated, tuple[str, ...]]:
    """``tensors`` and ``stated`` as of a network for red, green, blue, and a sentence on what was done, where ``who``
    says blue, green, red: the input channels of the first convolution are turned round, which gives the same numbers
    for the same picture, and so are the mean and the std that are stated.

    All as they are where it is not said or the opposite is said too, or where not one convolution alone has three
    inputs.
    """
    said = [each for each in stated.unused if says_bgr(*each)]
    first = [n for n, t in tensors.items() if t.ndim == _OF_CONVOLUTION and t.shape[1] == _CHANNELS]
    if not said or len(first) != 1 or any(says_rgb(*each) for each in stated.unused):
        return dict(tensors), stated, ()
    turned = {name: tensor.flip(1) if name == first[0] else tensor for name, tensor in tensors.items()}
    made = turned_round(stated)
    words = " and ".join(f"{name} = {value}" for name, value in said)
    is_stated = made.normalization is not None and len(made.normalization[0]) == _CHANNELS
    also = " and the stated mean and std" if is_stated else ""
    text = (
        f"{who} says {words}: the input channels of {first[0]}{also} were turned round, so that the network takes "
        "pictures as red, green, blue. If that is wrong, take the word out of the file."
    )
    return turned, made, (text,)


def turned_round(stated: Stated) -> Stated:
    """``stated`` with mean and std in the other order, and without what it says of the order."""
    numbers = stated.normalization
    both = (numbers[0][::-1], numbers[1][::-1]) if numbers is not None else None
    return replace(stated, normalization=both, unused=tuple(each for each in stated.unused if not says_bgr(*each)))


def order_note(stated: Stated, who: str = "The file") -> tuple[str, ...]:
    """A sentence where the stated mean is that of ImageNet by blue, green, red, and no order is stated."""
    mean = stated.normalization[0] if stated.normalization is not None else ()
    if len(mean) != _CHANNELS or any(abs(m - b) > _NEAR for m, b in zip(mean, _IMAGENET_BGR, strict=True)):
        return ()
    text = (
        f"{who} has the mean of ImageNet in the order blue, green, red, and does not say that its network takes "
        "pictures in this order: they are read as RGB. If it takes BGR, write channel_order = bgr beside the mean."
    )
    return (text,)
