"""Weights of no known network: which is nearest, and what of it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torchvision

from tests.engine.weights.files import as_safetensors, as_zip, write
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.transfer.backbone import opened
from workbench.engine.weights.description import describe

LACKING = (
    "Classifier of torchvision: resnet18, with 92 tensors that match; 25 are missing (layer4.0.conv1.weight, "
    "layer4.0.bn1.weight, layer4.0.bn1.bias, …)"
)


@pytest.fixture(scope="module")
def without_layer4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = torchvision.models.resnet18(num_classes=2).state_dict()
    kept = {name: tensor for name, tensor in state.items() if not name.startswith("layer4")}
    return write(tmp_path_factory.mktemp("nearest"), as_zip({**kept, "gate.weight": torch.ones(2)}))


def test_the_refusal_names_the_network_and_what_is_missing_and_left_over(without_layer4: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        trained_file(without_layer4)
    assert LACKING in caught.value.message and "1 is left over (gate.weight)" in caught.value.message


def test_the_wizard_is_told_the_same(without_layer4: Path) -> None:
    assert LACKING in " ".join(describe(without_layer4).notes)


def test_weights_that_are_near_to_none_are_called_near_to_none(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"Bring another file\.") as caught:
        trained_file(write(tmp_path, as_zip(dict(torch.nn.LSTM(7, 2).state_dict()))))
    assert "nearest" not in caught.value.message


def test_an_adapter_is_named_with_the_way_out(tmp_path: Path) -> None:
    name = "base_model.model.fc.lora_{}.weight"
    adapter = {name.format("A"): torch.ones(4, 8), name.format("B"): torch.ones(3, 4)}
    path = write(tmp_path, as_safetensors(adapter), "adapter_model.safetensors")
    for use in (trained_file, lambda file: opened(str(file))):
        with pytest.raises(WorkbenchError, match="It holds a LoRA adapter: merge it into its network"):
            use(path)
    assert "It holds a LoRA adapter" in " ".join(describe(path).notes)
