"""A trained network used again: its blocks, front and head, the proof, cached features."""

from __future__ import annotations

import hashlib
import json
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
from tests.engine.helpers import nothing, record
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Certified, Command, Edit, EpochEnded, Event, Notice, RunEnded, Stepped, Stop
from workbench.engine.core.observed import LayerStats, Watched
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.torchvision_nets import adopted, redraw
from workbench.engine.report.layer_stats import numbers
from workbench.engine.run_store.run_folder import RunFolder, read_events
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train, train_loop
from workbench.engine.training.practice import practice_step
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.transfer.blocks import blocks_of
from workbench.engine.transfer.net import FeatureScale, Front, TransferNet
from workbench.engine.transfer.reuse import NOTHING_LEFT
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
        ("int8", whole, "are whole numbers (conv1.weight: int8)"),
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


# --- the proof -----------------------------------------------------------------------------------------------------


def run_in(folder: Path, spec: ExperimentSpec, commands: Any = nothing) -> tuple[RunContext, list[Event], Path]:
    run_folder = RunFolder.create(spec, folder)
    training = set_up(spec, run_folder)
    events: list[Event] = []
    drive(
        train_loop(training),
        lambda event: commands(event, training) if commands is not nothing else None,
        events.append,
    )
    return training, events, run_folder.path


def test_the_certificate_proves_every_frozen_tensor(tmp_path: Path) -> None:
    training, events, folder = run_in(tmp_path, transfer_spec())
    proof = next(e for e in events if isinstance(e, Certified))
    assert proof.proven and not proof.broken and proof in tuple(read_events(folder))
    table = json.loads((folder / "certificate.json").read_text())
    state = training.network.module.state_dict()
    named = {row["tensor"]: row for row in table["frozen"]}
    wanted = [name for name in state if name.startswith(("net.conv1", "front."))]
    assert set(named) == set(wanted) and proof.tensors == len(wanted)
    for name, row in named.items():
        t = state[name]
        by_hand = hashlib.sha256(f"{tuple(t.shape)} {t.dtype} ".encode() + t.numpy().tobytes()).hexdigest()
        assert row["sha256_before"] == row["sha256_after"] == by_hand and row["unchanged"]
        assert (row["from_step"], row["to_step"]) == (0, table["steps"])
    assert named["net.conv1_norm.running_mean"]["block"] == "net.conv1"
    changed = {row["tensor"]: row.get("relative_change") for row in table["changed"]}
    assert "net.conv2.weight" in changed and "head.classifier.weight" in changed and not set(changed) & set(named)
    start = set_up(transfer_spec()).network.module.state_dict()["net.conv2.weight"].double()
    by_hand_change = float((state["net.conv2.weight"].double() - start).norm() / start.norm())
    assert changed["net.conv2.weight"] == pytest.approx(by_hand_change)
    shares = dict(zip(proof.changed, proof.shares, strict=True))
    assert shares["head"] is None  # it began at zero
    weights = [n for n, t in training.network.module.named_parameters() if n.startswith("net.conv2")]
    began = set_up(transfer_spec()).network.module.state_dict()
    moved = torch.cat([(state[n] - began[n]).flatten().double() for n in weights]).norm()
    length = torch.cat([began[n].flatten().double() for n in weights]).norm()
    assert shares["net.conv2"] == pytest.approx(float(moved / length))
    assert 0 < shares["net.conv2"] < 1
    counters = {r["tensor"]: r["counted"] for r in table["changed"] if r["tensor"].endswith("num_batches_tracked")}
    assert counters and set(counters.values()) == {float(table["steps"])}, "counted, and no change of weights"


@pytest.mark.parametrize(
    "what", ["net.conv1.weight", "net.conv1_norm.running_var", "net.conv1_norm.num_batches_tracked"]
)
def test_a_frozen_tensor_that_changes_fails_the_run(tmp_path: Path, what: str) -> None:
    def fault(event: Event, training: RunContext) -> Command | None:
        if isinstance(event, Stepped) and event.step == 2:
            with torch.no_grad():
                tensor = training.network.module.state_dict()[what].view(-1)
                tensor[0] = torch.nextafter(tensor[0], tensor[0] + 1) if tensor.is_floating_point() else 5
        return None

    _, events, folder = run_in(tmp_path, transfer_spec(), fault)
    ended = events[-1]
    assert isinstance(ended, RunEnded) and ended.reason == "failed"
    assert what in ended.message and "Do not trust" in ended.message
    assert not json.loads((folder / "certificate.json").read_text())["proven"]


