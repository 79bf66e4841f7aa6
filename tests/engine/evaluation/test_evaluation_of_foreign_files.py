"""Files that others wrote are measured as they say themselves; what is assumed instead is said and can be chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.engine.weights.files import as_safetensors, as_zip, network, write
from workbench.engine.__main__ import main
from workbench.engine.core.text import plain
from workbench.engine.evaluation.evaluation import EvaluationOptions, evaluate
from workbench.engine.evaluation.results import EntryMeasured
from workbench.engine.evaluation.results_table import table
from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput, chosen_normalization
from workbench.engine.weights.input_spec import IMAGENET_MEAN, IMAGENET_STD

RNG = np.random.default_rng(3)
IMAGES = RNG.integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
LABELS = (np.arange(40) % 4).astype(np.uint8)
NAMES = ["ant", "bee", "cow", "dog"]
REVERSED = NAMES[::-1]
STATE: dict[str, torch.Tensor] = dict(network().state_dict())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.npz"
    np.savez(path, images=IMAGES, labels=LABELS, classes=np.array(NAMES))
    return path


def loss_by_hand(
    labels: np.ndarray, side: int = 32, mean: tuple[float, ...] = IMAGENET_MEAN, std: tuple[float, ...] = IMAGENET_STD
) -> float:
    x = torch.from_numpy(IMAGES.transpose(0, 3, 1, 2).copy()).float() / 255
    if side != 32:
        x = functional.interpolate(x, (side, side), mode="bilinear", align_corners=False, antialias=side < 32)
    x = (x - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(std).view(-1, 1, 1)
    with torch.no_grad():
        logits = network().eval()(x).double()
    return functional.cross_entropy(logits, torch.from_numpy(labels.astype(np.int64))).item()


def measured(path: Path, data: Path, chosen: ChosenInput = UNCHOSEN) -> EntryMeasured:
    result = evaluate([path], data, options=EvaluationOptions(chosen=chosen))
    assert result.measured, result.failed[0].message
    return result.measured[0]


REVERSING = [
    {"class_to_idx": {name: k for k, name in enumerate(REVERSED)}},
    {"hyper_parameters": {"class_names": REVERSED}},
    {"idx_to_class": dict(enumerate(REVERSED))},
    {"args": {"classes": REVERSED}},
]


@pytest.mark.parametrize("said", REVERSING, ids=str)
def test_names_in_the_file_decide(tmp_path: Path, data: Path, said: dict[str, Any]) -> None:
    found = measured(write(tmp_path, as_zip({"state_dict": STATE, **said})), data)
    assert found.measured.loss == pytest.approx(loss_by_hand(3 - LABELS), rel=1e-4)
    assert any("that the file names" in note for note in found.notes) and not any("order" in n for n in found.notes)


def test_names_of_safetensors_decide(tmp_path: Path, data: Path) -> None:
    from safetensors.torch import save

    said = {"class_names": json.dumps(REVERSED)}
    path = write(tmp_path, save({n: t.contiguous() for n, t in STATE.items()}, said), "a.safetensors")
    assert measured(path, data).measured.loss == pytest.approx(loss_by_hand(3 - LABELS), rel=1e-4)


def test_other_names_are_refused_and_the_window_reads_no_option(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, as_zip({"model": STATE, "classes": ["w", "x", "y", "z"]}))
    failed = evaluate([path], data).failed[0]
    assert "does not know 4 of the 4 classes" in failed.message and "--" not in failed.message and failed.needs_names
    assert main(["evaluate", str(path), "--data", str(data)]) == 2
    assert "--classes FILE" in capsys.readouterr().err


def test_size_and_normalization_in_the_file_are_used(tmp_path: Path, data: Path) -> None:
    said = {"args": {"img_size": 16}, "mean": [0.5] * 3, "std": [0.25] * 3}
    found = measured(write(tmp_path, as_zip({"model": STATE, **said})), data)
    assert found.measured.loss == pytest.approx(loss_by_hand(LABELS, 16, (0.5,) * 3, (0.25,) * 3), rel=1e-4)
    assert found.assumed == "" and found.preprocessing == "16×16 pixels, mean 0.5 and standard deviation 0.25"


def test_what_is_assumed_is_said_and_can_be_chosen(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, as_zip(STATE))
    found = measured(path, data)
    assert found.assumed == "assumed: 32×32 pixels, ImageNet normalization"
    assert found.assumed in table(evaluate([path], data))
    chosen = measured(path, data, ChosenInput((16, 16), chosen_normalization("none")))
    assert chosen.measured.loss == pytest.approx(loss_by_hand(LABELS, 16, (0.0,), (1.0,)), rel=1e-4)
    assert chosen.assumed == ""
    arguments = ["evaluate", str(path), "--data", str(data), "--size", "16", "--normalization", "none", "--json"]
    assert main(arguments) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["measured"][0]["loss"] == pytest.approx(chosen.measured.loss)
    assert main([*arguments[:4], "--json"]) == 0
    assert "ImageNet" in json.loads(capsys.readouterr().out)["measured"][0]["assumed"]
    assert main([*arguments[:4], "--size", "huge"]) == 2
    assert "--size" in plain(capsys.readouterr().err)


def test_which_of_several_weights_are_measured_can_be_chosen(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = network(seed=3).state_dict()
    path = write(tmp_path, as_zip({"model": STATE, "ema": other}))
    alone = measured(write(tmp_path, as_zip(other), "alone.pt"), data)
    assert main(["evaluate", str(path), "--data", str(data), "--name", "ema", "--json"]) == 0
    (printed,) = json.loads(capsys.readouterr().out)["measured"]
    assert printed["loss"] == pytest.approx(alone.measured.loss)
    assert any("those under “ema” in the file" in note for note in printed["notes"])
    assert main(["evaluate", str(path), "--data", str(data), "--name", "swa"]) == 2
    assert "no weights under the name 'swa'" in plain(capsys.readouterr().err)


def test_half_precision_has_as_many_parameters(tmp_path: Path, data: Path) -> None:
    whole = measured(write(tmp_path, as_zip(STATE), "whole.pt"), data)
    half = measured(write(tmp_path, as_zip({name: t.half() for name, t in STATE.items()}), "half.pt"), data)
    assert whole.parameters == half.parameters == sum(p.numel() for p in network().parameters())
    assert measured(write(tmp_path, as_safetensors(STATE), "s.pt"), data).parameters == whole.parameters
