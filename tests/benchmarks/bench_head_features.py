"""An epoch of the head on cached features against the same epoch through the frozen backbone, in one run of each.

The network is a ResNet-20 for 32×32 pictures with random weights: what they are does not change what it costs.
"""

from __future__ import annotations

import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.core.drive import drive
from workbench.engine.core.events import EpochEnded, Event
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up

EXAMPLES, CLASSES = 1024, 10
EPOCHS = 5


def main() -> None:
    """Print the median epoch of both, measured like every epoch: its steps and its evaluation."""
    with tempfile.TemporaryDirectory() as folder:
        spec = _spec(Path(folder))
        data = _data()
        spans = {cached: _epochs(spec.edited("model.cache_features", cached), data) for cached in (False, True)}
    through, cached = median(spans[False]), median(spans[True])
    print(f"Head through the backbone   {1e3 * through:9.1f} ms an epoch of {EXAMPLES * 4 // 5} pictures")
    print(f"Head on cached features     {1e3 * cached:9.1f} ms an epoch")
    print(f"Head ratio                  {through / cached:9.1f}   target >= 20")


def _spec(folder: Path) -> ExperimentSpec:
    from safetensors.torch import save_file

    network = CifarResNet().build((3, 32, 32), CLASSES, LayerInsertion())
    CifarResNet().fill(network, 0)
    save_file(network.state_dict(), folder / "resnet20.safetensors")
    return (
        ExperimentSpec()
        .edited("preprocessing", {"kind": "none"})
        .edited("model", {"kind": "transfer", "weights": str(folder / "resnet20.safetensors")})
        .edited("loop.epochs", EPOCHS)
        .edited("loop.threads", 1)
    )


def _data() -> Dataset:
    draw = np.random.Generator(np.random.PCG64(0))
    inputs = draw.integers(0, 256, (EXAMPLES, 3, 32, 32), dtype=np.uint8)
    return Dataset(inputs, np.arange(EXAMPLES) % CLASSES, tuple(map(str, range(CLASSES))))


def _epochs(spec: ExperimentSpec, data: Dataset) -> list[float]:
    """The seconds from one evaluation's end to the next one's, without the first (it computes the features)."""
    ends: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, EpochEnded):
            ends.append(time.perf_counter())

    drive(train_loop(set_up(spec, dataset=data)), lambda event: None, note)
    return [later - earlier for earlier, later in pairwise(ends)]


if __name__ == "__main__":
    main()
