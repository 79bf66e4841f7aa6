"""P3: crop, flip, colour jitter and normalization of 32×32 colour pictures, each with parameters of its own, 1 thread.

Against torchvision's v2 transforms of one picture at a time in a DataLoader with no workers, and against kornia's
per-sample augmentations where that is installed. Alternating; images a second and their ratios.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from workbench.engine.catalog.augmentations.colour import ColourJitter
from workbench.engine.catalog.augmentations.crop import RandomCrop
from workbench.engine.catalog.augmentations.flip import HorizontalFlip
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.preprocessing.members import Normalize
from workbench.engine.core.randomness import permutation
from workbench.engine.data.examples import Examples

N, BATCH, ROUNDS, SECONDS = 4096, 128, 5, 1.5
CHAIN = (RandomCrop(padding=4), HorizontalFlip(), ColourJitter(brightness=0.2, contrast=0.2, saturation=0.2))
MEAN, STD = (0.47, 0.45, 0.40), (0.25, 0.24, 0.26)


def pictures() -> Dataset:
    rng = np.random.default_rng(0)
    inputs = rng.integers(0, 256, (N, 3, 32, 32), dtype=np.uint8)
    return Dataset(inputs, rng.integers(0, 10, N), tuple("abcdefghij"))


def ours(dataset: Dataset) -> Iterator[int]:
    """Batches of the engine; yields their sizes."""
    examples = Examples(dataset, "cpu")
    examples.standardize_by(Normalize(), np.arange(N))
    epoch = 0
    while True:
        order = permutation(N, 0, epoch)
        for start in range(0, N, BATCH):
            x, _ = examples.training_batch(order[start : start + BATCH], CHAIN, 0, epoch)
            yield len(x)
        epoch += 1


def theirs(dataset: Dataset) -> Iterator[int]:
    """torchvision v2, one picture at a time."""
    from torch.utils.data import DataLoader, TensorDataset
    from torchvision.transforms import v2

    change = v2.Compose(
        [
            v2.RandomCrop(32, padding=4),
            v2.RandomHorizontalFlip(),
            v2.ToDtype(torch.float32, scale=True),
            v2.ColorJitter(0.2, 0.2, 0.2),
            v2.Normalize(MEAN, STD),
        ]
    )

    class Changed(TensorDataset):
        def __getitem__(self, index: int) -> Any:
            x, y = super().__getitem__(index)
            return change(x), y

    inputs, labels = torch.from_numpy(dataset.inputs), torch.from_numpy(dataset.labels)
    while True:
        for x, _ in DataLoader(Changed(inputs, labels), BATCH, shuffle=True, num_workers=0):
            yield len(x)


def kornias(dataset: Dataset) -> Iterator[int]:
    """kornia, a batch at a time, parameters of its own for each picture."""
    from kornia import augmentation as k

    change = k.AugmentationSequential(
        k.RandomCrop((32, 32), padding=4),
        k.RandomHorizontalFlip(),
        k.ColorJitter(0.2, 0.2, 0.2, 0.0, p=1.0),
        k.Normalize(torch.tensor(MEAN), torch.tensor(STD)),
        same_on_batch=False,
    )
    inputs, rng = torch.from_numpy(dataset.inputs), np.random.default_rng(0)
    while True:
        where = torch.from_numpy(rng.permutation(N))
        for part in where.split(BATCH):
            yield len(change(inputs[part].float().div_(255.0)))


def speed(work: Iterator[int]) -> float:
    """Images a second."""
    done, start = 0, time.perf_counter()
    while (took := time.perf_counter() - start) < SECONDS:
        done += next(work)
    return done / took


def main() -> None:
    torch.set_num_threads(1)
    ways: dict[str, Callable[[Dataset], Iterator[int]]] = {"engine": ours, "torchvision v2": theirs}
    if importlib.util.find_spec("kornia"):
        ways["kornia"] = kornias
    dataset = pictures()
    running = {name: make(dataset) for name, make in ways.items()}
    for work in running.values():
        next(work)
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, work in running.items():
            speeds[name].append(speed(work))
    for name, found in speeds.items():
        ratios = np.array(speeds["engine"]) / np.array(found)
        print(
            f"  {name}: {np.median(found):,.0f} images/s; the engine does {np.median(ratios):.1f} times as many "
            f"({ratios.min():.1f} to {ratios.max():.1f})"
        )


if __name__ == "__main__":
    main()
