"""A trained network used again: its blocks, front and head, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn

from tests.engine.catalog.freezing.test_freezing import same, tensors, transfer_spec
from tests.engine.helpers import nothing
from tests.engine.transfer.helpers import run_in
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.torchvision_nets import adopted, redraw
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up
from workbench.engine.transfer.blocks import blocks_of
from workbench.engine.transfer.net import FeatureScale, Front, TransferNet
from workbench.engine.transfer.stages import last_layer, stages, without_last_layer

FOREIGN = (
    *(
        "resnet18",
        "vgg11_bn",
        "alexnet",
        "mobilenet_v3_small",
        "efficientnet_b0",
        "convnext_tiny",
        "vit_b_32",
        "swin_t",
    ),
    *("densenet121", "googlenet", "mnasnet0_5", "regnet_y_400mf", "shufflenet_v2_x0_5", "squeezenet1_1", "maxvit_t"),
)


# --- blocks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOREIGN)
def test_every_parameter_of_a_foreign_network_is_in_one_block_and_blocks_stand_as_they_run(name: str) -> None:
    side = 224 if name.startswith(("vit", "maxvit")) else 64
    whole = adopted(name, (3, side, side), 7)
    _, layer = last_layer(whole)
    assert (layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels) == 7
    net = without_last_layer(whole)
    found = stages(net)
    ids = [id(p) for stage in found for _, p in stage.tensors()]
    assert len(ids) == len(set(ids)) and set(ids) == {id(p) for p in net.parameters()}
    named = dict(net.named_parameters())
    assert all(named[path] is p for stage in found for path, p in stage.tensors())
    order: list[int] = []
    for index, stage in enumerate(found):
        first = next(m for m in stage.modules if any(True for _ in m.parameters()))
        first.register_forward_hook(lambda _m, _i, _o, index=index: order.append(index))
    net.eval()(torch.zeros(2, 3, side, side, device="meta"))
    assert order == sorted(order) == list(range(len(found)))


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        (MLP(hidden=(5, 4), batch_norm="before"), ["fc1", "fc2"]),
        (MLP(hidden=()), []),
        (MLP(hidden=(), input_norm=True), ["flatten"]),
        (SmallCNN(channels=(2, 3), hidden=(4,)), ["conv1", "conv2", "fc1"]),
        (CifarResNet(), ["conv1", "layer1", "layer2", "layer3"]),
    ],
    ids=str,
)
def test_our_networks_fall_into_their_layers(model: Any, wanted: list[str]) -> None:
    net = without_last_layer(model.build((1, 8, 8), 3, LayerInsertion()))
    found = stages(net)
    assert [stage.name for stage in found] == wanted
    assert {id(p) for stage in found for _, p in stage.tensors()} == {id(p) for p in net.parameters()}
    buffers = [name for stage in found for name, _ in stage.buffers()]
    assert buffers == [name for name, _ in net.named_buffers()]


def test_blocks_as_plain_data() -> None:
    model = Transfer.model_validate({"freezing": {"kind": "gradual", "every": 2}, "rates": ((1, 0.5),)})
    blocks = blocks_of(model, (1, 8, 8), 10, epochs=8)
    assert [(b.number, b.name, b.shape, b.is_head) for b in blocks] == [
        (1, "conv1", (48, 4, 4), False),
        (2, "conv2", (384,), False),
        (3, "head", (10,), True),
    ]
    assert [b.parameters for b in blocks] == [48 * 9 + 2 * 48, 48 * 96 * 9 + 2 * 96, 384 * 10 + 10]
    # 8×8 pixels: convolution, norm and ReLU, then half the side from pooling.
    side = 8
    assert blocks[0].memory == 4 * 48 * (3 * side * side + (side // 2) ** 2)
    assert [b.rate for b in blocks] == [0.5, 0.1, 1.0]
    assert [b.frozen for b in blocks] == [True, True, False] and [b.thaws for b in blocks] == [4, 2, 0]
    assert blocks[0].words == "convolution 3×3, batch norm, ReLU, max pooling" and blocks[0].norm


# --- front and head ------------------------------------------------------------------------------------------------


def test_the_front_normalizes_as_the_weights_did_and_turns_colour_into_gray() -> None:
    x = torch.rand(2, 3, 4, 4)
    gray = Front(1, (4, 4), (0.3,), (0.2,))(x)
    wanted = (0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2] - 0.3) / 0.2
    torch.testing.assert_close(gray[:, 0], wanted)
    colour = Front(3, (4, 4), (0.1, 0.2, 0.3), (1.0, 0.5, 0.25))(x[:, :1])
    for channel, (m, s) in enumerate([(0.1, 1.0), (0.2, 0.5), (0.3, 0.25)]):
        torch.testing.assert_close(colour[:, channel], (x[:, 0] - m) / s)


@pytest.mark.parametrize("size", [(40, 60), (8, 16), (23, 17), (16, 16)], ids=str)
def test_the_front_resizes_the_shorter_side_and_cuts_the_centre_as_pillow_does(size: tuple[int, int]) -> None:
    pixels = np.random.Generator(np.random.PCG64(3)).random(size, dtype=np.float32)
    made = Front(1, (16, 16), (0.0,), (1.0,))(torch.from_numpy(pixels)[None, None])[0, 0].numpy()
    scale = max(16 / size[0], 16 / size[1])
    high, wide = max(16, round(size[0] * scale)), max(16, round(size[1] * scale))
    whole = np.asarray(Image.fromarray(pixels).resize((wide, high), Image.Resampling.BILINEAR))
    top, left = (high - 16) // 2, (wide - 16) // 2
    np.testing.assert_allclose(made, whole[top : top + 16, left : left + 16], atol=2e-6)


def test_features_are_standardized_over_the_training_examples() -> None:
    training = set_up(transfer_spec(model__freezing__line=None))
    drive(train_loop(training), nothing, lambda event: None)
    net = training.network.module
    assert isinstance(net, TransferNet) and net.scale is not None
    x = training.data.examples.batch(training.data.split.train)[0]
    with torch.no_grad():
        seen = net.eval().scale(net.features(x))  # type: ignore[misc]
    assert net.scale.seen == len(training.data.split.train)
    torch.testing.assert_close(seen.mean(0), torch.zeros(384), atol=1e-4, rtol=0)
    spread = seen.std(0, correction=0)
    torch.testing.assert_close(spread[spread > 0], torch.ones_like(spread[spread > 0]), atol=1e-3, rtol=0)


def test_a_feature_that_never_changes_is_only_centred() -> None:
    scale = FeatureScale(2)
    scale.measure(torch.tensor([[5.0, 1.0], [5.0, 3.0]]))
    assert scale(torch.tensor([[5.0, 3.0]])).tolist() == [[0.0, 1.0]]


def test_without_the_head_it_is_the_file() -> None:
    """Every weight below the head is the file's, and with the file's own head the answers are its network's."""
    from workbench.engine.weights.find_weights import located

    path = located("letters")
    assert path is not None
    saved = load_file(path)
    net = set_up(transfer_spec()).network.module
    own = {name.removeprefix("net."): t for name, t in net.state_dict().items() if name.startswith("net.")}
    assert own and all(torch.equal(own[name], saved[name]) for name in own)


