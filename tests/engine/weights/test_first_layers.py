"""Weights whose first layer has another shape than that of the published network: why, and a way out that works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

from tests.engine.weights.files import as_zip, write
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.file_predictor import trained_file


def variant(first: torch.nn.Conv2d) -> torchvision.models.ResNet:
    net = torchvision.models.resnet18(num_classes=3)
    net.conv1 = first
    return net.eval()


def refusal(folder: Path, net: torch.nn.Module) -> str:
    with pytest.raises(WorkbenchError) as caught:
        trained_file(write(folder, as_zip(dict(net.state_dict()))))
    return caught.value.message.partition("\n")[0]


def test_small_kernels_are_named_as_a_variant(tmp_path: Path) -> None:
    said = refusal(tmp_path, variant(torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)))
    assert "The kernels of its first layer (conv1.weight) and of that network's are 3 × 3 and 7 × 7" in said
    assert said.endswith("measure it there.")


def test_more_channels_are_not_supported(tmp_path: Path) -> None:
    said = refusal(tmp_path, variant(torch.nn.Conv2d(4, 64, 7, 2, 3, bias=False)))
    assert "(conv1.weight) is for 4 channels, and that network's for 3" in said and "not supported" in said


def test_the_way_out_for_gray_weights_gives_the_answers_of_the_gray_network(tmp_path: Path) -> None:
    net = variant(torch.nn.Conv2d(1, 64, 7, 2, 3, bias=False))
    said = refusal(tmp_path, net)
    line = 's["conv1.weight"] = s["conv1.weight"].repeat(1, 3, 1, 1) / 3'
    assert line in said and '{"state_dict": s, "mean": [M], "std": [S]}' in said
    s: dict[str, Any] = dict(net.state_dict())
    exec(line, {"s": s})
    path = write(tmp_path, as_zip({"state_dict": s, "mean": [0.4], "std": [0.2], "input_size": 32}), "gray.pth")
    gray = np.random.default_rng(0).integers(0, 256, (2, 1, 32, 32), np.uint8)
    data = Dataset(np.repeat(gray, 3, 1), np.arange(2), ("a", "b", "c"))
    with torch.no_grad():
        answers = trained_file(path).predictor(data, "data").network(torch.tensor(data.inputs).float() / 255)
        wanted = net((torch.tensor(gray).float() / 255 - 0.4) / 0.2)
    torch.testing.assert_close(answers, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("prefix", ["module.encoder_q.", "encoder.", "base_encoder."])
def test_networks_of_contrastive_learning_are_found_behind_their_prefix(tmp_path: Path, prefix: str) -> None:
    state = torchvision.models.resnet18(num_classes=3).state_dict()
    file = trained_file(write(tmp_path, as_zip({prefix + name: tensor for name, tensor in state.items()})))
    assert file.recognised.is_whole and "resnet18" in file.recognised.title
