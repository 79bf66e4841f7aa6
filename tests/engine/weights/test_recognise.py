"""Which network weights are of: every model of the catalog there and back, and what is said where it does not fit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from tests.engine.helpers import record, small_spec
from tests.engine.weights.files import as_legacy, as_safetensors, as_zip, network, write
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.catalog.models.torchvision_classifier import Name, TorchvisionClassifier
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import generator
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.torchvision_nets import adopted
from workbench.engine.run_store import weights_metadata
from workbench.engine.run_store.finished_runs import opened
from workbench.engine.weights.description import describe
from workbench.engine.weights.input_spec import IMAGENET_MEAN, origin_of
from workbench.engine.weights.load_weights import read_weights
from workbench.engine.weights.matching import load_into, match, table
from workbench.engine.weights.recognise import recognise

NAMES = get_args(Name)
#: One or two of a family, and those that differ in shapes alone.
SOME = {"alexnet", "convnext_tiny", "densenet121", "mnasnet0_5", "mobilenet_v3_small", "regnet_x_400mf", "resnet50"}
SOME |= {"resnext50_32x4d", "squeezenet1_0", "squeezenet1_1", "vgg11_bn", "wide_resnet50_2"}
PICTURES = torch.rand(3, 3, 32, 32, generator=generator("cpu", 5))


def filled(model: Any, shape: tuple[int, ...], classes: int) -> nn.Module:
    made: nn.Module = model.build(shape, classes, LayerInsertion())
    model.fill(made, 3)
    return made.eval()


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (MLP(hidden=(7, 5)), (12,)),
        (MLP(hidden=()), (12,)),
        (MLP(hidden=(6,), batch_norm="before", input_norm=True), (12,)),
        (MLP(hidden=(6, 4), batch_norm="after"), (12,)),
        (MLP.model_validate({"hidden": [6, 4], "activation": {"kind": "maxout", "pieces": 3}}), (12,)),
        (SmallCNN(), (1, 16, 16)),
        (SmallCNN(channels=(4, 6, 8), hidden=(), batch_norm="off"), (3, 32, 32)),
        (SmallCNN(channels=(4,), hidden=(9,), batch_norm="after", input_norm=True), (3, 12, 12)),
        (SmallCNN.model_validate({"channels": [4, 6], "activation": {"kind": "maxout"}}), (3, 16, 16)),
        *((CifarResNet.model_validate({"depth": depth}), (3, 32, 32)) for depth in ("20", "32", "44", "56", "110")),
        (CifarResNet(width=5), (1, 32, 32)),
    ],
    ids=lambda value: f"{value.kind} {value.brief()}" if hasattr(value, "kind") else "×".join(map(str, value)),
)
def test_every_model_there_and_back(model: Any, shape: tuple[int, ...], tmp_path: Path) -> None:
    net = filled(model, shape, 7)
    found = recognise(read_weights(write(tmp_path, as_safetensors(net.state_dict()))).tensors)
    assert found is not None and found.is_whole and found.classes == 7 and found.shape == shape
    assert type(found.model) is type(model) and found.model.brief() == model.brief()
    assert any("ReLU is assumed" in note for note in found.notes) == (
        model.kind != "cifar_resnet" and model.activation.kind == "relu" and bool(model.brief() != "linear")
    )
    back, x = found.network(net.state_dict()), torch.rand(4, *shape, generator=generator("cpu", 1))
    with torch.no_grad():
        assert torch.equal(back(x), net(x))


def meta_state(name: str, classes: int) -> dict[str, torch.Tensor]:
    """As torchvision publishes it: without the wrapper's prefix."""
    side = 299 if name == "inception_v3" else 224
    return {k.removeprefix("net."): v for k, v in adopted(name, (3, side, side), classes).state_dict().items()}


@pytest.mark.parametrize("name", [n if n in SOME else pytest.param(n, marks=pytest.mark.full) for n in NAMES])
def test_every_classifier_of_torchvision(name: str) -> None:
    found = recognise(meta_state(name, 7))
    assert found is not None and found.is_whole and found.classes == 7
    assert isinstance(found.model, TorchvisionClassifier) and found.model.name == name


def test_a_classifier_of_torchvision_computes_the_same(tmp_path: Path) -> None:
    net = filled(TorchvisionClassifier(name="shufflenet_v2_x0_5"), (3, 64, 64), 5)
    for form in (as_zip, as_legacy):
        state = {k.removeprefix("net."): v for k, v in net.state_dict().items() if "num_batches" not in k}
        file = read_weights(write(tmp_path, form(state)))
        found = recognise(file.tensors)
        assert found is not None and found.is_whole
        x = torch.rand(2, 3, 64, 64, generator=generator("cpu", 1))
        with torch.no_grad():
            assert torch.equal(found.network(file.tensors)(x), net(x))


