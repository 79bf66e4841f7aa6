"""Copies of a network that are looked into, so that the network itself is never touched."""

from __future__ import annotations

import copy
from typing import Final

import torch
from torch import nn

from workbench.engine.core.randomness import generator

#: The stream of random numbers that shuffles weights.
_STREAM: Final = "explain-shuffle"


def twin(network: nn.Module) -> nn.Module:
    """A copy with modules of its own and the very tensors of ``network``, in evaluation mode.

    Hooks, modes and flags of the copy are its own, so the original can predict in another thread meanwhile. Nothing in
    it works in place: what a hook has seen stays as it was.
    """
    shared = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    return _still(copy.deepcopy(network, shared))


def shuffled(network: nn.Module, seed: int = 0) -> nn.Module:
    """A copy whose weights are permuted within each parameter tensor; buffers (running means) are kept.

    All layers at once, as in the data-independent test by randomization of parameters of Adebayo et al., Sanity Checks
    for Saliency Maps, NeurIPS 2018, who draw the weights anew: a permutation keeps the distribution of each layer's
    values and loses what they have learned. torch's global generator is not used.
    """
    made = copy.deepcopy(network)
    with torch.no_grad():
        for name, weight in made.named_parameters():
            order = torch.randperm(weight.numel(), generator=generator("cpu", _STREAM, seed, name))
            weight.copy_(weight.flatten()[order].view_as(weight))
    return _still(made)


def _still(made: nn.Module) -> nn.Module:
    for module in made.modules():
        if getattr(module, "inplace", False):
            module.inplace = False  # type: ignore[assignment]
    return made.eval()
