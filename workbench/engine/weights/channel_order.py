"""Weights of a network for pictures in the order blue, green, red: turned round to red, green, blue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from workbench.engine.weights.stated import Stated

if TYPE_CHECKING:
    from torch import Tensor

_NAMED_BGR: Final = re.compile(r"(^|[^a-z]|to|is|use|in)bgr", re.IGNORECASE)
_CHANNELS: Final = 3
#: The weight of a convolution: outputs, inputs, height, width.
_OF_CONVOLUTION: Final = 4


def in_rgb(tensors: Mapping[str, Tensor], stated: Stated) -> tuple[dict[str, Tensor], Stated, tuple[str, ...]]:
    """``tensors`` and ``stated`` as of a network for red, green, blue, and a sentence on what was done, where the file
    says blue, green, red: the input channels of the first convolution are turned round, which gives the same numbers
    for the same picture, and so are the mean and the std that the file states.

    All as they are where the file does not say so, or where not one convolution alone has three inputs.
    """
    said = [(name, value) for name, value in stated.unused if _says_bgr(name, value)]
    first = [n for n, t in tensors.items() if t.ndim == _OF_CONVOLUTION and t.shape[1] == _CHANNELS]
    if not said or len(first) != 1:
        return dict(tensors), stated, ()
    turned = {name: tensor.flip(1) if name == first[0] else tensor for name, tensor in tensors.items()}
    numbers = stated.normalization
    both = (numbers[0][::-1], numbers[1][::-1]) if numbers is not None else None
    words = " and ".join(f"{name} = {value}" for name, value in said)
    also = " and the stated mean and std" if both is not None and len(both[0]) == _CHANNELS else ""
    text = (
        f"The file says {words}: the input channels of {first[0]}{also} were turned round, so that the network takes "
        "pictures as red, green, blue. If that is wrong, take the word out of the file."
    )
    unused = tuple(each for each in stated.unused if each not in said)
    return turned, replace(stated, normalization=both, unused=unused), (text,)


def _says_bgr(name: str, value: str) -> bool:
    return value.strip().lower() == "bgr" or (value.strip().lower() in ("true", "1") and bool(_NAMED_BGR.search(name)))
