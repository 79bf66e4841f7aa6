"""torchvision's networks with the heads that people put on them: recognised, counted by the head, never misnamed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torchvision import models

from tests.engine.weights.files import as_zip, write
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.transfer.backbone import opened
from workbench.engine.weights.description import describe

STATE = dict(models.shufflenet_v2_x0_5(num_classes=4).state_dict())  # the smallest whose head is called fc
BODY = {name: tensor for name, tensor in STATE.items() if not name.startswith("fc.")}
HEAD = {name.removeprefix("fc."): tensor for name, tensor in STATE.items() if name.startswith("fc.")}
DEEP = {"fc.0.weight": torch.ones(8, 1024), "fc.0.bias": torch.ones(8), "fc.3.weight": torch.ones(4, 8)}


def headed(head: str, body: str = "") -> dict[str, torch.Tensor]:
    return {body + name: t for name, t in BODY.items()} | {head + name: t for name, t in HEAD.items()}


@pytest.mark.parametrize(("head", "body"), [("fc.", ""), ("fc.1.", ""), ("head.", "backbone."), ("classifier.2.", "")])
def test_a_head_of_one_layer_is_the_networks(tmp_path: Path, head: str, body: str) -> None:
    path = write(tmp_path, as_zip(headed(head, body)))
    said = describe(path)
    assert said.usable and said.classes == 4 and said.origin is not None and said.origin.classes == ()
    file = trained_file(path)
    x = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    whole = models.shufflenet_v2_x0_5(num_classes=4)
    whole.load_state_dict(STATE)
    with torch.no_grad():
        assert torch.allclose(file.recognised.network(file.file.tensors)(x), whole.eval()(x), atol=1e-5)


@pytest.mark.parametrize(("head", "classes"), [(DEEP, 4), ({}, 0)])
def test_another_head_is_replaced_and_names_no_classes(
    tmp_path: Path, head: dict[str, torch.Tensor], classes: int
) -> None:
    path = write(tmp_path, as_zip(BODY | head))
    said = describe(path)
    assert said.reusable and not said.usable and said.classes == classes
    assert said.origin is not None and said.origin.classes == () and "tench" not in said.verdict
    assert "a new one replaces it" in said.verdict
    assert sum(1 for _ in opened(str(path)).network((64, 64), 0, True).parameters())
    with pytest.raises(WorkbenchError, match="has another head"):
        trained_file(path)


def test_numbers_that_are_none_cannot_be_used_below_another_head_either(tmp_path: Path) -> None:
    bad = {name: tensor.clone() for name, tensor in BODY.items()}
    bad["conv1.0.weight"][0] = float("nan")
    for head in (DEEP, {f"fc.{name}": tensor for name, tensor in HEAD.items()}):
        said = describe(write(tmp_path, as_zip(bad | head)))
        assert not said.usable and not said.reusable
        assert "a new one replaces it" not in said.verdict and "match." not in said.verdict


def test_names_on_screen_are_those_of_the_authors(tmp_path: Path) -> None:
    odd = {name: tensor for name, tensor in STATE.items() if name != "stage2.0.branch2.0.weight"}
    said = describe(write(tmp_path, as_zip(odd)))
    assert not said.reusable and said.missing == ("stage2.0.branch2.0.weight",)
    with pytest.raises(WorkbenchError, match=r"(?m)^stage2\.0\.branch2\.0\.weight +missing"):
        trained_file(said.path)
