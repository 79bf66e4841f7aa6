"""Small files of weights in every format."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import nn

from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.nn.layer_insertion import LayerInsertion


def network(width: int = 2, classes: int = 4, seed: int = 0) -> nn.Module:
    """A ResNet-20, narrow, with statistics that are not those of the start."""
    model = CifarResNet(width=width)
    made = model.build((3, 32, 32), classes, LayerInsertion())
    model.fill(made, seed)
    with torch.no_grad():
        for name, buffer in made.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.linspace(-0.2, 0.3, len(buffer)))
    return made


def as_zip(value: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def as_legacy(value: Any) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(value, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


def as_safetensors(value: dict[str, Any]) -> bytes:
    return save({name: tensor.contiguous() for name, tensor in value.items()})


FORMATS = {"zip": as_zip, "legacy": as_legacy, "safetensors": as_safetensors}


def write(folder: Path, data: bytes, name: str = "weights.pt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