def test_published_names_of_older_files() -> None:
    """densenet and vit files have names that torchvision itself renames; inception's has a second classifier."""
    dense = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", k): v
        for k, v in meta_state("densenet121", 1000).items()
    }
    vit = {
        k.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2."): v
        for k, v in meta_state("vit_b_32", 1000).items()
    }
    inception = meta_state("inception_v3", 1000) | {"AuxLogits.fc.weight": torch.ones(1000, 768, device="meta")}
    for state, name in ((dense, "densenet121"), (vit, "vit_b_32"), (inception, "inception_v3")):
        found = recognise(state)
        assert found is not None and found.is_whole and found.model.brief() == name
    assert "aux" in found.notes[0]  # type: ignore[union-attr]


def test_other_pictures_of_a_vision_transformer() -> None:
    state = {k.removeprefix("net."): v for k, v in adopted("vit_b_16", (3, 384, 384), 10).state_dict().items()}
    found = recognise(state)
    assert found is not None and found.is_whole and found.shape == (3, 384, 384)


def test_the_head_may_be_called_fc() -> None:
    net = network(4, 9)
    state = {name.replace("linear.", "fc."): tensor for name, tensor in net.state_dict().items()}
    found = recognise(state)
    assert found is not None and found.is_whole and found.names["fc.bias"] == "linear.bias"
    with torch.no_grad():
        assert torch.equal(found.network(state)(PICTURES), net.eval()(PICTURES))


def test_what_is_no_network_of_ours() -> None:
    assert recognise({"weight": torch.ones(3, 4), "bias": torch.ones(3)}) is None
    assert recognise({"a": torch.ones(3)}) is None
    odd = {f"block{n}.kernel": torch.ones(8, 8, 3, 3) for n in range(10)} | {"conv1.weight": torch.ones(8, 3, 3, 3)}
    assert recognise(odd | {"classifier.weight": torch.ones(5, 8)}) is None


# --- What does not fit: CK14, LD29 --------------------------------------------------------------------------------


def test_partial_and_odd_weights_are_listed_and_refused(tmp_path: Path) -> None:
    state = dict(network(2, 4).state_dict())
    del state["layer2.0.bn1.weight"]
    state["layer3.2.conv2.weight"] = torch.ones(8, 8, 1, 1)
    state["extra.weight"] = torch.ones(2)
    found = describe(write(tmp_path, as_zip(state)))
    assert not found.usable and found.missing == ("layer2.0.bn1.weight",) and found.left_over == ("extra.weight",)
    assert found.wrong == (("layer3.2.conv2.weight", (8, 8, 1, 1), (8, 8, 3, 3)),)
    assert "Most like ResNet for small pictures: ResNet-20" in found.verdict and "1 missing" in found.verdict
    recognised = recognise(state)
    assert recognised is not None
    with pytest.raises(WorkbenchError) as caught:
        recognised.network(state)
    lines = caught.value.message.splitlines()
    assert lines[1].split() == ["layer", "saved", "expected"]
    assert (
        lines[2].split("  ")[0] == "layer3.2.conv2.weight"
        and "8 × 8 × 1 × 1" in lines[2]
        and "8 × 8 × 3 × 3" in lines[2]
    )
    assert "missing" in lines[3] and "left over" in lines[4]


@pytest.mark.parametrize(
    "model",
    [(MLP(hidden=(7, 5)), (12,)), (SmallCNN(channels=(4, 6)), (3, 16, 16)), (CifarResNet(width=2), (3, 32, 32))],
)
def test_any_shapes_are_of_some_network_or_of_none(model: Any) -> None:
    """Names of a network with shapes of nothing: numbers without sides, sides of nothing, other sides."""
    state = filled(*model, 4).state_dict()
    known = 0
    for number in range(30):
        tensors, draw = dict(state), generator("cpu", "shapes", number)
        for _ in range(1 + number % 2):
            name = list(tensors)[int(torch.randint(len(tensors), (), generator=draw))]
            sides = int(torch.randint(5, (), generator=draw))
            tensors[name] = torch.zeros(torch.randint(0, 9, (sides,), generator=draw).tolist())
            if number % 7 == 0:
                del tensors[list(tensors)[int(torch.randint(len(tensors), (), generator=draw))]]
        found = recognise(tensors)
        known += found is not None and not found.is_whole
    assert known
    for name in [*state][:2] + [*state][-2:]:
        for odd in (torch.tensor(1.0), torch.zeros(0), torch.zeros(0, 3), torch.zeros(1, 1, 1, 1, 1)):
            recognise({**state, name: odd})


def test_another_architecture_gives_a_table_and_changes_nothing() -> None:
    target = network(4, 4)
    before = {name: tensor.clone() for name, tensor in target.state_dict().items()}
    with pytest.raises(WorkbenchError, match=r"conv1.weight\s+2 × 3 × 3 × 3\s+4 × 3 × 3 × 3"):
        load_into(target, network(2, 4).state_dict())
    assert all(torch.equal(tensor, before[name]) for name, tensor in target.state_dict().items())
    found = match(target, network(2, 4).state_dict())
    assert len(table(found).splitlines()) == 8 and table(found).endswith("more")