def test_random_weights_are_a_function_of_their_seed() -> None:
    def made(**edits: Any) -> dict[str, torch.Tensor]:
        return tensors(set_up(transfer_spec(model__start="random", **edits)).network.module, "net.")

    assert same(made(), made(loop__seed=5))
    assert not same(made(), made(model__network_seed=1))


def test_the_datas_own_size_where_the_network_allows_it() -> None:
    for side, features in ((8, 384), (16, 1536)):
        net = Transfer(size="data").build((1, side, side), 3, LayerInsertion())
        assert net(torch.zeros(2, 1, side, side)).shape == (2, 3)
        assert net.get_submodule("head.classifier").in_features == features


def test_pictures_smaller_than_the_network_can_take_are_refused_or_resized(tmp_path: Path) -> None:
    whole = adopted("squeezenet1_1", (3, 32, 32), 5)
    redraw(whole, 0)
    path = tmp_path / "squeezed.pt"
    torch.save(whole.net.state_dict(), path)
    with pytest.raises(WorkbenchError, match="at least 17×17 pixels"):
        Transfer(weights=str(path), size="data").build((3, 8, 8), 3, LayerInsertion())
    assert Transfer(weights=str(path)).build((3, 8, 8), 3, LayerInsertion())(torch.zeros(2, 3, 8, 8)).shape == (2, 3)


def test_weights_that_cannot_be_used_are_refused_before_the_first_step(tmp_path: Path) -> None:
    """Found by the loss, they would be called too high a rate."""
    made = CifarResNet(width=2).build((3, 32, 32), 10, LayerInsertion())
    CifarResNet(width=2).fill(made, 0)
    state = made.state_dict()
    nan = {**state, "conv1.weight": state["conv1.weight"] * float("nan")}
    whole = {name: tensor.to(torch.int8) for name, tensor in state.items()}
    for name, given, words in (
        ("nan", nan, "cannot be used. There are numbers that are none (NaN or infinity) in conv1.weight"),
        ("int8", whole, "holds quantized weights (conv1.weight"),
        ("channels", {**state, "conv1.weight": torch.zeros(2, 12, 3, 3)}, "pictures of 12 channels"),
        ("number", {**state, "linear.weight": torch.tensor(1.0)}, "is not known"),
        ("layers", {name: t for name, t in state.items() if "layer1.0" not in name}, "missing"),
    ):
        path = tmp_path / f"{name}.pth"
        torch.save(given, path)
        with pytest.raises(WorkbenchError) as caught:
            Transfer(weights=str(path)).build((3, 32, 32), 3, LayerInsertion())
        assert words in caught.value.message and path.name in caught.value.message


