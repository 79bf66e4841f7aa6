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
from workbench.engine.transfer.backbone import opened


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


@pytest.mark.parametrize("is_gray", [True, False])
def test_the_way_out_for_gray_weights_gives_the_answers_of_the_gray_network(tmp_path: Path, is_gray: bool) -> None:
    """Also of pictures in colour, as if torchvision had turned them to gray before."""
    net = variant(torch.nn.Conv2d(1, 64, 7, 2, 3, bias=False))
    said = refusal(tmp_path, net)
    line = 's["conv1.weight"] = s["conv1.weight"] * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)'
    assert line in said and '{"state_dict": s, "mean": [M], "std": [S]}' in said
    s: dict[str, Any] = dict(net.state_dict())
    exec(line, {"s": s, "torch": torch})
    path = write(tmp_path, as_zip({"state_dict": s, "mean": [0.4], "std": [0.2], "input_size": 32}), "gray.pth")
    pictures = np.random.default_rng(0).integers(0, 256, (2, 1 if is_gray else 3, 32, 32), np.uint8)
    data = Dataset(np.broadcast_to(pictures, (2, 3, 32, 32)).copy(), np.arange(2), ("a", "b", "c"))
    values = torch.tensor(data.inputs).float() / 255
    with torch.no_grad():
        answers = trained_file(path).predictor(data, "data").network(values)
        wanted = net((torchvision.transforms.functional.rgb_to_grayscale(values) - 0.4) / 0.2)
    torch.testing.assert_close(answers, wanted, rtol=1e-3, atol=1e-3)  # torchvision's first weight is 0.2989


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False), "Bring weights of the network as it is published"),
        (torch.nn.Conv2d(1, 64, 7, 2, 3, bias=False), "* torch.tensor([0.299, 0.587, 0.114])"),
        (torch.nn.Conv2d(4, 64, 7, 2, 3, bias=False), "not supported: bring another file."),
    ],
    ids=["kernels", "gray", "four channels"],
)
def test_training_on_such_weights_is_refused_with_the_same_reason(
    tmp_path: Path, first: torch.nn.Conv2d, words: str
) -> None:
    backbone = opened(str(write(tmp_path, as_zip(dict(variant(first).state_dict())))))
    with pytest.raises(WorkbenchError, match=r"do not fit the network\. .*first layer \(conv1") as caught:
        backbone.network((32, 32), 0, True)
    reason, _, table = caught.value.message.partition("\n")
    assert words in reason and "measure" not in reason and table.startswith("layer")


@pytest.mark.parametrize("prefix", ["module.encoder_q.", "encoder.", "base_encoder."])
def test_networks_of_contrastive_learning_are_found_behind_their_prefix(tmp_path: Path, prefix: str) -> None:
    state = torchvision.models.resnet18(num_classes=3).state_dict()
    file = trained_file(write(tmp_path, as_zip({prefix + name: tensor for name, tensor in state.items()})))
    assert file.recognised.is_whole and "resnet18" in file.recognised.title