def test_what_was_frozen_for_a_while_is_proven_for_that_while(tmp_path: Path) -> None:
    def move(event: Event, training: RunContext) -> Command | None:
        moves = {2: 0, 4: 2}
        return (
            Edit("model.freezing.line", moves[event.step])
            if isinstance(event, Stepped) and event.step in moves
            else None
        )

    asked: set[int] = set()

    def once(event: Event, training: RunContext) -> Command | None:
        if isinstance(event, Stepped) and event.step in asked:
            return None
        if isinstance(event, Stepped):
            asked.add(event.step)
        return move(event, training)

    _, _, folder = run_in(tmp_path, transfer_spec(loop__epochs=3), once)
    table = json.loads((folder / "certificate.json").read_text())
    frozen = {r["tensor"] for r in table["frozen"]}
    always = {r["tensor"] for r in table["frozen"] if (r["from_step"], r["to_step"]) == (0, table["steps"])}
    proof = next(e for e in read_events(folder) if isinstance(e, Certified))
    partly = f"{len(frozen - always)} that were frozen for a part of it did not change while they were"
    assert partly in proof.words and proof.words.endswith(f"{len(table['changed'])} have changed in all.")
    spans = [(r["from_step"], r["to_step"]) for r in table["frozen"] if r["tensor"] == "net.conv1.weight"]
    assert spans == [(0, 2), (4, table["steps"])] and table["proven"]
    assert [(r["from_step"]) for r in table["frozen"] if r["tensor"] == "net.conv2.weight"] == [4]


def test_a_restored_run_is_certified_as_if_never_stopped() -> None:
    """What was measured at the start of the run has not changed since."""
    first, saved, proofs = set_up(head_only()), [], []
    for event in train_loop(first):
        if isinstance(event, Stepped) and event.step == 2:
            saved.append(first.state.state())
        proofs += [event] if isinstance(event, Certified) else []
    again = set_up(head_only())
    again.state.restore(saved[0])
    proofs += [event for event in train_loop(again) if isinstance(event, Certified)]
    assert proofs[0] == proofs[1] and proofs[0].words.endswith("; 2 others changed.")


def test_a_stopped_run_is_certified_too(tmp_path: Path) -> None:
    def stop(event: Event, training: RunContext) -> Command | None:
        return Stop() if isinstance(event, Stepped) and event.step == 1 else None

    _, events, _ = run_in(tmp_path, transfer_spec(), stop)
    assert isinstance(events[-1], RunEnded) and events[-1].reason == "stopped"
    assert any(isinstance(e, Certified) and e.proven for e in events)


# --- cached features -----------------------------------------------------------------------------------------------


def head_only(**edits: Any) -> ExperimentSpec:
    return transfer_spec(model__freezing={"kind": "line"}, **edits)


def test_cached_features_give_the_same_run_within_rounding() -> None:
    cached, plain = record(head_only()), record(head_only(model__cache_features=False))
    a, b = (each.steps.read(0)[1][:, 0] for each in (cached, plain))
    np.testing.assert_allclose(a, b, rtol=1e-4)
    for left, right in zip(cached.of(EpochEnded), plain.of(EpochEnded), strict=True):
        assert left.val.loss == pytest.approx(right.val.loss, rel=1e-4)


def test_the_backbone_runs_once_and_never_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    training = set_up(head_only(loop__epochs=4))
    training.network.module.get_submodule("net.conv1").register_forward_hook(lambda _m, i, _o: seen.append(len(i[0])))
    drive(train_loop(training), nothing, lambda event: None)
    train, val = len(training.data.split.train), len(training.data.split.val)
    assert sum(seen) == train + (train + val)  # for the scale of the features, then for the features


@pytest.mark.parametrize(
    "edits",
    [
        {"augmentations": [{"kind": "horizontal_flip"}]},
        {"model__freezing": {"kind": "line", "line": 1}},
        {"model__trainable": (1,)},
        {"model__cache_features": False},
    ],
    ids=["augmentation", "line", "exception", "off"],
)
def test_nothing_is_cached_where_something_below_can_change(edits: dict[str, Any]) -> None:
    training = set_up(head_only().edited("loop.epochs", 1))
    for path, value in edits.items():
        training = set_up(training.initial.edited(path.replace("__", "."), value))
    drive(train_loop(training), nothing, lambda event: None)
    assert training.network.reuse.features is None
    control = set_up(head_only(loop__epochs=1))
    drive(train_loop(control), nothing, lambda event: None)
    assert control.network.reuse.features is not None


def test_features_are_dropped_at_the_thaw_and_made_anew_when_all_is_frozen_again() -> None:
    training = set_up(head_only(loop__epochs=3))
    held: list[Any] = []
    moves = {2: 1, 5: None}

    def command(event: Event) -> Command | None:
        if isinstance(event, Stepped):
            held.append(training.network.reuse.features)
            if event.step in moves:
                return Edit("model.freezing.line", moves.pop(event.step))
        return None

    drive(train_loop(training), command, lambda event: None)
    assert held[0] is not None and held[3] is None and held[-1] is not None and held[-1] is not held[0]
    net = training.network.module
    assert isinstance(net, TransferNet)
    with torch.no_grad():
        fresh = net.eval().features(training.data.examples.batch(training.data.split.val)[0])
    torch.testing.assert_close(training.network.reuse.features.batch(training.data.split.val)[0], fresh)  # type: ignore[union-attr]


