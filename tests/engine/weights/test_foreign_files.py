"""Files of weights as frameworks and people leave them: what each is recognised as, or the sentence of refusal.

The window opens a file by ``describe``, the command ``evaluate`` by ``trained_file``: both must say the same.
"""

from __future__ import annotations

import argparse
import gzip
import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.weights.files import as_legacy, as_safetensors, as_zip, network, write
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.transfer.backbone import opened
from workbench.engine.weights.description import describe

STATE: dict[str, torch.Tensor] = dict(network().state_dict())
BODY = {name: tensor for name, tensor in STATE.items() if not name.startswith("linear.")}
HEAD = {name.removeprefix("linear."): tensor for name, tensor in STATE.items() if name.startswith("linear.")}
OPTIMIZER = {"state": {0: {"exp_avg": torch.ones(5), "step": torch.tensor(3.0)}}, "param_groups": [{"lr": 0.1}]}
#: What training scripts keep of their command line.
ARGUMENTS = argparse.Namespace(
    lr=0.1, data=Path("/data/pets"), more=SimpleNamespace(sizes=[1, 2]), log=defaultdict(list, loss=[0.5, 0.25])
)
LIGHTNING = {"epoch": 7, "pytorch-lightning_version": "2.5.1", "optimizer_states": [OPTIMIZER], "lr_schedulers": []}
WHOLE = "all 116 tensors match"


def named(prefix: str, state: dict[str, torch.Tensor] = STATE) -> dict[str, torch.Tensor]:
    return OrderedDict((prefix + name, tensor) for name, tensor in state.items())


def counters(*names: str) -> dict[str, torch.Tensor]:
    return {name: torch.zeros(3, dtype=torch.long) for name in names}


#: Whole networks: name, content, what the notes say.
GOOD: tuple[tuple[str, Callable[[], bytes], tuple[str, ...]], ...] = (
    ("plain.pt", lambda: as_zip(STATE), ()),
    ("legacy.th", lambda: as_legacy(STATE), ()),
    ("plain.safetensors", lambda: as_safetensors(STATE), ()),
    ("half.pt", lambda: as_zip({n: t.half() if t.is_floating_point() else t for n, t in STATE.items()}), ()),
    ("bf16.pt", lambda: as_zip({n: t.bfloat16() if t.is_floating_point() else t for n, t in STATE.items()}), ()),
    ("lightning.ckpt", lambda: as_zip({**LIGHTNING, "state_dict": named("model.")}), ("“model.”",)),
    (
        "class_weights.ckpt",
        lambda: as_zip({**LIGHTNING, "state_dict": named("model.") | {"loss_fn.weight": torch.ones(4)}}),
        ("Left out", "loss_fn.weight", "“model.”"),
    ),
    (
        "criterion.ckpt",
        lambda: as_zip({"state_dict": named("net.") | {"criterion.weight": torch.ones(4)}}),
        ("criterion.weight", "“net.”"),
    ),
    (
        "counters.ckpt",
        lambda: as_zip({"state_dict": named("net.") | counters("train_acc.tp", "val_acc.fp", "test_f1.fn")}),
        ("train_acc.tp, val_acc.fp, test_f1.fn",),
    ),
    (
        "metrics.ckpt",
        lambda: as_zip({"state_dict": named("model.") | counters(*(f"val_metrics.m{k}.tp" for k in range(6)))}),
        ("val_metrics.m3.tp and 2 more",),
    ),
    ("compiled.pt", lambda: as_zip({"model": named("_orig_mod.module.")}), ("“_orig_mod.”", "“module.”")),
    ("parallel.pt", lambda: as_zip(named("module._orig_mod.")), ("“module.”", "“_orig_mod.”")),
    ("backbone.pt", lambda: as_zip(named("backbone.")), ("“backbone.”",)),
    ("network.pt", lambda: as_zip(named("network.net.")), ("“network.”", "“net.”")),
    ("average.pt", lambda: as_zip({"n_averaged": torch.tensor(450)} | named("module.")), ("n_averaged", "“module.”")),
    ("both.pth.tar", lambda: as_zip({"state_dict": STATE, "state_dict_ema": named("module.")}), ("left aside",)),
    ("ema_only.pt", lambda: as_zip({"epoch": 3, "model_ema": named("module.")}), ("“model_ema”",)),
    ("ema_model.pt", lambda: as_zip(named("ema_model.") | {"initted": torch.tensor(1)}), ("initted", "“ema_model.”")),
    ("state.pt", lambda: as_zip({"epoch": 1, "model_state_dict": STATE, "optimizer": OPTIMIZER}), ("model_state",)),
    ("weights.pt", lambda: as_zip({"weights": STATE, "config": {"lr": 0.1, "sizes": [1, 2]}}), ("“weights”",)),
    (
        "numpy.pt",
        lambda: as_zip({"epoch": np.int64(12), "best": np.float64(0.9), "ok": np.bool_(True), "state_dict": STATE}),
        ("“state_dict”",),
    ),
    ("arguments.pth", lambda: as_zip({"model": STATE, "args": ARGUMENTS}), ("“model”",)),
    ("arguments.th", lambda: as_legacy({"model": STATE, "args": ARGUMENTS}), ("“model”",)),
    ("numpy32.th", lambda: as_legacy({"loss": np.float32(0.5), "model": STATE}), ("“model”",)),
    (
        "parameters.pt",
        lambda: as_zip({n: nn.Parameter(t) if t.is_floating_point() else t for n, t in STATE.items()}),
        (),
    ),
    *(
        (f"fc_{head}.pt", lambda head=head: as_zip(BODY | named(f"{head}.", HEAD)), ())
        for head in ("fc", "fc.1", "head", "classifier.0", "linear.1")
    ),
    (
        "fc_backbone.pt",
        lambda: as_zip(named("backbone.", BODY) | named("head.", HEAD)),
        ("“backbone.” was taken off the front of every name but head.weight, head.bias",),
    ),
)

