"""Files that hold the weights of more than one network: which is taken is said, and another can be chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.weights.files import as_legacy, as_safetensors, as_zip, network, write
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.weights.chosen_input import ChosenInput
from workbench.engine.weights.description import describe
from workbench.engine.weights.load_weights import read_weights

LAST: dict[str, torch.Tensor] = dict(network(seed=0).state_dict())
AVERAGE: dict[str, torch.Tensor] = dict(network(seed=1).state_dict())
#: What a file holds, the name to choose, what is taken without one.
FILES: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"model": LAST, "ema": AVERAGE, "epoch": 3}, "ema", "model"),
    ({"model": LAST, "model_ema": {"module": AVERAGE}}, "model_ema", "model"),
    ({"state_dict": LAST, "state_dict_ema": {f"module.{n}": t for n, t in AVERAGE.items()}}, "state_dict_ema", ""),
    ({"checkpoint": {"state_dict": LAST, "ema_state_dict": AVERAGE}}, "ema_state_dict", "state_dict"),
    ({"state_dict": {"model": LAST, "model_ema": AVERAGE}}, "model_ema", "model"),
    ({"model": LAST, "best_weights": AVERAGE}, "best_weights", "model"),
)


def same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> bool:
    return found.keys() == expected.keys() and all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.parametrize("write_as", [as_zip, as_legacy])
@pytest.mark.parametrize(("content", "name", "taken"), FILES)
def test_which_table_is_taken_is_said_and_another_can_be_chosen(
    tmp_path: Path, content: dict[str, Any], name: str, taken: str, write_as: Any
) -> None:
    path = write(tmp_path, write_as(content))
    found = read_weights(path)
    assert same(found.tensors, LAST) and found.choice in found.notes
    assert f"“{taken}" in found.choice and f"“{name}” in it was left aside" in found.choice
    assert "give its name as “Weights in the file”" in found.choice
    chosen = read_weights(path, name)
    assert same(chosen.tensors, AVERAGE) and f"those under “{name}” in the file" in chosen.choice
    assert found.choice in describe(path).notes
    assert same(trained_file(path, chosen=ChosenInput(normalization=((0.0,), (1.0,)), name=name)).file.tensors, AVERAGE)


def test_a_table_beside_an_average_under_an_unknown_name_is_said(tmp_path: Path) -> None:
    loss = {"weight": torch.ones(3)}
    found = read_weights(write(tmp_path, as_zip({"ema": AVERAGE, "online": LAST, "loss": loss})))
    assert same(found.tensors, AVERAGE) and "“online” in it was left aside" in found.choice


def test_of_names_that_say_nothing_one_is_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, as_zip({"student": LAST, "teacher": AVERAGE}))
    with pytest.raises(WorkbenchError, match=r"\(student, teacher\), and none .* Give the name of one as “Weights in"):
        read_weights(path)
    assert same(read_weights(path, "student").tensors, LAST) and same(read_weights(path, "teacher").tensors, AVERAGE)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (as_zip({"model": LAST, "ema": AVERAGE}), "those under 'model' would be used"),
        (as_zip(LAST), "it holds one network alone"),
        (as_safetensors(LAST), "holds one table of weights"),
    ],
)
def test_a_name_that_is_not_there_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(WorkbenchError, match=f"{words}.*Give another name as “Weights in the file”, or auto"):
        read_weights(path, "swa")


def test_a_network_that_is_used_again_has_the_chosen_weights_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, as_zip({"model": LAST, "ema": AVERAGE}))
    for name, expected, said in (("auto", LAST, "model"), ("ema", AVERAGE, "ema")):
        model = Transfer(weights=str(path), weights_name=name)
        made = model.build((3, 32, 32), 3, LayerInsertion()).state_dict()
        first = next(tensor for key, tensor in made.items() if key.endswith("conv1.weight"))
        assert torch.equal(first, expected["conv1.weight"])
        note, assumed = model.notes()
        assert "32×32 pixels" in assumed
        assert f"The weights are those under “{said}”" in note
    assert Transfer(weights="letters").notes() == ()
