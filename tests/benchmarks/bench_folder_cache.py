"""A second and later epoch over a picture folder: the cache against a DataLoader that decodes each picture each time.

Both give standardized float32 batches of the same pictures in a shuffled order, without augmentation, in one run: the
DataLoader with 2 workers (spawn, persistent, so that their start is not counted), ours as training takes them. The
folder is named on the command line (``python -m tests.benchmarks.bench_folder_cache FOLDER``), else JPEGs are made.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.preprocessing.members import Normalize
from workbench.engine.core.randomness import permutation
from workbench.engine.data.examples import Examples
from workbench.engine.pictures.decode import read_picture
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

SIZE, BATCH, EPOCHS = 64, 64, 3
GENERATED, SIDE = 1200, 400


class EachTime(TorchDataset[Any]):
    """Decodes a picture by the same rule whenever it is asked for."""

    def __init__(self, files: tuple[str, ...], labels: list[int], mean: float, std: float) -> None:
        self.files, self.labels, self.mean, self.std = files, labels, mean, std

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        pixels = np.ascontiguousarray(read_picture(Path(self.files[index]), SIZE, False))
        return (torch.from_numpy(pixels).float().div_(255) - self.mean) / self.std, self.labels[index]


def generate(root: Path) -> None:
    """Smooth JPEGs of the size of small photographs."""
    rng = np.random.default_rng(0)
    for number in range(GENERATED):
        file = root / f"class{number % 4}" / f"{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (25, 33, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((SIDE * 4 // 3, SIDE), Image.Resampling.BICUBIC).save(file, quality=88)


def measure(root: Path) -> None:
    source = PictureFolder(folder=str(root), size=SIZE, colour="rgb", skip_unreadable=True)
    began = time.perf_counter()
    dataset = source.load()
    first = time.perf_counter() - began
    began = time.perf_counter()
    dataset = source.load()
    again = time.perf_counter() - began
    count = len(dataset.labels)
    examples = Examples(dataset, "cpu")
    examples.standardize_by(Normalize(), np.arange(count))

    def ours(epoch: int) -> int:
        order = permutation(count, 0, epoch)
        return sum(len(examples.batch(order[i : i + BATCH])[0]) for i in range(0, count, BATCH))

    each_time = EachTime(dataset.files, dataset.labels.tolist(), 0.5, 0.25)
    loader = DataLoader(
        each_time, BATCH, shuffle=True, num_workers=2, multiprocessing_context="spawn", persistent_workers=True
    )
    sum(len(x) for x, _ in loader)  # the workers start and the files come into memory
    theirs_seconds, our_seconds = [], []
    for epoch in range(EPOCHS):
        began = time.perf_counter()
        assert sum(len(x) for x, _ in loader) == count
        theirs_seconds.append(time.perf_counter() - began)
        began = time.perf_counter()
        assert ours(epoch) == count
        our_seconds.append(time.perf_counter() - began)
    theirs, mine = min(theirs_seconds), min(our_seconds)
    print(f"{count:,} pictures at {SIZE} px: decoded in {first:.2f} s, read from the cache in {again:.3f} s")
    print(f"one epoch: DataLoader {theirs:.3f} s, ours {mine:.4f} s, ratio {theirs / mine:.0f} (wanted: at least 5)")
    print(f"with reading the cache anew each epoch: ratio {theirs / (mine + again):.1f}")


def first_epoch(root: Path) -> None:
    """Until the end of the first epoch over new pictures: trained beside the decoding, against decoded first."""
    spec = ExperimentSpec().edited("loop.epochs", 1).edited("model", {"kind": "small_cnn"})
    source = {"kind": "folder", "folder": str(root), "size": SIZE, "colour": "rgb"}
    beside, first = [], []
    for _ in range(EPOCHS):
        for found, name in ((beside, "beside"), (first, "first")):
            with tempfile.TemporaryDirectory() as home:
                os.environ["WORKBENCH_HOME"] = home
                began = time.perf_counter()
                if name == "first":
                    spec.edited("data.source", source).data.source.load()
                for _event in train(spec.edited("data.source", source)):
                    pass
                found.append(time.perf_counter() - began)
    print(
        f"a first epoch: decoded first {min(first):.2f} s, beside {min(beside):.2f} s, "
        f"ratio {min(beside) / min(first):.2f} (below 1: they overlap)"
    )


def main(folder: str = "") -> None:
    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    with tempfile.TemporaryDirectory() as home:
        os.environ["WORKBENCH_HOME"] = home
        root = Path(folder) if folder else Path(home) / "pictures"
        if not folder:
            generate(root)
        measure(root)
        first_epoch(root)


if __name__ == "__main__":
    main(*sys.argv[1:2])