#: Networks that are known but do not fit as they are; usable for transfer where the last item says so.
CHANGED: tuple[tuple[str, Callable[[], bytes], tuple[str, ...], bool], ...] = (
    ("missing.pt", lambda: as_zip({n: t for n, t in STATE.items() if n != "bn1.bias"}), ("bn1.bias", "missing"), False),
    (
        "shape.pt",
        lambda: as_zip(STATE | {"layer1.0.conv1.weight": torch.ones(2, 2, 5, 5)}),
        ("layer1.0.conv1.weight", "2 × 2 × 5 × 5", "2 × 2 × 3 × 3"),
        False,
    ),
    (
        "shortcuts.pt",
        lambda: as_zip(STATE | {"layer2.0.shortcut.0.weight": torch.ones(4, 2, 1, 1)}),
        ("layer2.0.shortcut.0.weight", "left over"),
        False,
    ),
    (
        "head_of_two.pt",
        lambda: as_zip(STATE | {"linear.0.weight": torch.ones(3, 8)}),
        ("linear.0.weight", "left over"),
        True,
    ),
    (
        "other_head.pt",
        lambda: as_zip(named("backbone.", BODY | named("linear.", HEAD)) | {"classifier.weight": torch.ones(3, 8)}),
        ("classifier.weight", "left over"),
        True,
    ),
    ("no_head.pt", lambda: as_zip(BODY), (), True),
)


def onnx(writer: bytes = b"pytorch") -> bytes:
    return b"\x08\x08\x12" + bytes([len(writer)]) + writer + b"\x1a\x052.5.1:\x9a\x01\n\x20" + bytes(range(256)) * 4


