"""ONNX files answer in onnxruntime as the network does, whatever is inside; what cannot be exported is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.export.made import odd_pictures, weights
from workbench.engine.core import extras
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.export import onnx_file
from workbench.engine.export.formats import exporting
from workbench.engine.export.onnx_extra import PACKAGES
from workbench.engine.export.options import Inputs, Options
from workbench.engine.use.network import used_network

has_onnx = pytest.mark.skipif(not extras.is_installed(PACKAGES), reason="the extra onnx is not installed")
MAXOUT = {"kind": "maxout", "pieces": 2}
#: Layers of this program's own, statistics per pixel, a network of colours that is shown gray pictures.
NETWORKS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "own": (
        (3, 12, 12),
        {
            "model": {"kind": "small_cnn", "channels": [4], "hidden": [6], "activation": MAXOUT, "batch_norm": "after"},
            "regularization": [{"kind": "fractional_max_pooling"}, {"kind": "dropout"}],
        },
    ),
    "per_pixel": ((1, 8, 8), {"model": {"kind": "mlp", "hidden": [9], "input_norm": True}}),
}
MANY: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "resnet": ((3, 32, 32), {"model": {"kind": "cifar_resnet"}}),
    "torchvision": ((1, 32, 32), {"model": {"kind": "torchvision", "name": "squeezenet1_1"}}),
    "shufflenet": ((3, 32, 32), {"model": {"kind": "torchvision", "name": "shufflenet_v2_x0_5"}}),
    "vit": ((3, 32, 32), {"model": {"kind": "torchvision", "name": "vit_b_16"}}),
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "pictures"
    odd_pictures(folder)
    return folder


def check(own: Path, inputs: Inputs, pictures: Path, out: Path) -> dict[str, Any]:
    """Export and ask at two batch sizes by a session of the test's own; gives what the file says of itself."""
    import onnxruntime

    made = finished(exporting(own, "onnx", out, Options((pictures,), inputs=inputs)))
    assert "Compared on 7 real inputs in batches of 1 and 48: no class changed" in made.words
    assert [file.name for file in made.folder.iterdir()] == ["model.onnx"]
    session = onnxruntime.InferenceSession(made.folder / "model.onnx")
    about: dict[str, Any] = json.loads(session.get_modelmeta().custom_metadata_map["export"])
    network = used_network([own])
    read = np.stack([network.read(path)[0] for path in sorted(pictures.iterdir())])
    takes = about["takes"]
    values: Any = read
    if inputs != "pixels":
        values = read.astype(np.float32) / 255
    if inputs == "normalized":
        values = (values - np.asarray(takes["mean"], np.float32)) * np.asarray(takes["inverse_std"], np.float32)
    for size in (1, 5):
        (logits,) = session.run([takes["output"]], {takes["name"]: values[:size]})
        shares = np.exp(torch.from_numpy(logits).log_softmax(1).numpy())
        assert np.abs(shares - np.exp(network.logs([read[:size]]))).max() < 1e-5
    return about


@has_onnx
@pytest.mark.parametrize(("name", "inputs"), [("own", "pixels"), ("own", "unit"), ("per_pixel", "normalized")])
def test_a_file_answers_as_the_network(name: str, inputs: Inputs, pictures: Path, tmp_path: Path) -> None:
    shape, settings = NETWORKS[name]
    about = check(weights(tmp_path / f"{name}.safetensors", shape, **settings), inputs, pictures, tmp_path / "out")
    assert about["classes"] == list("abcd") and about["takes"]["kind"] == inputs
    assert (about["input"]["height"], about["input"]["width"]) == shape[1:] and about["input"]["fit"] == "crop"
    assert ("mean" in about["takes"]) == (inputs == "normalized")


@has_onnx
@pytest.mark.full
@pytest.mark.parametrize("inputs", ["pixels", "unit", "normalized"])
@pytest.mark.parametrize("name", [*NETWORKS, *MANY])
def test_every_kind_of_network_with_all_inputs(name: str, inputs: Inputs, pictures: Path, tmp_path: Path) -> None:
    shape, settings = (NETWORKS | MANY)[name]
    check(weights(tmp_path / f"{name}.safetensors", shape, **settings), inputs, pictures, tmp_path / "out")


@has_onnx
def test_a_file_that_answers_otherwise_is_not_kept(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = onnx_file._answering
    monkeypatch.setattr(onnx_file, "_answering", lambda file: lambda batch: real(file)(batch).roll(1, 1))
    own = weights(tmp_path / "own.safetensors", (1, 8, 8), model={"kind": "mlp", "hidden": [9]})
    with pytest.raises(WorkbenchError, match=r"answers otherwise in onnxruntime. Compared on 7 .* It is not kept"):
        finished(exporting(own, "onnx", tmp_path / "out", Options((pictures,))))
    assert [file.name for file in tmp_path.iterdir()] == ["own.safetensors"]


def test_without_the_extra_the_command_that_installs_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "onnxscript" else object())
    own = weights(tmp_path / "own.safetensors", (2,), model={"kind": "mlp", "hidden": [9]})
    with pytest.raises(WorkbenchError, match=r"needs the optional extra “onnx” .*: uv sync --extra onnx, or pip"):
        finished(exporting(own, "onnx", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_onnx_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: object())
    points = weights(tmp_path / "points.safetensors", (2,), model={"kind": "mlp", "hidden": [9]})
    with pytest.raises(WorkbenchError, match="safetensors takes points, which have no pixels"):
        finished(exporting(points, "onnx", tmp_path / "out", Options(inputs="pixels")))
    monkeypatch.setattr(onnx_file, "_MOST", 100)
    with pytest.raises(WorkbenchError, match="larger than the 2 GB"):
        finished(exporting(points, "onnx", tmp_path / "out", Options()))
