"""Weights of timm's networks: recognised by the file's name, trained further, measured; and what is said without timm.

Most tests put a small package of timm's interface in its place; those of the real one are there where it is installed.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from tests.engine.catalog.freezing.test_freezing import same, tensors, transfer_spec
from tests.engine.weights.files import network
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Certified
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up
from workbench.engine.transfer import backbone
from workbench.engine.transfer.blocks import blocks_of
from workbench.engine.weights.description import describe
from workbench.engine.weights.timm_candidates import names_of

MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)
TINY = "tiny_net.a1_in1k"


class TinyNet(nn.Module):
    """Named as timm names layers, with a norm layer inside the head and a table that is in no file."""

    def __init__(self, num_classes: int, in_chans: int, heads: int) -> None:
        super().__init__()
        self.conv_stem = nn.Conv2d(in_chans, 4, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.blocks = nn.Sequential(nn.Sequential(nn.Conv2d(4, 6, 3, 2, 1), nn.BatchNorm2d(6), nn.ReLU()))
        self.register_buffer("table", torch.full((1,), 2.0), persistent=False)
        self.head = nn.Sequential()
        self.head.add_module("norm", nn.LayerNorm(6))
        self.head.add_module("drop", nn.Dropout(0.5))
        self.head.add_module("fc", nn.Linear(6, num_classes))
        self.heads = heads

    def get_classifier(self) -> Any:
        layer = self.head.get_submodule("fc")
        return layer if self.heads == 1 else (layer, layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(self.table * self.blocks(self.bn1(self.conv_stem(x))).mean((2, 3)))
        return out


def fake_timm() -> SimpleNamespace:
    """The three functions of timm that are used; ``create_model`` refuses pretrained weights."""
    nets = {"tiny_net": (1, False), "fixed_net": (1, True), "two_heads": (2, False)}
    tags = {"", "a1_in1k"}

    def configuration(name: str) -> SimpleNamespace:
        base, _, tag = name.partition(".")
        if tag not in tags:
            raise RuntimeError(f"Invalid pretrained tag ({tag}) for {base}.")
        facts = {"input_size": (3, 16, 16), "mean": MEAN, "std": STD, "crop_pct": 0.8, "num_classes": 1000}
        return SimpleNamespace(**facts, classifier="head.fc", fixed_input_size=nets[base][1])

    def create_model(name: str, pretrained: bool, num_classes: int, in_chans: int) -> nn.Module:
        assert not pretrained
        return TinyNet(num_classes, in_chans, nets[name][0])

    return SimpleNamespace(
        is_model=lambda name: name.partition(".")[0] in nets,
        get_pretrained_cfg=configuration,
        create_model=create_model,
    )


@pytest.fixture
def timm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", fake_timm())
    backbone._opened.cache_clear()


@pytest.fixture
def without_timm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)  # any import of it now raises ImportError
    backbone._opened.cache_clear()


def tiny_file(path: Path, classes: int = 7) -> Path:
    torch.manual_seed(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(TinyNet(classes, 3, 1).state_dict(), path)
    return path


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("resnet18.a1_in1k.safetensors", ["resnet18.a1_in1k", "resnet18.a1", "resnet18"]),
        (
            "convnext_atto_d2-01bb0f51.pth",
            ["convnext_atto_d2-01bb0f51", "convnext_atto_d2", "convnext_atto", "convnext"],
        ),
        ("models--timm--vit.x_in1k/snapshots/0a/model.safetensors", ["0a", "snapshots", "vit.x_in1k", "vit.x", "vit"]),
    ],
)
def test_the_name_of_the_network_is_in_that_of_the_file_or_its_folder(file: str, said: list[str]) -> None:
    assert list(names_of(Path("a/b/c") / file, {})) == said


@pytest.mark.usefixtures("timm")
def test_a_file_of_timm_is_recognised_with_its_published_size_and_normalization(tmp_path: Path) -> None:
    hub = tiny_file(tmp_path / "hub" / "model.safetensors")
    config = {"architecture": "tiny_net", "pretrained_cfg": {"tag": "a1_in1k"}}
    hub.with_name("config.json").write_text(json.dumps(config), encoding="utf-8")
    for path in (tiny_file(tmp_path / f"{TINY}.safetensors"), hub):
        found = describe(path)
        assert found.usable and found.title == f"Network of timm: {TINY}" and found.classes == 7 and not found.notes
        origin = found.origin
        assert origin is not None and (origin.mean, origin.std, origin.size) == (MEAN, STD, (16, 16))
        assert origin.resize == 20 and origin.source == f"published by timm for {TINY}"
    untagged = describe(tiny_file(tmp_path / "tiny_net-mine.safetensors"))
    assert untagged.usable and "assumed" in untagged.notes[0]


@pytest.mark.usefixtures("timm")
def test_it_is_trained_further_with_the_proof_saved_and_measured(tmp_path: Path) -> None:
    path = tiny_file(tmp_path / f"{TINY}.safetensors")
    spec = transfer_spec(model__weights=str(path), model__freezing__line=1)
    blocks = blocks_of(spec.model, (1, 8, 8), 10)  # type: ignore[arg-type]
    assert [block.name for block in blocks] == ["conv_stem", "blocks.0", "head"] and blocks[0].frozen
    folder = RunFolder.create(spec, tmp_path / "runs")
    training = set_up(spec, folder)
    net = training.network.module
    before = tensors(net, "net.net.conv_stem")
    assert before["net.net.conv_stem.weight"].equal(load_file(path)["conv_stem.weight"])
    events: list[Any] = []
    drive(train_loop(training), lambda event: None, events.append)
    proof = next(event for event in events if isinstance(event, Certified))
    assert proof.proven and same(before, tensors(net, "net.net.conv_stem"))
    saved = trained_file(folder.path / "last.safetensors")
    x = torch.rand(3, 1, 8, 8)
    with torch.no_grad():
        again = saved.recognised.network(saved.file.tensors)
        torch.testing.assert_close(again(x), net.eval()(x), rtol=0, atol=0)


@pytest.mark.usefixtures("timm")
def test_the_weights_below_the_head_are_those_of_the_file_and_random_ones_follow_their_seed(tmp_path: Path) -> None:
    path = tiny_file(tmp_path / f"{TINY}.safetensors")
    theirs = TinyNet(7, 3, 1)
    theirs.load_state_dict(load_file(path))
    opened = backbone.opened(str(path))
    state = torch.get_rng_state()
    own = opened.network((16, 16), 0, True)
    one, same_one, other = (opened.network((16, 16), seed, False) for seed in (1, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    theirs.head.add_module("fc", nn.Identity())
    x = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(own.eval()(x), theirs.eval()(x))
        assert one.eval()(x).equal(same_one.eval()(x)) and not one(x).equal(other.eval()(x))


@pytest.mark.usefixtures("timm")
def test_what_cannot_be_used_is_refused_with_a_sentence(tmp_path: Path) -> None:
    fixed = Transfer(weights=str(tiny_file(tmp_path / "fixed_net.a1_in1k.safetensors")), size="data")
    with pytest.raises(WorkbenchError, match=r"16×16\. Choose the picture size of the weights"):
        fixed.build((3, 8, 8), 3, LayerInsertion())
    heads = describe(tiny_file(tmp_path / "two_heads.a1_in1k.safetensors"))
    assert not heads.usable and "several heads" in heads.notes[0]
    unnamed = describe(tiny_file(tmp_path / "mine.safetensors"))
    assert not unnamed.usable and "Name the file as timm names the network" in unnamed.notes[0]


@pytest.mark.usefixtures("without_timm")
def test_without_timm_every_way_to_open_its_file_says_what_to_install(tmp_path: Path) -> None:
    path = tiny_file(tmp_path / f"{TINY}.safetensors")
    found = describe(path)
    assert not found.usable and "not installed" in found.notes[0] and "pip install timm" in found.notes[0]
    for opening in (lambda: backbone.opened(str(path)), lambda: trained_file(path)):
        with pytest.raises(WorkbenchError, match="pip install timm"):
            opening()
    other = tmp_path / "resnet20.safetensors"
    save_file(network().state_dict(), other)
    assert describe(other).notes == ()


@pytest.mark.usefixtures("timm")
def test_it_is_no_member_of_the_catalog() -> None:
    assert "timm" not in members_of(Model) and "" not in members_of(Model)


if importlib.util.find_spec("timm") is not None:

    @pytest.mark.parametrize(
        ("name", "blocks", "mean"),
        [
            ("resnet18.a1_in1k", 5, 0.485),
            ("efficientnet_b0.ra_in1k", 9, 0.485),
            ("vit_tiny_patch16_224.augreg_in21k_ft_in1k", 13, 0.5),
            ("mobilenetv3_small_100.lamb_in1k", 8, 0.485),
            ("convnext_atto.d2_in1k", 5, 0.485),
        ],
    )
    def test_files_of_the_real_timm(name: str, blocks: int, mean: float, tmp_path: Path) -> None:
        import timm

        theirs = timm.create_model(name.partition(".")[0], pretrained=False, num_classes=5).eval()
        path = tmp_path / f"{name}.safetensors"
        save_file(theirs.state_dict(), path)
        found = describe(path)
        assert found.usable and found.origin is not None and found.title == f"Network of timm: {name}"
        assert (found.origin.mean[0], found.origin.size, found.classes) == (mean, (224, 224), 5)
        read = trained_file(path)
        x = torch.rand(1, 3, 224, 224)
        with torch.no_grad():
            torch.testing.assert_close(read.recognised.network(read.file.tensors)(x), theirs(x))
        made = blocks_of(Transfer(weights=str(path)), (1, 8, 8), 10)
        assert len(made) == blocks + 1
