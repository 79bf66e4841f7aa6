"""The pictures of a contact sheet: training examples through the real pipeline, in the batches of the real run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.randomness import permutation
from workbench.engine.core.text import percent
from workbench.engine.data.examples import as_shares, augmented_and_mixed, mixes
from workbench.engine.data.split import Indices, batch_borders
from workbench.engine.spec.experiment import ExperimentSpec

Bytes = npt.NDArray[np.uint8]


def pictures_of(
    spec: ExperimentSpec, dataset: Dataset, train: Indices, chosen: Indices, epochs: tuple[int, ...]
) -> tuple[Bytes, tuple[str, ...]]:
    """Of each of ``chosen`` a row: the example, then what the model sees of it in each of ``epochs``.

    uint8 (len(chosen) × (1 + len(epochs)), H, W, 3). If labels are mixed, words for each picture too.
    """
    with torch.inference_mode():
        x, y = _raw(dataset, chosen)
        columns = [(x, y), *(_seen(spec, dataset, train, chosen, epoch) for epoch in epochs)]
        pictures = torch.stack([pictures for pictures, _ in columns], 1).flatten(0, 1)
        shares = torch.stack([shares for _, shares in columns], 1).flatten(0, 1)
        shades = pictures.mul(255.0).round().clamp(0.0, 255.0).to(torch.uint8)
        colours = shades.expand(-1, 3, -1, -1).permute(0, 2, 3, 1)
        words = tuple(_words(dataset, row) for row in shares.numpy()) if mixes(spec.augmentations) else ()
        return np.ascontiguousarray(colours.numpy()), words


def _raw(dataset: Dataset, batch: Indices) -> tuple[Tensor, Tensor]:
    """Pictures in [0, 1] and shares of the classes."""
    x = torch.from_numpy(dataset.inputs[batch]).float().div_(255.0)
    return x, as_shares(torch.from_numpy(dataset.labels[batch]), len(dataset.classes))


def _seen(spec: ExperimentSpec, dataset: Dataset, train: Indices, chosen: Indices, epoch: int) -> tuple[Tensor, Tensor]:
    """The examples ``chosen`` in a run's ``epoch``; whole batches are computed only where their examples are mixed."""
    found: dict[int, tuple[Tensor, Tensor]] = {}
    for batch in _batches(spec, train, chosen, epoch) if mixes(spec.augmentations) else [chosen]:
        x, y = augmented_and_mixed(*_raw(dataset, batch), batch, spec.augmentations, spec.loop.seed, epoch)
        for place in np.flatnonzero(np.isin(batch, chosen)).tolist():
            found[int(batch[place])] = x[place], y[place]
    rows = [found[index] for index in chosen.tolist()]
    return torch.stack([x for x, _ in rows]), torch.stack([y for _, y in rows])


def _batches(spec: ExperimentSpec, train: Indices, chosen: Indices, epoch: int) -> Iterator[Indices]:
    """The batches of a run's ``epoch`` that have an example of ``chosen``."""
    order, size = train[permutation(len(train), spec.loop.seed, epoch)], spec.loop.batch_size
    inner = batch_borders(len(train), size)[1:-1]
    return (part for part in np.split(order, inner) if np.isin(part, chosen).any())


def _words(dataset: Dataset, shares: npt.NDArray[np.float32]) -> str:
    """The classes of a mixed label, the largest share first: ``70 % 3, 30 % 8``."""
    largest = [label for label in np.argsort(-shares, kind="stable").tolist() if shares[label] >= 0.005]
    return ", ".join(f"{percent(shares[label], 0)} {dataset.classes[label]}" for label in largest)
