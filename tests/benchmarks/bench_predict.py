"""Predicting 10,000 pictures of 32×32 from memory, against a batched loop written by hand, on one thread.

Alternating in one run; seconds and their ratio, for a narrow CIFAR ResNet-20 and for a small MLP, where what surrounds
the passes counts most.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn

from workbench.engine.catalog.models import Model
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.core.progress import finished
from workbench.engine.core.safetensors_file import safetensors_bytes
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.run_store.weights_metadata import INVERSE_STD, MEAN, metadata_of
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.use.network import used_network
from workbench.engine.use.predict import predicting

N, BATCH, ROUNDS = 10_000, 128, 5
MEAN_VALUE, STD_VALUE = (0.5, 0.4, 0.3), (0.2, 0.3, 0.25)


def by_hand(network: nn.Module, pictures: np.ndarray) -> np.ndarray:
    """Probabilities (N, K), as one would write it."""
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in (MEAN_VALUE, STD_VALUE))
    made = []
    with torch.inference_mode():
        for start in range(0, len(pictures), BATCH):
            x = torch.from_numpy(pictures[start : start + BATCH]).float().div_(255)
            made.append(network((x - mean) / std).softmax(1))
    return torch.cat(made).numpy()


def seconds(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """How long it takes, and what it gives."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def compare(model: Model, pictures: np.ndarray, folder: Path) -> None:
    """One line: both times, their ratio, the largest difference of a probability."""
    network = model.build((3, 32, 32), 10, LayerInsertion())
    model.fill(network, 0)
    network.eval()
    path = folder / f"{model.kind}.safetensors"
    inverse = torch.tensor([1 / value for value in STD_VALUE]).view(3, 1, 1)
    tensors = {**network.state_dict(), MEAN: torch.tensor(MEAN_VALUE).view(3, 1, 1), INVERSE_STD: inverse}
    spec = ExperimentSpec().edited("model", model)
    classes = tuple("abcdefghij")
    path.write_bytes(safetensors_bytes(tensors, metadata_of(spec, classes, (3, 32, 32))))
    used = used_network([path])
    ours, theirs = [], []
    for _ in range(ROUNDS):
        spent, logs = seconds(lambda: finished(predicting(used, pictures)))
        ours.append(spent)
        spent, wanted = seconds(lambda: by_hand(network, pictures))
        theirs.append(spent)
    ratio = float(np.median(np.divide(ours, theirs)))
    apart = float(np.abs(np.exp(logs) - wanted).max())
    print(
        f"{model.title}: {np.median(ours):.3f} s against {np.median(theirs):.3f} s by hand, ratio {ratio:.2f} "
        f"(at most 1.3); largest difference of a probability {apart:.1e}"
    )


def main() -> None:
    torch.set_num_threads(1)
    pictures = np.random.default_rng(0).integers(0, 256, (N, 3, 32, 32), dtype=np.uint8)
    with TemporaryDirectory() as folder:
        for model in (MLP(hidden=(128,)), CifarResNet(width=4)):
            compare(model, pictures, Path(folder))


if __name__ == "__main__":
    main()