#: No weights that can be read: name, content, what the sentence says.
REFUSED: tuple[tuple[str, Callable[[], bytes], tuple[str, ...]], ...] = (
    ("optimizer.pt", lambda: as_zip(OPTIMIZER), ("state of an optimizer",)),
    ("nothing.pt", lambda: as_zip({"epoch": 1}), ("no table of weights",)),
    ("two.pt", lambda: as_zip({"generator": STATE, "critic": STATE}), ("generator, critic",)),
    ("whole_network.pt", lambda: as_zip(nn.Linear(2, 2)), ("run code", "torch.save(model.state_dict()")),
    ("whole_network.th", lambda: as_legacy(nn.Linear(2, 2)), ("run code", "torch.save(model.state_dict()")),
    ("call.pth", lambda: as_zip({"model": STATE, "args": argparse.Namespace(f=print)}), ("run code", "print")),
    ("option.pth", lambda: as_zip({"model": STATE, "args": argparse.Action([], "a")}), ("argparse.Action",)),
    ("objects.pt", lambda: as_zip({"model": STATE, "names": np.array(["a"], object)}), ("run code", "numpy")),
    ("model.pkl", lambda: pickle.dumps({"a": [1, 2]}), ("pickle of Python objects",)),
    ("model.onnx", onnx, ("ONNX", "state_dict of the PyTorch network")),
    ("renamed.pt", lambda: onnx(b"tf2onnx"), ("ONNX",)),
    ("model.h5", lambda: b"\x89HDF\r\n\x1a\n" + bytes(2000), ("HDF5", "Keras", "Bring a file of weights")),
    ("saved_model.pb", lambda: b"\x08\x01\x12\xf2\x01" + bytes(range(256)) * 3, ("TensorFlow",)),
    ("model.tflite", lambda: b"\x1c\0\0\0TFL3" + bytes(200), ("TensorFlow Lite (.tflite)",)),
    ("packed.pt.gz", lambda: gzip.compress(as_zip(STATE)), ("gzip", "unpack it first")),
    ("page.pt", lambda: b"<!doctype html><html>Sign in</html>", ("web page", "Download it again")),
    ("pointer.pt", lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", ("Git LFS",)),
    ("cut.pt", lambda: as_zip(STATE)[:20_000], ("cut off or damaged", "again")),
    ("language.gguf", lambda: b"GGUF" + bytes(100), ("GGUF",)),
    ("numbered.pt", lambda: as_zip({"0.0.weight": torch.ones(2, 3, 3, 3)}), ()),
    ("variance.pt", lambda: as_zip(STATE | {"bn1.running_var": -torch.ones(2)}), ("negative variances", "bn1.running")),
    ("none.pt", lambda: as_zip(STATE | {"bn1.bias": torch.full((2,), torch.nan)}), ()),
)


def ids(table: tuple[tuple[Any, ...], ...]) -> list[str]:
    return [each[0] for each in table]


def test_there_are_at_least_forty() -> None:
    assert len({*ids(GOOD), *ids(CHANGED), *ids(REFUSED)}) >= 40


@pytest.mark.parametrize(("name", "content", "words"), GOOD, ids=ids(GOOD))
def test_whole_networks(tmp_path: Path, name: str, content: Callable[[], bytes], words: tuple[str, ...]) -> None:
    path = write(tmp_path, content(), name)
    said = describe(path)
    assert said.usable and said.verdict == f"ResNet for small pictures: ResNet-20, width 2, 4 classes: {WHOLE}."
    notes = " ".join(said.notes)
    assert all(each in notes for each in words) and bool(words) == bool(notes)
    file = trained_file(path)
    assert (file.file.notes == said.notes and sorted(file.recognised.names) == sorted(STATE)) or "fc" in name


@pytest.mark.parametrize(("name", "content", "words", "reusable"), CHANGED, ids=ids(CHANGED))
def test_changed_networks_give_a_table(
    tmp_path: Path, name: str, content: Callable[[], bytes], words: tuple[str, ...], reusable: bool
) -> None:
    path = write(tmp_path, content(), name)
    said = describe(path)
    assert not said.usable and said.reusable is reusable
    assert ("below the head match" if reusable else "ResNet-20, width 2, but it does not fit") in said.verdict
    wrong = "has another head than" if reusable else "is most like ResNet for small pictures: ResNet-20"
    with pytest.raises(WorkbenchError, match=wrong) as refused:
        trained_file(path)
    table = () if reusable else ("layer", "saved", "expected", *words)
    assert all(each in refused.value.message for each in table)
    backbone = opened(str(path))
    if reusable:
        assert sum(1 for _ in backbone.network((32, 32), 0, True).parameters())
    else:
        with pytest.raises(WorkbenchError, match="do not fit the network"):
            backbone.network((32, 32), 0, True)


@pytest.mark.parametrize(("name", "content", "words"), REFUSED, ids=ids(REFUSED))
def test_what_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: Callable[[], bytes], words: tuple[str, ...]
) -> None:
    path = write(tmp_path, content(), name)
    with pytest.raises(WorkbenchError) as refused:
        trained_file(path)
    assert str(path) in refused.value.message and all(each in refused.value.message for each in words)
    if words and name != "variance.pt":
        with pytest.raises(WorkbenchError) as window:
            describe(path)
        assert window.value.message == refused.value.message
    else:  # tensors, which the window lists
        assert not describe(path).usable and not describe(path).reusable


def test_a_folder_of_tensorflow_is_named(tmp_path: Path) -> None:
    write(tmp_path, b"\x08\x01", "saved_model.pb")
    with pytest.raises(WorkbenchError, match="SavedModel of TensorFlow"):
        trained_file(tmp_path)