def test_the_same_spec_gives_the_same_bits_with_cached_features() -> None:
    assert record(head_only()).numbers() == record(head_only()).numbers()


def test_stop_while_features_are_computed_ends_the_run() -> None:
    from workbench.engine.core.events import EvalProgress

    training = set_up(head_only())
    events: list[Event] = []
    drive(train_loop(training), lambda e: Stop() if isinstance(e, EvalProgress) else None, events.append)
    assert isinstance(events[-1], RunEnded) and events[-1].reason == "stopped"
    assert not any(isinstance(e, Stepped) for e in events)


def test_members_of_an_ensemble_share_the_backbone_and_each_is_certified(tmp_path: Path) -> None:

    spec = head_only(ensemble={"kind": "independent", "members": 2})
    folder = RunFolder.create(spec, tmp_path)
    events: list[Event] = []
    ended = drive(train(spec, folder), nothing, events.append)
    assert ended.reason == "completed", ended
    said = [e.words[:9] for e in events if isinstance(e, Certified)]
    assert said == ["Member 1:", "Member 2:"]
    for number in (1, 2):
        assert json.loads((folder.path / f"member-{number}" / "certificate.json").read_text())["proven"]


def test_members_of_an_ensemble_refuse_to_freeze_everything() -> None:
    from workbench.engine.ensemble.training import EnsembleTraining

    ensemble = EnsembleTraining(train_loop, head_only(ensemble={"kind": "independent", "members": 2}))
    run = ensemble.run()
    next(run)
    answer = run.send(Edit("model.frozen", [3]))
    run.close()
    assert isinstance(answer, Notice) and (answer.code, answer.message) == ("edit_refused", NOTHING_LEFT)
    assert ensemble.spec.at("model.frozen") == ensemble.members[0].context.spec.at("model.frozen") == ()


def test_the_layers_are_seen_where_the_head_trains_on_cached_features() -> None:
    run = record(head_only(loop__diagnostics=1))
    rows = [numbers(row) for stats in run.of(LayerStats) for row in stats.layers]
    assert {row.name for stats in run.of(LayerStats) for row in stats.layers} == {"head.classifier"}
    assert len(rows) == run.steps.count and all(row.returned is not None for row in rows)
    assert rows[-1].std > 0.0 and rows[-1].update_ratio  # the head may begin with zeros


def test_a_number_of_a_block_can_be_watched_once_it_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.diagnostics import weight_probe

    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", 0.0)
    thaws = {"kind": "transfer", "freezing": {"kind": "head_first", "epochs": 1, "line": 0}}
    name = next(n for n, p in set_up(head_only()).network.module.named_parameters() if p.dim() > 1)
    seen = record(transfer_spec(model=thaws, loop__watch=f"{name}[3]")).of(Watched)
    assert (seen[0].parameter, seen[-1].parameter) == ("head.classifier.weight", name)


def test_where_the_watched_number_is_frozen_another_one_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.diagnostics import weight_probe

    def freeze(event: Event) -> Command | None:
        return Edit("model.frozen", [1]) if isinstance(event, Stepped) and event.step == 2 else None

    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", 0.0)
    learns = {"kind": "transfer", "freezing": {"kind": "line", "line": 0}}
    seen = record(transfer_spec(model=learns), freeze).of(Watched)
    first = seen[0].parameter
    assert [w.parameter == first for w in seen[:4]] == [True, True, False, False]


def test_the_range_test_works_with_frozen_parts() -> None:
    from workbench.engine.experiments.lr_finder import Sweep, range_test

    assert len(list(range_test(transfer_spec(), Sweep(1e-5, 1e-2, 10)))) == 10


def test_below_the_head_nothing_has_a_gradient() -> None:
    training = set_up(head_only(model__cache_features=False))
    practice_step(training, 1e-3)
    net = training.network.module
    assert all((p.grad is not None) == name.startswith("head.") for name, p in net.named_parameters())


def test_a_transfer_run_can_be_used_again_itself(tmp_path: Path) -> None:
    first, _, folder = run_in(tmp_path, transfer_spec())
    again = set_up(transfer_spec(model__weights=str(folder / "last.safetensors"), model__freezing__line=None))
    x = torch.rand(4, 1, 8, 8)
    with torch.no_grad():
        old, new = first.network.module.eval(), again.network.module.eval()
        assert isinstance(old, TransferNet) and isinstance(new, TransferNet)
        features = new.features(x)
        wanted = old.head.get_submodule("scale")(old.features(x))
    torch.testing.assert_close(features, wanted)
    assert drive(train_loop(again), nothing, lambda event: None).reason == "completed"