def test_a_wrong_prefix_loads_nothing_and_says_so() -> None:
    wrong = {f"encoder.{name}": tensor for name, tensor in network().state_dict().items()}
    found = match(network(), wrong)
    assert not found.matches and len(found.left_over) == len(wrong) and found.missing
    with pytest.raises(WorkbenchError, match="left over"):
        load_into(network(), wrong)


def test_a_count_of_batches_may_be_missing_and_nothing_else() -> None:
    state = {name: tensor for name, tensor in network().state_dict().items() if "num_batches" not in name}
    assert load_into(network(seed=1), state).is_whole
    del state["bn1.running_var"]
    assert match(network(), state).missing == ("bn1.running_var",)


def test_half_precision_becomes_the_networks_own() -> None:
    target = network(seed=1)
    state = {name: t.half() if t.is_floating_point() else t for name, t in network().state_dict().items()}
    load_into(target, state)
    assert target.state_dict()["conv1.weight"].dtype == torch.float32
    assert torch.equal(target.state_dict()["conv1.weight"], state["conv1.weight"].float())


def test_weights_with_nan_are_not_usable(tmp_path: Path) -> None:
    state = {name: tensor.clone() for name, tensor in network().state_dict().items()}
    state["bn1.weight"][0] = float("nan")
    found = describe(write(tmp_path, as_zip(state)))
    assert not found.usable and "NaN" in found.verdict and "bn1.weight" in found.notes[-1]


def test_a_description_is_plain_data(tmp_path: Path) -> None:
    found = describe(write(tmp_path, as_zip(network().state_dict())))
    assert found.usable and found.origin is not None and found.origin.mean == IMAGENET_MEAN
    assert found.verdict.endswith("ResNet-20, width 2, 4 classes: all 116 tensors match.") and found.matches == 116
    for name in found.__dataclass_fields__:
        assert not isinstance(getattr(found, name), torch.Tensor)
    unknown = describe(write(tmp_path, as_zip({"a": torch.ones(3)})))
    assert not unknown.title and "no network that this program knows" in unknown.verdict and unknown.left_over == ("a",)


# --- Our own runs -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLP with an activation that its weights do not show."""
    model = {"kind": "mlp", "hidden": [12], "activation": {"kind": "tanh"}, "batch_norm": "before"}
    parent = tmp_path_factory.mktemp("run")
    record(small_spec(model=model, loop__epochs=1, preprocessing={"kind": "normalize"}), folder=parent)
    return next(parent.iterdir())


@pytest.mark.parametrize("file", ["best.safetensors", "last.safetensors", "checkpoints/last.pt", "alone"])
def test_a_run_of_ours_says_what_it_is(run: Path, file: str, tmp_path: Path) -> None:
    """Also a copy of its weights away from its folder."""
    path = run / file
    if file == "alone":
        path = write(tmp_path, (run / "best.safetensors").read_bytes(), "renamed.bin")
    read = read_weights(path)
    found = recognise(read.tensors, read.metadata)
    assert found is not None and found.is_whole and not found.notes
    assert found.model == opened(run).spec.model and found.shape == (1, 8, 8) and found.classes == 10
    origin = origin_of(read, found)
    assert origin is not None and origin.classes == tuple("0123456789") and origin.size == (8, 8) and origin.gray
    assert 0.2 < origin.mean[0] < 0.5 and len(origin.std) == 1


def test_classes_beside_our_weights_in_another_file_are_theirs(run: Path, tmp_path: Path) -> None:
    tensors, names = load_file(run / "best.safetensors"), [f"digit {number}" for number in range(10)]
    for classes, wanted in ((names, tuple(names)), (names[:9], ())):
        read = read_weights(write(tmp_path, as_zip({"model": tensors, "classes": classes})))
        found = recognise(read.tensors, read.metadata)
        assert found is not None
        origin = origin_of(read, found)
        assert origin is not None and origin.classes == wanted


def test_metadata_that_lies_or_is_damaged_is_not_believed(run: Path, tmp_path: Path) -> None:
    read = read_weights(run / "best.safetensors")
    said = weights_metadata.ours(read.metadata)
    assert said is not None
    lying = weights_metadata.metadata_of(said.spec.edited("model.hidden", (99,)), said.classes, said.shape)
    found = recognise(read.tensors, lying)
    assert found is not None and found.is_whole and found.model.brief() == "12"
    for damaged in (
        {weights_metadata.SPEC: "x = ["},
        {**lying, weights_metadata.SHAPE: "[0]"},
        {**lying, weights_metadata.CLASSES: "{}"},
        {weights_metadata.SPEC: "a"},
    ):
        assert weights_metadata.ours(damaged) is None
