"""Where weights are looked for, and which file to bring where there is none (LD29)."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.torchvision_classifier import TorchvisionClassifier
from workbench.engine.weights import find_weights
from workbench.engine.weights.load_weights import claimed_hash


@pytest.fixture
def places(workbench_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A shelf, torch's cache, a data folder and a folder of shipped weights, with a file each."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(find_weights, "SHIPPED", tmp_path / "shipped")
    made = {
        "shelf": workbench_home / "weights",
        "cache": tmp_path / "torch" / "hub" / "checkpoints",
        "data": tmp_path / "all" / "data",
        "beside": tmp_path / "all",
        "shipped": tmp_path / "shipped",
    }
    for name, folder in made.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.PTH").write_bytes(b"x" * 5)
        (folder / "notes.txt").write_bytes(b"x")
        (folder / ".hidden.pt").write_bytes(b"x")
    (made["shipped"] / "letters.safetensors").write_bytes(b"x")
    return made


def test_every_place_is_looked_at(places: dict[str, Path]) -> None:
    found = find_weights.find(places["data"])
    assert [(c.path.name, c.where) for c in found] == [
        ("shelf.PTH", "in the weights folder"),
        ("cache.PTH", "in torch's cache"),
        ("data.PTH", "with the data"),
        ("beside.PTH", "beside the data"),
        ("letters.safetensors", "comes with the program"),
        ("shipped.PTH", "comes with the program"),
    ]
    assert found[0].bytes == 5 and [c.name for c in found][4:] == ["letters", "shipped"]
    assert len(find_weights.find()) == 4 and len(find_weights.find(places["shelf"])) == 4
    assert find_weights.find(Path("/nowhere/at all"))


def test_the_cache_is_torchs(places: dict[str, Path]) -> None:
    import torch

    assert str(find_weights.torch_cache()) == f"{torch.hub.get_dir()}/checkpoints"


def test_names_are_located(places: dict[str, Path]) -> None:
    assert find_weights.located("letters") == places["shipped"] / "letters.safetensors"
    assert find_weights.located("shelf.PTH") == places["shelf"] / "shelf.PTH"
    assert find_weights.located(str(places["data"] / "data.PTH")) == places["data"] / "data.PTH"
    for nothing in ("", "  ", "nowhere", "../shelf/..", "a\0b", "~nobody/x"):
        assert find_weights.located(nothing) is None


def test_the_file_to_bring_is_named() -> None:
    words = find_weights.wanted(TorchvisionClassifier(name="resnet18"))
    assert "resnet18-f37072fd.pth (45 MB)" in words and str(find_weights.shelf()) in words
    assert "resnet44-014dd654.th" in find_weights.wanted(CifarResNet(depth="44"))
    for own in (MLP(), CifarResNet(depth="110"), CifarResNet(width=4)):
        assert "no published weights" in find_weights.wanted(own) and "best.safetensors" in find_weights.wanted(own)
    assert all(claimed_hash(name) for name in find_weights.CIFAR_FILES.values())
