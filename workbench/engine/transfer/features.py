"""The outputs below the head, computed once: the head is trained on them as long as nothing below can change."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor

from workbench.engine.catalog.preprocessing import Standardizer
from workbench.engine.data.examples import Examples, chunks
from workbench.engine.data.split import Indices
from workbench.engine.transfer.net import TransferNet

#: Features are kept only if they take at most this many bytes.
MOST_BYTES = 2 * 2**30


class Features(Examples):
    """The features of ``chosen`` examples, under the same indices as the examples themselves."""

    def __init__(self, network: TransferNet, examples: Examples, chosen: Indices, width: int) -> None:
        self.device = examples.device
        self.inputs = torch.empty((len(chosen), width), device=examples.device)
        self.labels = examples.labels_of(chosen)
        self.classes = examples.classes
        self.standardizer = Standardizer(torch.zeros(()), torch.ones(()))
        self._floats: Tensor | None = self.inputs
        self._network, self._examples, self._chosen = network, examples, chosen
        self._rows = np.full(int(chosen.max()) + 1 if len(chosen) else 0, -1, np.int64)
        self._rows[chosen] = np.arange(len(chosen))

    def compute(self) -> Generator[int, None, None]:
        """Fill in the features; yields the examples done after each chunk."""
        done = 0
        for part in chunks(self._chosen):
            while self._examples.lacks(part):
                yield done
            self.inputs[done : done + len(part)] = below_head(self._network, self._examples.batch(part)[0])
            done += len(part)
            yield done

    def _select(self, indices: Indices) -> Tensor:
        return super()._select(self._rows[indices])


def below_head(network: TransferNet, x: Tensor) -> Tensor:
    """The features of ``x`` as at test time; the network's mode is as before afterwards."""
    was_training = network.training
    network.eval()
    with torch.no_grad():
        features = network.features(x)
    network.train(was_training)
    return features
