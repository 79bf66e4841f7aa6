"""Networks with random weights, and pictures for them, made without training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from tests.engine.helpers import nothing, small_spec
from workbench.engine.core.drive import drive
from workbench.engine.core.safetensors_file import safetensors_bytes
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.weights_metadata import INVERSE_STD, MEAN, metadata_of
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training.network import build_network

#: The names of the outputs of ``weights``.
CLASSES = ("a", "b", "c", "d")


def weights(path: Path, shape: tuple[int, ...], **settings: Any) -> Path:
    """A file of weights as a run writes it, for pictures of ``shape``; statistics of batch norm are random too."""
    spec = ExperimentSpec()
    for name, value in settings.items():
        spec = spec.edited(name.replace("__", "."), value)
    network, draw = build_network(spec, shape, len(CLASSES)).module, torch.Generator().manual_seed(1)
    tensors = {name: _drawn(name, tensor, draw) for name, tensor in network.state_dict().items()}
    statistics = {MEAN: 0.3 + 0.1 * torch.rand(shape, generator=draw), INVERSE_STD: torch.tensor(3.0)}
    if len(shape) == 3 and "per_pixel" not in path.stem:
        statistics[MEAN] = statistics[MEAN][:, :1, :1]
    path.write_bytes(safetensors_bytes({**tensors, **statistics}, metadata_of(spec, CLASSES, shape, (80, 20))))
    return path


def _drawn(name: str, tensor: torch.Tensor, draw: torch.Generator) -> torch.Tensor:
    if not tensor.is_floating_point():
        return tensor
    if name.endswith(("running_var", "norm.weight")):
        return 0.5 + torch.rand(tensor.shape, generator=draw)
    return tensor + 0.05 * torch.randn(tensor.shape, generator=draw)


def odd_pictures(folder: Path) -> list[Path]:
    """Pictures that are read in different ways: gray and colour, wide and high, a large JPEG, a turned one."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    sizes = {"wide.png": (40, 90, 3), "high.png": (77, 31, 3), "gray.png": (50, 50), "small.png": (9, 7, 3)}
    sizes |= {"large.jpg": (301, 203, 3), "turned.jpg": (60, 121, 3), "odd.bmp": (33, 33, 3)}
    for name, size in sizes.items():
        coarse = Image.fromarray(draw.integers(0, 256, (6, 5, *size[2:]), np.uint8))
        made = coarse.resize((size[1], size[0]), Image.Resampling.BICUBIC)
        exif = Image.Exif()
        exif[0x0112] = 6 if name == "turned.jpg" else 1
        made.save(folder / name, **({"exif": exif} if name.endswith(".jpg") else {}))
    return sorted(folder.iterdir())


def run_of(parent: Path, **edits: Any) -> Path:
    """The folder of a run of a small MLP on the digits for an epoch, as the command trains it, the test part too."""
    spec = small_spec(**({"loop__epochs": 1, "model": {"kind": "mlp", "hidden": [8]}} | edits))
    folder = RunFolder.create(spec, parent)
    drive(train(spec, folder, StepStore()), nothing, lambda _event: None)
    return folder.path