def test_the_old_head_does_not_matter(tmp_path: Path) -> None:
    made = CifarResNet(width=2).build((3, 32, 32), 100, LayerInsertion())
    CifarResNet(width=2).fill(made, 0)
    path = tmp_path / "hundred.pth"
    wrapped = {f"module.{name}": tensor for name, tensor in made.state_dict().items()}
    torch.save({"state_dict": {**wrapped, "module.linear.bias": torch.zeros(7)}, "epoch": 3}, path)
    assert Transfer(weights=str(path)).build((1, 8, 8), 3, LayerInsertion())(torch.zeros(2, 1, 8, 8)).shape == (2, 3)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "convnext_tiny"])
def test_layers_below_the_head_that_are_called_like_one_are_kept(name: str, tmp_path: Path) -> None:
    """``classifier.0`` of these networks is below the head: the last layer alone is replaced."""
    made = adopted(name, (3, 32, 32), 10)
    redraw(made, 0)
    path = tmp_path / "net.pth"
    torch.save({key.removeprefix("net."): tensor for key, tensor in made.state_dict().items()}, path)
    net = Transfer(weights=str(path), size="data").build((3, 32, 32), 3, LayerInsertion()).state_dict()
    assert net["net.net.classifier.0.weight"].equal(made.state_dict()["net.classifier.0.weight"])


def test_a_folder_is_no_file_of_weights(tmp_path: Path) -> None:
    problems = list(Transfer(weights=str(tmp_path)).problems(transfer_spec(), "model"))
    assert problems[0].message == f"is a folder: {tmp_path}. Choose the file of weights in it"


def test_dropout_stands_before_the_head() -> None:
    net = set_up(transfer_spec()).network.module
    assert [name for name, _ in net.get_submodule("head").named_children()] == ["scale", "dropout", "classifier"]


def test_points_one_class_and_many_channels_are_refused_with_a_sentence() -> None:
    for shape, classes, words in (
        ((2,), 3, "needs pictures"),
        ((3, 8, 8), 1, "one class"),
        ((4, 8, 8), 3, "4 channels"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            Transfer().build(shape, classes, LayerInsertion())


def test_missing_weights_are_a_problem_with_a_sentence_and_torch_is_not_needed_to_say_so() -> None:
    code = (
        "import sys\n"
        "from workbench.engine.spec.experiment import ExperimentSpec\n"
        "s = ExperimentSpec().edited('preprocessing', {'kind': 'none'})\n"
        "for w in ('', 'nowhere/net.pth', 'sonnets'):\n"
        "    found = s.edited('model', {'kind': 'transfer', 'weights': w}).problems()\n"
        "    assert [p.path for p in found] == ['model.weights'], found\n"
        "    print(found[0].message)\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "names no file" in lines[0] and all("Copy this file" in line for line in lines[1:])


def test_the_weights_own_normalization_wins_over_the_settings(tmp_path: Path) -> None:
    """With the default Normalize a network sees what it sees with None; any conflict has to be chosen, and is said."""
    usual, without = (transfer_spec(preprocessing={"kind": kind}) for kind in ("normalize", "none"))
    both, data = (usual.edited("model.normalization", choice) for choice in ("both", "data"))
    warned = [[(p.path, p.severity) for p in spec.problems()] for spec in (usual, without, both, data)]
    conflict = [("model.normalization", "warning")]
    assert warned == [[("preprocessing", "warning")], [], conflict, conflict]
    seen = [set_up(spec) for spec in (usual, without, both, data)]
    inputs = [run.data.examples.batch(np.arange(4))[0] for run in seen]
    logits = [run.network.module.eval()(x) for run, x in zip(seen, inputs, strict=True)]
    assert inputs[0].equal(inputs[1]) and logits[0].equal(logits[1])
    assert inputs[2].equal(inputs[3]) and not inputs[2].equal(inputs[0])
    front = seen[3].network.module.get_submodule("front")
    assert front.mean.unique().tolist() == [0.0] and front.std.unique().tolist() == [1.0]  # type: ignore[operator, union-attr]
    said = [n for spec in (usual, both) for n in run_in(tmp_path, spec)[1] if getattr(n, "code", "") == "preprocessing"]
    assert [(n.severity, n.message.partition(":")[0]) for n in said] == [  # type: ignore[union-attr]
        ("info", "preprocessing"),
        ("warning", "model.normalization"),
    ]
